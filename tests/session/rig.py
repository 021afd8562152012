"""A session over variables, as the server opens it, with a clock in the test's hand."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from audience_mcp import settings as settings_module
from audience_mcp.call.asker import Asker, NoAsker
from audience_mcp.call.sending import Sender
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers import PROVIDERS
from audience_mcp.providers.base import Login, Workspace
from audience_mcp.rest.client import Client
from audience_mcp.rest.patience import Patience
from audience_mcp.session.access import Access
from audience_mcp.session.session import Session
from audience_mcp.tools.catalog import Catalog, Offer

START = 1_800_000_000.0
MOST_BYTES = 1_000_000


class Clock:
    """Time that passes when a test says so."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """A wait that is over at once, for everything but the clock."""
        self.now += seconds

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class Rig:
    """One opened session and what surrounds it."""

    session: Session
    catalog: Catalog
    client: Client
    sender: Sender
    clock: Clock

    def operation(self, tool: str) -> Operation:
        provider, _, operation = tool.partition("_")
        return self.catalog.operation(provider, operation).operation

    async def access(self, tool: str, workspace: str | None = None) -> Access:
        return await self.session.access(self.operation(tool), workspace)

    async def call(
        self,
        tool: str,
        arguments: Mapping[str, Any] | None = None,
        workspace: str | None = None,
        asker: Asker | None = None,
    ) -> Any:
        """Send a tool's operation as the caller does, session operations included; what the model may know of it."""
        operation, own = self.operation(tool), dict(arguments or {})
        access = await self.session.access(operation, workspace)
        for argument in operation.arguments:
            if argument.session and argument.name not in own:
                own[argument.name] = access.login.session_value(argument.session)
        event = operation.tool.session or ""
        reference = access.login.selects(event, own)
        if reference is not None:
            await self.session.check_selection(access, reference)
        reply = await self.sender.send(operation, own, access, asker or NoAsker())
        answer = json.loads(reply.body or b"null")
        if not event:
            return answer
        told = access.login.learn(event, own, answer)
        if reference is not None:
            await self.session.selected_by(access, reference)
        return told

    def login(self, provider: str, label: str = "") -> Login:
        return {login.credential.label: login for login, _ in self.session.logins(provider)}[label]

    async def titles(self, provider: str) -> list[str]:
        return [workspace.title for workspace in await self.workspaces(provider)]

    async def workspaces(self, provider: str) -> list[Workspace]:
        return list((await self.session.reached(provider)).workspaces)


def open_rig(
    environment: Mapping[str, str],
    clock: Clock | None = None,
    client: Client | None = None,
    **flags: Any,
) -> Rig:
    """A session for these variables and flags, wired as `app` wires it."""
    clock = clock or Clock()
    declared = {provider.id: provider.variables for provider in PROVIDERS}
    settings = settings_module.read(declared, flags, environment)
    catalog = _catalog(settings.configured)
    client = client or Client(MOST_BYTES)
    patience = Patience(clock, clock.sleep)
    session = Session(settings, PROVIDERS, catalog, client, patience, clock)
    return Rig(session, catalog, client, Sender(catalog, client, patience), clock)


@cache
def _catalog(providers: tuple[str, ...]) -> Catalog:
    return Catalog(Offer(providers))


def jwt(**claims: Any) -> str:
    """A token as a provider would sign it; nobody here checks the signature."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)] + [b"signature"]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
