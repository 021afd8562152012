"""A program over a small shop that writes its calls down, and the lines it wrote."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audience_mcp.app import App, build_app
from audience_mcp.call.asker import Asker, NoAsker
from audience_mcp.sandbox import Sandbox
from audience_mcp.server.dispatch import Told
from audience_mcp.settings import Settings

Line = dict[str, Any]
KEYS = [
    *("time", "call", "outcome", "who", "tool", "operation", "access", "provider", "workspace", "region", "arguments"),
    *("dry_run", "error", "status", "changes", "handle", "rows", "bytes", "duration_ms", "sandbox"),
]


@dataclass
class Audited:
    """One program and its audit file."""

    app: App
    path: Path

    async def run(self, tool: str, asker: Asker | None = None, /, **arguments: Any) -> Told:
        return await self.app.dispatcher.run(tool, arguments, asker or NoAsker())

    def lines(self) -> list[Line]:
        """Every line of the file, each whole and with every key."""
        lines = lines_of(self.path)
        assert all(list(line) == KEYS for line in lines)
        return lines

    async def line(self, tool: str, asker: Asker | None = None, /, **arguments: Any) -> Line:
        """The one line that a call adds."""
        before = len(self.lines())
        await self.run(tool, asker, **arguments)
        (line,) = self.lines()[before:]
        return line


def lines_of(path: Path) -> list[Line]:
    content = path.read_bytes()
    assert not content or content.endswith(b"\n")
    return [json.loads(line) for line in content.splitlines()]


@asynccontextmanager
async def audited(shop: Sandbox, path: Path, **settings: Any) -> AsyncIterator[Audited]:
    app = build_app(Settings(sandbox=True, audit=path, **settings), sandbox=shop)
    try:
        yield Audited(app, path)
    finally:
        await app.close()
