"""The giosg sandbox: workflow reports of a made-up retailer in giosg's own dialect, its two hosts under one mount."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Refusal, SandboxState, answer
from audience_mcp.sandbox.giosg import reports, sources
from audience_mcp.sandbox.giosg.service import ACCESS, NO_REPORTING, Service, token_of

__all__ = ["REMARKS", "environment", "refusal", "routes"]

REMARKS = (
    f"giosg takes {ACCESS}main as a Bearer token, as from OAuth.",
    f"giosg token {NO_REPORTING} lacks the reporting permission: 403, as for another organization.",
    "giosg reports filter by label (a goal's id) and action; any other property is a 406.",
)

WORKFLOWS = "/api/objectives/v1/orgs/{organization_id}/workflows"
WORKFLOW = "/api/reporting/workflow/v1/orgs/{organization_id}/workflows/{workflow_id}"


def routes(state: SandboxState) -> list[Route]:
    """Every endpoint; some end in a slash and some do not, as documented."""
    service = Service(state)
    return [
        service.user_route("/api/v5/users/me"),
        service.route("GET", WORKFLOWS, reports.list_workflows),
        service.workflow_route("GET", f"{WORKFLOW}/info/", reports.get_info),
        service.workflow_route("POST", f"{WORKFLOW}/query/", reports.query_report),
        service.workflow_route("POST", f"{WORKFLOW}/sidedata/", reports.get_side_data),
        service.workflow_route("POST", f"{WORKFLOW}/step/{{step_index}}", sources.step_source_data),
        service.workflow_route("POST", f"{WORKFLOW}/source_data", sources.source_data),
    ]


def environment(state: SandboxState, base: str) -> dict[str, str]:
    """One token per organization, and where both hosts are."""
    settings: dict[str, str] = {}
    for workspace, label in zip(state.world.workspaces, ("", "__OUTLET"), strict=True):
        settings[f"GIOSG_API_TOKEN{label}"] = token_of(workspace)
        settings[f"GIOSG_BASE_URL{label}"] = base
        settings[f"GIOSG_SERVICE_URL{label}"] = base
    return settings


def refusal(request: Request, refused: Refusal) -> Response:
    """A sentence under `detail`; an address that is none gets a page of HTML, as from a web server in front."""
    if refused.status == 404 and refused.message == "Not Found":
        return Response("<!doctype html><title>404</title><h1>Not Found</h1>", 404, media_type="text/html")
    return answer({"detail": refused.message}, refused.status)
