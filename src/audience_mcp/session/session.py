"""The session: one log-in per credential, and the workspace a call runs in (DESIGN section 8)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from audience_mcp.errors import (
    AudienceError,
    CredentialsMissing,
    CredentialsRejected,
    NotFound,
    PermissionDenied,
    WorkspaceNotSelected,
    WorkspacePinned,
    WorkspaceUnknown,
)
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers.base import Login, Provider, Surroundings, Workspace
from audience_mcp.rest.client import Client
from audience_mcp.rest.patience import Patience
from audience_mcp.session.access import Access
from audience_mcp.session.asking import asker
from audience_mcp.session.endpoints import Endpoints, endpoints
from audience_mcp.session.twins import served_by
from audience_mcp.session.workspaces import (
    MOST_LISTED,
    Directory,
    Reached,
    by_label,
    exactly,
    nearest,
    same,
    shortened,
    told,
    unasked,
)
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Catalog


@dataclass(frozen=True, slots=True)
class _Account:
    """One provider's log-ins, where each answers, and what they reach."""

    provider: type[Provider]
    logins: Mapping[str, Login]
    endpoints: Mapping[str, Endpoints]
    directory: Directory


class Session:
    """Log-ins and selections of one principal (over stdio: of the process)."""

    def __init__(
        self,
        settings: Settings,
        providers: tuple[type[Provider], ...],
        catalog: Catalog,
        client: Client,
        patience: Patience,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._catalog, self._clock = settings, catalog, clock
        self._client, self._patience = client, patience
        self._providers = {provider.id: provider for provider in providers}
        self._accounts: dict[str, _Account] = {}
        self._selected: dict[str, Workspace] = {}
        self._changed: dict[str, Workspace] = {}
        self._configured: dict[str, Workspace] = {}

    async def access(self, operation: Operation, reference: str | None = None) -> Access:
        """What a call of `operation` may use; `reference` is the call's own workspace argument.

        Raises:
            CredentialsMissing: Nothing is configured for the provider.
            WorkspaceNotSelected, WorkspaceUnknown, WorkspacePinned: By the rules of DESIGN section 8.
        """
        account = self._account(operation.provider)
        if not operation.in_workspace:
            login = self._login_for(account, operation)
            return Access(account.provider, login, account.endpoints[login.credential.label])
        workspace = await self._workspace(account, reference, writes=operation.writes)
        changed = None
        if reference is None and not operation.writes and self._selected.get(operation.provider) is workspace:
            changed = self._changed.pop(operation.provider, None)
        workspace = _served(workspace, account, operation)
        login = account.logins[workspace.label]
        return Access(account.provider, login, account.endpoints[workspace.label], workspace, changed)

    def untold(self, access: Access) -> None:
        """Keep the change that `access` carried for the next read: its own call failed and could not tell it."""
        if access.changed_from is not None:
            self._changed.setdefault(access.provider.id, access.changed_from)

    async def explained(self, error: AudienceError, access: Access) -> AudienceError:
        """The error of a call; where it comes from a wrongly configured workspace, one that names the variable."""
        own = access.login.own_workspace()
        refused = isinstance(error, NotFound | PermissionDenied | CredentialsRejected) and error.status is not None
        if not refused or access.workspace is None or own is None or not same(own, access.workspace):
            return error
        return await access.login.stray() or error

    async def named(self, access: Access) -> Workspace | None:
        """The call's workspace with its name, where the provider tells it."""
        if access.workspace is None:
            return None
        return await self._account(access.provider.id).directory.named(access.workspace)

    async def reached(self, provider: str, *, fresh: bool = False) -> Reached:
        """Every workspace the provider's credentials reach."""
        return await self._account(provider).directory.all(**({"within": 0.0} if fresh else {}))

    async def select(self, reference: str, provider: str | None = None) -> tuple[Workspace | None, Workspace]:
        """Choose the workspace of later reads; returns what it was and what it is.

        Raises:
            WorkspaceUnknown: None fits, or several do.
            WorkspacePinned: The server is pinned to another one.
        """
        account, workspace = await self._find_anywhere(reference, provider)
        await self._check_pin(account, workspace)
        # The provider must accept it now; a selection that would fail later is no selection.
        login = account.logins[workspace.label]
        await login.token("workspace", workspace)
        own = login.own_workspace()
        stray = await login.stray() if own is not None and same(own, workspace) else None
        if stray is not None:
            raise stray
        return self.selected(workspace), workspace

    def selected(self, workspace: Workspace) -> Workspace | None:
        """Record that reads of this provider run in `workspace` from now on; returns the one before."""
        provider = workspace.provider
        before, _ = self.in_use(provider)
        self._selected[provider] = workspace
        # Reads last ran in the workspace before the first of several selections; going back to it is no change.
        ran_in = self._changed.pop(provider, before)
        if ran_in is not None and not same(ran_in, workspace):
            self._changed[provider] = ran_in
        return before

    async def check_selection(self, access: Access, reference: str) -> None:
        """Refuse a session operation whose choice could not be kept, before it is sent.

        Raises:
            WorkspacePinned: It would leave a pinned workspace.
            WorkspaceUnknown: The credentials do not reach it.
        """
        account = self._account(access.provider.id)
        await self._check_pin(account, await account.directory.find(reference))

    async def workspace_of(self, provider: str, reference: str) -> Workspace:
        """The workspace `reference` means at `provider`.

        Raises:
            WorkspaceUnknown: None fits, or several do.
        """
        return await self._account(provider).directory.find(reference)

    async def selected_by(self, access: Access, reference: str) -> Workspace | None:
        """Record a selection that a log-in made at the provider: the credential that made it serves it from now on."""
        found = await self._account(access.provider.id).directory.find(reference)
        return self.selected(served_by(found, access.login.credential.label))

    def in_use(self, provider: str) -> tuple[Workspace | None, Workspace | None]:
        """The workspaces of reads and of writes, as far as they are known without asking anybody."""
        account = self._account(provider)
        configured = self._configured.get(provider)
        reference = self._settings.workspaces.get(provider)
        if configured is None and reference is not None:
            configured = account.directory.seen(reference) or Workspace(provider, reference)
        configured = configured or self._own_only(account)
        return self._selected.get(provider) or configured, configured

    def known(self, provider: str) -> tuple[Workspace, ...]:
        """The workspaces in use and those reached before; nobody is asked."""
        found = [workspace for workspace in self.in_use(provider) if workspace]
        for workspace in self._account(provider).directory.known:
            if not any(same(workspace, other) for other in found):
                found.append(workspace)
        return tuple(found)

    def logins(self, provider: str) -> list[tuple[Login, Endpoints]]:
        """Each log-in of a provider with where it answers."""
        account = self._account(provider)
        return [(login, account.endpoints[label]) for label, login in account.logins.items()]

    # --- rules

    async def _workspace(self, account: _Account, reference: str | None, *, writes: bool) -> Workspace:
        if reference is not None:
            found = await account.directory.find(reference)
            await self._check_pin(account, found)
            return found
        if not self._settings.pin_workspace and not writes and account.provider.id in self._selected:
            return self._selected[account.provider.id]
        configured = await self._configured_workspace(account)
        if configured is not None:
            return configured
        reached = await account.directory.all()
        if reached.only is not None:
            return reached.only
        if reached.obstacle is not None:
            raise reached.obstacle
        word, count = account.provider.workspace_word, len(reached.workspaces)
        kind = "A write needs its own" if writes else "This read needs its"
        ways = "pass workspace with this call" + ("" if writes else ", or call select_workspace")
        raise WorkspaceNotSelected(
            f"{kind} {word}: {count} {'is' if count == 1 else 'are'} reached and none is configured"
            + (" (a selection serves reads only)." if writes and account.provider.id in self._selected else ".")
            + unasked(reached),
            f"Ask the user which {word} is meant, then {ways}. Known are: {told(reached.workspaces) or 'none'}.",
            provider=account.provider.id,
        )

    async def _configured_workspace(self, account: _Account) -> Workspace | None:
        provider = account.provider.id
        if provider in self._configured:
            return self._configured[provider]
        reference = self._settings.workspaces.get(provider)
        if reference is not None:
            try:
                self._configured[provider] = await account.directory.find(reference)
            except WorkspaceUnknown as error:
                error.remedy += " The user corrects AUDIENCE_MCP_WORKSPACE (--workspace), where this one is configured."
                raise
            return self._configured[provider]
        return self._own_only(account)

    @staticmethod
    def _own_only(account: _Account) -> Workspace | None:
        """The workspace a single credential is by itself; it counts as configured by a person."""
        logins = account.directory.logins
        return logins[0].own_workspace() if len(logins) == 1 else None

    async def _check_pin(self, account: _Account, workspace: Workspace) -> None:
        if not self._settings.pin_workspace:
            return
        pinned = await self._configured_workspace(account) or (await account.directory.all()).only
        if pinned is None or not same(pinned, workspace):
            raise WorkspacePinned(
                f"The server is pinned to {pinned.title if pinned else 'its configured workspaces'};"
                f" {workspace.title} cannot be used.",
                "Leave the workspace argument out, or the user starts the server without --pin-workspace.",
                provider=account.provider.id,
                workspace=pinned.title if pinned else None,
            )

    async def _find_anywhere(self, reference: str, provider: str | None) -> tuple[_Account, Workspace]:
        if provider is not None:
            account = self._account(provider)
            return account, await account.directory.find(reference)
        found: list[tuple[_Account, Workspace]] = []
        seen: list[Workspace] = []
        problems: list[AudienceError] = []
        for configured in self._catalog.offer.providers:
            try:
                account = self._account(configured)
                matches, reached = await account.directory.matching(reference)
            except AudienceError as error:
                problems.append(error)
                continue
            found += [(account, workspace) for workspace in matches]
            seen += reached.workspaces
            problems += reached.problems
        if len(found) == 1:
            return found[0]
        if found:
            listed = "; ".join(
                f"{account.provider.id} {exactly(workspace)}" for account, workspace in found[:MOST_LISTED]
            )
            raise WorkspaceUnknown(
                f"{shortened(reference)!r} fits {len(found)} workspaces: {listed}.",
                "Pass provider, and the id as shown.",
            )
        missed = Reached(tuple(seen), tuple(problems))
        if missed.obstacle is not None:
            raise missed.obstacle
        near = nearest(reference, seen)
        raise WorkspaceUnknown(
            f"No provider has a workspace {shortened(reference)!r}."
            + (f" Did you mean {near!r}?" if near else "")
            + unasked(missed),
            "list_workspaces shows every workspace with its id.",
        )

    def _login_for(self, account: _Account, operation: Operation) -> Login:
        """The log-in for a call outside a workspace: the selected workspace's first, of those that can serve it."""
        needed = {supplied.field for supplied in operation.supplied if supplied.required}
        able = [
            login
            for login in account.logins.values()
            if login.serves(operation.tool.identity) and needed <= set(login.credential.secrets)
        ]
        chosen = self._selected.get(account.provider.id)
        preferred = by_label(able).get(chosen.label) if chosen else None
        return preferred or next(iter(able or account.logins.values()))

    def _account(self, provider_id: str) -> _Account:
        if provider_id not in self._accounts:
            provider = self._providers[provider_id]
            credentials = [c for c in self._settings.credentials if c.provider == provider_id]
            if not credentials:
                names = ", ".join(variable.name for variable in provider.variables if variable.secret)
                raise CredentialsMissing(
                    f"{provider.title} is not configured.",
                    f"The user sets its variables ({names}) in the server's environment and restarts it;"
                    " `audience-mcp doctor` tells what is missing, --sandbox works without any.",
                    provider=provider_id,
                )
            servers = self._catalog.servers(provider_id)
            places = {c.label: endpoints(provider, c, servers) for c in credentials}
            logins: dict[str, Login] = {}
            for credential in credentials:
                place = places[credential.label]
                ask = asker(provider_id, credential, place, self._catalog, self._client, self._patience)
                logins[credential.label] = provider.login(Surroundings(credential, ask, self._clock))
            able = [login for login in logins.values() if login.serves("workspace")]
            able = able or list(logins.values())
            directory = Directory(provider_id, provider.workspace_word, able, places, self._clock)
            self._accounts[provider_id] = _Account(provider, logins, places, directory)
        return self._accounts[provider_id]

    def status(self, provider_id: str) -> Mapping[str, Any]:
        """What `get_session` tells of one provider's log-ins, by label."""
        return {
            label or "(default)": {
                **login.status(),
                "region": self._account(provider_id).endpoints[label].region,
            }
            for label, login in self._account(provider_id).logins.items()
        }


def _served(workspace: Workspace, account: _Account, operation: Operation) -> Workspace:
    """The workspace served by a credential that can act as the operation wants (a key cannot be a user)."""
    for label in (workspace.label, *workspace.also):
        if account.logins[label].serves(operation.tool.identity):
            return served_by(workspace, label)
    return workspace
