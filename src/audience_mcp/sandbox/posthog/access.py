"""Who calls: personal API keys with their scopes and projects, a browser session, and the user they belong to.

Some endpoints serve signed-in browsers only and refuse every key. The real service knows a browser by its cookie;
the sandbox takes its session token there too (`sessionid`), or as a bearer token, so that those can be tried at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audience_mcp.sandbox.core import Call, Refusal
from audience_mcp.sandbox.world import Workspace, World


@dataclass(frozen=True, slots=True)
class Key:
    """A personal API key: `scopes` may hold `*`, `workspaces` are those it is limited to (their keys), None for all.

    `session` marks the token of a signed-in browser, which is no key and may do everything.
    """

    value: str
    label: str
    scopes: tuple[str, ...] = ("*",)
    workspaces: tuple[str, ...] | None = None
    session: bool = False

    def may(self, scope: str) -> bool:
        """Whether the key has `scope`; a write scope includes the read scope."""
        wanted = {"*", scope, scope.replace(":read", ":write")}
        return bool(wanted & set(self.scopes))


FULL = Key("phx_sandboxFullAccess0000000000000000000000001", "Sandbox, everything")
ONE_PROJECT = Key("phx_sandboxMainProjectOnly000000000000000002", "Sandbox, main project", workspaces=("main",))
READ_COHORTS = Key("phx_sandboxReadsCohorts00000000000000000003", "Sandbox, cohorts only", ("user:read", "cohort:read"))
OAUTH = Key("pha_sandboxAccessToken00000000000000000000006", "Sandbox, an app the user let in")
SESSION = Key("phs_sandboxBrowserSession00000000000000004", "Sandbox, signed-in browser", session=True)
OTHER_REGION = "phx_sandboxOfTheOtherRegion0000000000000005"  # a good key in its own region, which this is not
KEYS = {key.value: key for key in (FULL, ONE_PROJECT, READ_COHORTS, OAUTH, SESSION)}
COOKIE = "sessionid"


def authenticate(call: Call) -> Key:
    """The key of this request: a Bearer token, the field personal_api_key of a JSON body, or a browser's cookie.

    Raises:
        Refusal: There is none, it is a project token, or nobody in this region has it.
    """
    if call.request.cookies.get(COOKIE) == SESSION.value and not call.header("authorization"):
        return SESSION
    scheme, _, value = (call.header("authorization") or "").partition(" ")
    if not scheme and isinstance(call.body, dict):
        scheme, value = "bearer", str(call.body.get("personal_api_key") or "")
    if scheme.lower() != "bearer" or not value.strip():
        raise Refusal(401, "No API key was sent with this request.", code="not_authenticated")
    if value.strip().startswith("phc_"):
        raise Refusal(
            401,
            "This is a project token, which can only send events; a personal API key is needed.",
            code="authentication_failed",
        )
    key = KEYS.get(value.strip())
    if key is None:
        raise Refusal(401, "No such personal API key.", code="authentication_failed")
    return key


def require(key: Key, scope: str | None, in_project: bool) -> None:
    """Check that the key may do this; `scope` None means that no personal key may.

    Raises:
        Refusal: It may not.
    """
    if key.session:
        return
    if scope is None:
        raise Refusal(403, "This action does not support personal API keys.", code="permission_denied")
    for wanted in scope.split():
        if not key.may(wanted):
            raise Refusal(403, f"The API key lacks the scope '{wanted}'.", code="permission_denied")
    if not in_project and key.workspaces is not None and scope != "user:read":
        raise Refusal(
            403,
            "An API key limited to projects can only use endpoints that belong to a project.",
            code="permission_denied",
        )


def project_of(world: World, key: Key, project_id: str) -> Workspace:
    """The workspace whose project the path names; `@current` is the user's own.

    Raises:
        Refusal: There is no such project, or the key is limited to others.
    """
    for workspace in world.workspaces:
        if project_id in (str(workspace.posthog_project), "@current"):
            if key.workspaces is not None and workspace.key not in key.workspaces:
                raise Refusal(403, f"The API key has no access to project {project_id}.", code="permission_denied")
            return workspace
    raise Refusal(404, "Project not found.", code="not_found")


def project_token(workspace: Workspace) -> str:
    """The project's public token, which these endpoints refuse."""
    return f"phc_sandbox{workspace.key.capitalize()}{workspace.posthog_project:033d}"


def user(world: World) -> dict[str, Any]:
    """The user behind every key, as other objects mention them."""
    return {
        "id": 11,
        "uuid": world.identifier("posthog", "user"),
        "distinct_id": "sandbox-user-11",
        "first_name": "Robin",
        "last_name": "Meadow",
        "email": "robin@meadowandmain.example",
        "is_email_verified": True,
        "hedgehog_config": {"color": "green", "accessories": ["beret"], "walking_enabled": False},
        "role_at_organization": "data",
    }
