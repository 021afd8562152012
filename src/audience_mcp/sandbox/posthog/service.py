"""The front door of the PostHog sandbox: who calls, in which project, what is wrong, and PostHog's error bodies."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, Problem, Refusal, SandboxState, answer, endpoint
from audience_mcp.sandbox.posthog import access
from audience_mcp.sandbox.posthog.project import Project

PROVIDER = "posthog"
TYPES = {400: "validation_error", 401: "authentication_error", 403: "authentication_error", 429: "throttled_error"}
CODES = {
    400: "invalid_input",
    404: "not_found",
    405: "method_not_allowed",
    415: "unsupported_media_type",
    429: "throttled",
}
Explain = Callable[[Call, Problem], Refusal]


class Service:
    """What the PostHog endpoints share; one per sandbox."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state
        self.projects = {workspace.key: Project(state, workspace) for workspace in state.world.workspaces}

    def route(
        self,
        method: str,
        path: str,
        handler: Callable[[Call, access.Key], Response],
        scope: str | None,
        in_project: bool = False,
    ) -> Route:
        """A route for keys that have `scope` (several, separated by spaces; None: no personal key at all)."""

        def respond(call: Call) -> Response:
            key = access.authenticate(call)
            access.require(key, scope, in_project)
            return handler(call, key)

        return endpoint(self.state, PROVIDER, method, path, respond)

    def project_route(
        self,
        method: str,
        path: str,
        handler: Callable[[Call, Project], Response],
        scope: str | None,
        explain: Explain | None = None,
        alone: bool = True,
    ) -> Route:
        """A route inside a project; `alone` keeps other requests from its cohorts meanwhile."""

        def respond(call: Call, key: access.Key) -> Response:
            try:
                workspace = access.project_of(self.state.world, key, str(call.path["project_id"]))
            except Refusal as unknown:
                if explain is None or unknown.status != 404:
                    raise
                raise explain(call, Problem("path", "project_id", "unknown", unknown.message)) from None
            call.runs_in(workspace.key)
            project = self.projects[workspace.key]
            for problem in call.problems:
                raise (explain or explained)(call, problem)
            with project.lock if alone else nullcontext():
                return handler(call, project)

        return self.route(method, path, respond, scope, in_project=True)


def explained(call: Call, problem: Problem) -> Refusal:
    """A request that breaks the document, in PostHog's words: its attr names the field."""
    if problem.place == "path":
        return Refusal(404, "Not found.")
    if problem.kind == "media":
        return Refusal(415, problem.message, type="invalid_request")
    if problem.kind == "malformed":
        return Refusal(400, problem.message, type="invalid_request", code="parse_error")
    code = "required" if problem.kind == "required" else "invalid_input"
    return Refusal(400, problem.message, code=code, attr=problem.name.replace(".", "__") or None)


def invalid(attr: str | None, message: str, code: str = "invalid_input") -> Refusal:
    """A 400 about one field."""
    return Refusal(400, message, code=code, attr=attr)


def refusal(request: Request, refused: Refusal) -> Response:
    """PostHog's envelope (type, code, detail, attr); a refusal may bring its own `body`, or be `empty`."""
    details = refused.details
    if details.get("empty"):
        return Response(status_code=refused.status)
    if "body" in details:
        return answer(details["body"], refused.status)
    status = refused.status
    kind = details.get("type") or TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request")
    code = details.get("code") or CODES.get(status, "error")
    body = {"type": kind, "code": code, "detail": refused.message, "attr": details.get("attr")}
    return answer(body, status)
