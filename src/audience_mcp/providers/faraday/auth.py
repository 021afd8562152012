"""Faraday: one bearer key per account; the account is the workspace, and acting in another one means another key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from audience_mcp.openapi.operation import Identity
from audience_mcp.providers.base import Login, Provider, Surroundings, Token, Workspace, text_of
from audience_mcp.settings import Variable


class FaradayLogin(Login):
    """A key that does not end and belongs to one account."""

    async def token(self, identity: Identity, workspace: Workspace | None, event: str | None = None) -> Token:
        key = self._secret("api_key", "FARADAY_API_KEY")
        return Token({"Authorization": SecretStr(f"Bearer {key}")})

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._own = Workspace("faraday", None, label=self.credential.label)

    def own_workspace(self) -> Workspace:
        return self._own

    async def workspaces(self) -> list[Workspace]:
        account = await self._ask("get_current_account", {}, await self.token("workspace", None))
        found = account if isinstance(account, dict) else {}
        self._own = replace(self._own, id=text_of(found.get("id")), name=text_of(found.get("name")))
        return [self._own]

    def status(self) -> dict[str, str]:
        return {"form": "account key"}


class Faraday(Provider):
    """Faraday's place in the registry."""

    id = "faraday"
    title = "Faraday"
    workspace_word = "account"
    variables = (
        Variable("api_key", "FARADAY_API_KEY", secret=True),
        Variable("base_url", "FARADAY_BASE_URL"),
    )
    document_path = Path(__file__).with_name("openapi.yaml")
    login = FaradayLogin
