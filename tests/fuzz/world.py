"""A small sandbox with a pinned program over it, and the witness of what that program sent."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers import PROVIDERS
from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.journal import Entry
from audience_mcp.tools.own import UNDO_CHANGE

from .cases import Known

# By these and by the log-ins a provider tells who we are and which workspaces there are, those out of bounds too.
LOOKING = {
    *("get_current_account", "get_current_user", "get_current_key", "get_project", "list_projects"),
    *("check_permissions", "list_workspaces", "get_current_workspace"),
}
COUNTS = {"kind": "HogQLQuery", "query": "select event, count() from events group by event"}
DIRECTORY = {"name": "Spoilt", "analyticType": "FUNNEL"}
READS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("posthog_run_query", {"query": COUNTS}),
    ("posthog_list_persons", {}),
    ("synerise_list_funnels", {}),
    ("giosg_list_workflows", {}),
)


class Hours:
    """A clock that a call's waiting moves on, so that nobody sleeps."""

    def __init__(self) -> None:
        self._now = time.time()

    def __call__(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds


@dataclass(frozen=True)
class World:
    """`bold` sends whatever it is told to; `careful` is as everybody starts it, and asks before it destroys."""

    sandbox: Sandbox
    bold: App
    careful: App
    folder: Path
    operations: tuple[Operation, ...]

    @property
    def pinned(self) -> str:
        """The key of the one workspace that may be reached."""
        return self.sandbox.state.world.workspaces[0].key

    def secrets(self) -> list[str]:
        """What no answer may hold."""
        found = self.sandbox.environment("http://shop")
        return [value for name, value in found.items() if re.search("KEY|PASSWORD|TOKEN", name)]

    async def known(self) -> Known:
        """What the arguments may name."""
        told = [await self.bold.dispatcher.run(name, arguments, NoAsker()) for name, arguments in READS]
        handles = tuple(one.outcome.handle for one in told if one.outcome and one.outcome.handle)
        others: list[str] = []
        for other in self.sandbox.state.world.workspaces[1:]:
            ids = (other.synerise_guid, other.posthog_project, other.faraday_account, other.giosg_organization)
            others += [other.name, *map(str, ids)]
        names = tuple(tool["name"] for tool in self.bold.catalog.offered())
        one: dict[str, Any] = {"handle": handles[0]}
        samples: dict[str, dict[str, Any]] = {
            "read_result": one,
            "chart_result": one,
            "export_result": {**one, "format": "csv", "overwrite": True},
            "query_results": {"sql": f"SELECT * FROM {handles[0]}"},
            "describe_argument": {"tool": "posthog_create_cohort", "argument": "filters"},
            "select_workspace": {"workspace": self.sandbox.state.world.workspaces[0].name},
            "call_tool": {"name": "posthog_list_cohorts", "arguments": {}},
        }
        return Known(handles, (*others, "../".join(others[:2])), names, samples)

    async def change(self) -> str:
        """The id of a change that was made just now and can be taken back."""
        await self.bold.dispatcher.run("synerise_create_directory", DIRECTORY, NoAsker())
        listed = await self.bold.dispatcher.run("list_changes", {}, NoAsker())
        return str(re.findall(r"\bc_\w+", listed.text)[0])

    def sent(self) -> int:
        """How many requests there were so far."""
        return self.sandbox.journal.dropped + len(self.sandbox.journal)

    def since(self, before: int) -> list[Entry]:
        """The requests after the first `before`."""
        return self.sandbox.journal[before - self.sandbox.journal.dropped :] if self.sent() > before else []

    def looks(self, entry: Entry) -> bool:
        """Whether a request only logs in, or asks who and where we are."""
        return any(fits(one, entry) for one in self.operations if one.access == "session" or one.id in LOOKING)

    def own(self, operation: Operation | None, name: str) -> list[Operation]:
        """What a tool may send: its operation, and the reads that its document puts beside it."""
        if name == UNDO_CHANGE:
            return list(self.operations)
        return [] if operation is None else [operation, *self._beside(operation)]

    def _beside(self, operation: Operation) -> Iterator[Operation]:
        tool = operation.tool
        ids = {tool.names and tool.names.operation, tool.object and tool.object.operation}
        for one in self.operations:
            if one.provider == operation.provider:
                if one.id in ids and one.access == "read":
                    yield one
                if one.id in tool.each.values() or (tool.undo and one.id == tool.undo.delete):
                    yield from self._beside(one)


def fits(operation: Operation, entry: Entry) -> bool:
    """Whether a request is this operation's: its method, and its path segment by segment, none of which climbs."""
    method = operation.tool.sends.method if operation.tool.sends else operation.method
    if (entry.provider, entry.method) != (operation.provider, method):
        return False
    match = _pattern(operation.path).fullmatch(entry.path)
    decoded = [unquote(segment) for segment in match.groups()] if match else ["."]
    return not any(text in (".", "..") or set("/\\") & set(text) for text in decoded)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "([^/?#]+)", re.escape(path)))


@contextmanager
def opened(folder: Path) -> Iterator[World]:
    """A world whose exports go below `folder`."""
    hours = Hours()
    sandbox = Sandbox(today=date(2026, 11, 20), profiles=120, events=2500, limits=0, clock=hours)
    exports = folder / "exports"
    exports.mkdir()
    settings = replace(
        read_settings({"sandbox": True}, {}),
        pin_workspace=True,
        export_dir=exports,
        unconfirmed="allow",
        confirm="never",
    )
    apps = [
        build_app(one, sandbox=sandbox, clock=hours, sleep=hours.sleep)
        for one in (settings, replace(settings, confirm="auto"))
    ]
    operations = tuple(one for provider in PROVIDERS for one in apps[0].catalog.operations(provider.id))
    yield World(sandbox, apps[0], apps[1], folder, operations)
    for app in apps:
        app.store.close()
