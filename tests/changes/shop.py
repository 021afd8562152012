"""A shop of the sandbox and a program over it, called as a model calls it; the sandbox's journal is the witness."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.call.asker import Asker, NoAsker
from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.journal import Entry
from audience_mcp.server.dispatch import Told

GET_THAT_CREATES = "duplicate_as_static_cohort"


def filters(*values: str) -> dict[str, Any]:
    """The definition of a cohort: people of one of these tiers."""
    condition = {"type": "person", "key": "tier", "value": list(values), "operator": "exact"}
    return {"properties": {"type": "OR", "values": [{"type": "AND", "values": [condition]}]}}


@dataclass
class Shop:
    """One running program over a sandbox."""

    sandbox: Sandbox
    app: App

    async def told(self, tool: str, asker: Asker | None = None, /, **arguments: Any) -> Told:
        """What a model gets."""
        return await self.app.dispatcher.run(tool, arguments, asker or NoAsker())

    async def good(self, tool: str, /, **arguments: Any) -> Told:
        """What a model gets from a call that goes well; a code that is asked for is given."""
        told = await self.told(tool, **arguments)
        if told.is_error and (code := code_in(told)):
            told = await self.told(tool, **arguments, confirm=code)
        assert not told.is_error, told.text
        return told

    async def refused(self, tool: str, asker: Asker | None = None, /, **arguments: Any) -> dict[str, Any]:
        """The error of a call that fails."""
        told = await self.told(tool, asker, **arguments)
        assert told.is_error, told.text
        found: dict[str, Any] = told.structured["error"]
        return found

    def kept(self, told: Told) -> Any:
        """The full data behind an answer."""
        assert told.outcome is not None and told.outcome.handle is not None, told.text
        return self.app.store.get(told.outcome.handle).answer().value

    async def data(self, tool: str, /, **arguments: Any) -> Any:
        """The full data of a call that goes well."""
        return self.kept(await self.good(tool, **arguments))

    async def changes(self, **arguments: Any) -> list[dict[str, Any]]:
        """The rows of list_changes, the newest first."""
        rows: list[dict[str, Any]] = await self.data("list_changes", **arguments)
        return rows

    async def newest(self) -> str:
        """The id of the newest change."""
        return str((await self.changes(limit=1))[0]["change"])

    async def cohort(self, **fields: Any) -> int:
        """A new cohort."""
        made = await self.data("posthog_create_cohort", **{"name": "Gold", "filters": filters("gold"), **fields})
        return int(made["id"])

    def writes(self) -> list[Entry]:
        """The requests that may have changed something."""
        return [
            entry
            for entry in self.sandbox.journal
            if (entry.method != "GET" or GET_THAT_CREATES in entry.path) and "/uauth/" not in entry.path
        ]


def code_in(told: Told) -> str | None:
    """The confirmation code of a first step."""
    found = re.search(r"confirm='([^']+)'", told.text)
    return found[1] if found else None


def open_shop(sandbox: Sandbox, environment: dict[str, str] | None = None, **flags: Any) -> Shop:
    """A program over the sandbox with these settings."""
    return Shop(sandbox, build_app(read_settings({"sandbox": True, **flags}, environment or {}), sandbox=sandbox))
