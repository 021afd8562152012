"""Who the key belongs to and which projects it reaches: users/@me, organizations, projects, the key itself."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Refusal, SandboxState, answer
from audience_mcp.sandbox.posthog.access import Key, project_of, project_token, user
from audience_mcp.sandbox.posthog.paging import page
from audience_mcp.sandbox.world import Workspace

OWNER = 15


class Directory:
    """Reads about the caller; every workspace is a project in an organization of its own."""

    def __init__(self, state: SandboxState) -> None:
        self._world = state.world

    def me(self, call: Call, key: Key) -> Response:
        """The user, whatever projects the key is limited to."""
        current = self._world.workspaces[0]
        return answer(
            {
                **user(self._world),
                "organizations": [_organization(workspace) for workspace in self._world.workspaces],
                "organization": _organization(current),
                "team": _team(current),
            }
        )

    def key(self, call: Call, key: Key) -> Response:
        """What the key may do."""
        return answer(
            {
                "id": key.value[-6:],
                "label": key.label,
                "scopes": list(key.scopes),
                "scoped_teams": [self._world.workspace(name).posthog_project for name in key.workspaces or ()],
                "scoped_organizations": [],
            }
        )

    def organizations(self, call: Call, key: Key) -> Response:
        """All organizations of the user."""
        return answer(page(call, [_whole_organization(workspace) for workspace in self._world.workspaces]))

    def organization(self, call: Call, key: Key) -> Response:
        """One organization."""
        return answer(_whole_organization(self._named(call)))

    def organization_projects(self, call: Call, key: Key) -> Response:
        """The projects of one organization, by name if asked."""
        return answer(page(call, self._projects(call, [self._named(call)])))

    def projects(self, call: Call, key: Key) -> Response:
        """The projects of the user's current organization."""
        return answer(page(call, self._projects(call, [self._world.workspaces[0]])))

    def project(self, call: Call, key: Key) -> Response:
        """One project."""
        workspace = project_of(self._world, key, str(call.path["project_id"]))
        call.runs_in(workspace.key)
        return answer(self._project(workspace))

    def _named(self, call: Call) -> Workspace:
        wanted = str(call.path["organization_id"])
        for workspace in self._world.workspaces:
            if wanted in (str(workspace.posthog_organization), "@current"):
                return workspace
        raise Refusal(404, "Not found.")

    def _projects(self, call: Call, workspaces: list[Workspace]) -> list[dict[str, Any]]:
        wanted = str(call.query.get("search", "")).lower()
        return [self._project(workspace) for workspace in workspaces if wanted in workspace.name.lower()]

    def _project(self, workspace: Workspace) -> dict[str, Any]:
        return {
            "id": workspace.posthog_project,
            "uuid": self._world.identifier("posthog", "project", workspace.key),
            "organization": workspace.posthog_organization,
            "api_token": project_token(workspace),
            "name": workspace.name,
            "timezone": workspace.timezone,
            "is_demo": False,
            "completed_snippet_onboarding": True,
            "ingested_event": True,
            "created_at": self._world.since,
        }


def _organization(workspace: Workspace) -> dict[str, Any]:
    return {"id": workspace.posthog_organization, "name": workspace.name}


def _whole_organization(workspace: Workspace) -> dict[str, Any]:
    return {
        **_organization(workspace),
        "slug": workspace.name.lower().replace(" & ", "-").replace(" ", "-"),
        "membership_level": OWNER,
        "members_can_use_personal_api_keys": True,
        "teams": [_team(workspace)],
        "projects": [{"id": workspace.posthog_project, "name": workspace.name}],
    }


def _team(workspace: Workspace) -> dict[str, Any]:
    return {
        "id": workspace.posthog_project,
        "name": workspace.name,
        "organization": workspace.posthog_organization,
        "timezone": workspace.timezone,
        "api_token": project_token(workspace),
    }
