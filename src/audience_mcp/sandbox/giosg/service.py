"""The front door of the giosg sandbox: whose token it is, which organization and workflow, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, Refusal, SandboxState, answer, endpoint
from audience_mcp.sandbox.giosg.workflows import WORKFLOWS, Workflow
from audience_mcp.sandbox.world import Workspace, World

PROVIDER = "giosg"
ACCESS = "sandbox-giosg-access-token-"
NO_REPORTING = "sandbox-giosg-token-without-reporting-000003"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a request plays: the world, the organization, and the workflow it names."""

    world: World
    organization: Workspace
    workflow: Workflow


class Service:
    """What the giosg endpoints share; one per sandbox."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state
        self._world = state.world

    def user_route(self, path: str) -> Route:
        """The user of the token, with the one organization that user belongs to."""
        return endpoint(self._state, PROVIDER, "GET", path, self._me)

    def route(self, method: str, path: str, handler: Callable[[Call, World, Workspace], Response]) -> Route:
        """A route inside an organization."""

        def respond(call: Call) -> Response:
            return handler(call, self._world, self._organization(call))

        return endpoint(self._state, PROVIDER, method, path, respond)

    def workflow_route(self, method: str, path: str, handler: Callable[[Call, Scene], Response]) -> Route:
        """A route of one workflow's reports; needs the reporting permission."""

        def respond(call: Call) -> Response:
            organization = self._organization(call)
            if self._token(call) == NO_REPORTING:
                raise Refusal(403, "You do not have permission to perform this action.")
            for workflow in WORKFLOWS:
                if (
                    str(self._world.identifier("giosg", organization.key, workflow.name))
                    == str(call.path["workflow_id"]).lower()
                ):
                    return handler(call, Scene(self._world, organization, workflow))
            raise Refusal(404, "No data for this workflow.")

        return endpoint(self._state, PROVIDER, method, path, respond)

    def _me(self, call: Call) -> Response:
        organization = self._authenticated(call)
        return answer(
            {
                "id": self._world.identifier("giosg", organization.key, "user"),
                "email": "robin@meadowandmain.example",
                "first_name": "Robin",
                "last_name": "Meadow",
                "full_name": "Robin Meadow",
                "organization_id": organization.giosg_organization,
                "organization": {
                    "id": organization.giosg_organization,
                    "name": organization.name,
                    "script_tag": "<script>/* giosg sandbox */</script>",
                },
            }
        )

    def _organization(self, call: Call) -> Workspace:
        """The organization of the path, once caller and request are found in order."""
        own = self._authenticated(call)
        wanted = str(call.path["organization_id"]).lower()
        if wanted not in {str(workspace.giosg_organization) for workspace in self._world.workspaces}:
            raise Refusal(404, "There is no such organization.")
        if wanted != str(own.giosg_organization):
            raise Refusal(403, "You do not have permission to perform this action.")
        call.runs_in(own.key)
        for problem in call.problems:
            if problem.place == "path":
                raise Refusal(404, "No data for this address.")
            raise Refusal(400, f"{problem.name}: {problem.message}" if problem.name else problem.message)
        return own

    def _authenticated(self, call: Call) -> Workspace:
        token = self._token(call)
        if token == NO_REPORTING:
            return self._world.workspaces[0]
        for workspace in self._world.workspaces:
            if token in (token_of(workspace), access_token_of(workspace)):
                return workspace
        raise Refusal(401, "Invalid token." if token else "Authentication credentials were not provided.")

    @staticmethod
    def _token(call: Call) -> str:
        """An API token of scheme Token or an access token of scheme Bearer; neither is good in the other's place."""
        scheme, _, given = (call.header("authorization") or "").partition(" ")
        token = given.strip()
        return token if scheme.lower() == ("bearer" if token.startswith(ACCESS) else "token") else ""


def access_token_of(workspace: Workspace) -> str:
    """What an app has that the organization's user let in by OAuth."""
    return f"{ACCESS}{workspace.key}"


def token_of(workspace: Workspace) -> str:
    """The API token of the organization's user."""
    return f"sandbox-giosg-token-{workspace.key}-{workspace.synerise_id:016d}"
