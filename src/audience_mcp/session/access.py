"""Everything one call may use, frozen when the call begins: log-in, workspace, addresses."""

from __future__ import annotations

from dataclasses import dataclass

from audience_mcp.providers.base import Login, Provider, Workspace
from audience_mcp.session.endpoints import Endpoints


@dataclass(frozen=True, slots=True)
class Access:
    """What one call runs with; a later selection does not touch it.

    `changed_from` is the workspace that reads ran in before, on the first read after a selection.
    """

    provider: type[Provider]
    login: Login
    endpoints: Endpoints
    workspace: Workspace | None = None
    changed_from: Workspace | None = None

    @property
    def workspace_title(self) -> str | None:
        """Name and id of the workspace, for people."""
        return self.workspace.title if self.workspace else None

    @property
    def workspace_id(self) -> str | None:
        """The id that goes into a path."""
        return self.workspace.id if self.workspace else None
