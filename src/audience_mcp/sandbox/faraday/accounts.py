"""Faraday accounts: one key each; the outlet is a subaccount of the main shop."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Refusal, SandboxState, answer
from audience_mcp.sandbox.world import Workspace

FORM = "prod_fdysec_"
EXPIRED = f"{FORM}sandboxExpired000000000000000000"


class Accounts:
    """Who calls, and what they may see of accounts."""

    def __init__(self, state: SandboxState) -> None:
        self._world = state.world

    @property
    def keys(self) -> list[str]:
        """The key of every account, the main one first."""
        return [key_of(workspace) for workspace in self._world.workspaces]

    def authenticate(self, call: Call) -> Workspace:
        """The account whose key the request carries.

        Raises:
            Refusal: 401 with the code that says what is wrong with the key.
        """
        header = call.header("authorization")
        if header is None:
            raise Refusal(401, "No API key was given.", error="MISSING_API_KEY")
        scheme, _, key = header.partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise Refusal(401, "The Authorization header cannot be read.", error="INVALID_AUTHORIZATION")
        if not key.strip().startswith(FORM):
            raise Refusal(401, "This is not the form of an API key.", error="MALFORMED_API_KEY")
        if key.strip() == EXPIRED:
            raise Refusal(401, "This API key has ended.", error="EXPIRED_API_KEY")
        for workspace in self._world.workspaces:
            if key.strip() == key_of(workspace):
                return workspace
        raise Refusal(401, "No account has this API key.", error="INVALID_AUTHORIZATION")

    def list_accounts(self, call: Call, account: Workspace) -> Response:
        """The key's account and its subaccounts, or those of them that `ids` names."""
        wanted = call.query.get("ids")
        reached = [workspace for workspace in self._world.workspaces if self._reaches(account, workspace)]
        return answer([self._shown(one) for one in reached if wanted is None or str(one.faraday_account) in wanted])

    def get_current(self, call: Call, account: Workspace) -> Response:
        """The key's own account."""
        return answer(self._shown(account))

    def get_account(self, call: Call, account: Workspace) -> Response:
        """One account the key controls."""
        for workspace in self._world.workspaces:
            if str(workspace.faraday_account) == str(call.path["account_id"]).lower():
                if not self._reaches(account, workspace):
                    raise Refusal(403, "This key does not control that account.")
                return answer(self._shown(workspace))
        raise Refusal(404, "There is no account with this id.")

    def _reaches(self, account: Workspace, other: Workspace) -> bool:
        return account is other or account is self._world.workspaces[0]

    def _shown(self, workspace: Workspace) -> dict[str, Any]:
        parent = self._world.workspaces[0]
        return {
            "id": workspace.faraday_account,
            "name": workspace.name,
            "resource_type": "accounts",
            "status": "ready",
            "status_changed_at": self._world.since,
            "created_at": self._world.since,
            "updated_at": self._world.since,
            "archived_at": None,
            "parent_account_id": None if workspace is parent else parent.faraday_account,
            "api_key": key_of(workspace),
            "commitment": 120_000,
            "contract_started_at": self._world.since,
            "stripe_customer_id": f"cus_sandbox_{workspace.key}",
        }


def key_of(workspace: Workspace) -> str:
    """The account's API key: of Faraday's form, and plainly not a real one."""
    return f"{FORM}sandbox{workspace.key.capitalize()}{'0' * 20}"
