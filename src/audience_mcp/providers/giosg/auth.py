"""giosg: a user's API token; the workspace is the organization of that user, written into the path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import SecretStr

from audience_mcp.errors import AudienceError, InvalidArguments, NotFound, PermissionDenied, WorkspaceUnknown
from audience_mcp.openapi.operation import Identity
from audience_mcp.providers.base import Login, Provider, Token, Workspace, some, text_of
from audience_mcp.settings import Variable


class GiosgLogin(Login):
    """A token that lives as long as the user who made it."""

    _seen: str | None = None  # the configured organization, once giosg has answered for it

    async def token(self, identity: Identity, workspace: Workspace | None, event: str | None = None) -> Token:
        token = self._secret("api_token", "GIOSG_API_TOKEN")
        return Token({"Authorization": SecretStr(f"Token {token}")})

    def own_workspace(self) -> Workspace | None:
        organization = self.credential.plain.get("organization_id", "").strip()
        return Workspace("giosg", organization, label=self.credential.label) if organization else None

    async def workspaces(self) -> list[Workspace]:
        configured = self.own_workspace()
        self.unreached = None
        try:
            answer = await self._ask("get_current_user", {}, await self.token("workspace", None))
        except AudienceError as error:
            if configured is None:
                raise
            self.unreached, answer = error, None
        user: dict[str, Any] = answer if isinstance(answer, dict) else {}
        organization = user.get("organization")
        inner: dict[str, Any] = organization if isinstance(organization, dict) else {}
        found = text_of(user.get("organization_id")) or text_of(inner.get("id"))
        reached = []
        if found:
            reached.append(Workspace("giosg", found, text_of(inner.get("name")), self.credential.label))
        if configured and not any(workspace.ids & configured.ids for workspace in reached):
            # Access to a partner's organization is granted by permission and cannot be listed.
            reached.append(configured)
        return reached

    async def stray(self) -> AudienceError | None:
        configured = self.own_workspace()
        if configured is None or configured.id == self._seen:
            return None
        try:
            reached = await self.workspaces()
            if any(workspace.name and workspace.ids & configured.ids for workspace in reached):
                self._seen = configured.id
                return None
            # Another organization than the user's own may be a partner's: what it answers tells.
            await self._ask("list_workflows", {"organization_id": configured.id}, await self.token("workspace", None))
            self._seen = configured.id
            return None
        except (NotFound, PermissionDenied, InvalidArguments) as error:
            own = [workspace for workspace in reached if not workspace.ids & configured.ids]
            name = self._variable("GIOSG_ORGANIZATION_ID")
            return WorkspaceUnknown(
                f"{name} names the organization {configured.id}, which this token does not reach.",
                f"The user corrects {name} and restarts the server."
                + (f" The token's user belongs to {some(own)}." if own else ""),
                provider="giosg",
                status=error.status,
            )
        except AudienceError:
            return None

    def status(self) -> dict[str, str]:
        return {"form": "user API token"}


class Giosg(Provider):
    """giosg's place in the registry."""

    id = "giosg"
    title = "giosg"
    workspace_word = "organization"
    variables = (
        Variable("api_token", "GIOSG_API_TOKEN", secret=True),
        Variable("base_url", "GIOSG_BASE_URL"),
        Variable("service_url", "GIOSG_SERVICE_URL"),
        Variable("organization_id", "GIOSG_ORGANIZATION_ID"),
    )
    document_path = Path(__file__).with_name("openapi.yaml")
    login = GiosgLogin
    url_fields: ClassVar[Mapping[str, str]] = {"api": "base_url", "service": "service_url"}
