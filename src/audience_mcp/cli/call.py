"""`audience-mcp call`: tools from the command line, printed exactly as a model would read them."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterator
from typing import Any

import anyio

from audience_mcp.app import build_app
from audience_mcp.call.asker import NoAsker
from audience_mcp.cli.running import settings_of
from audience_mcp.errors import SettingsProblem
from audience_mcp.settings import state_folder


def run(options: argparse.Namespace) -> int:
    """Call each tool in turn; 1 when any of them failed."""
    calls = list(_calls(options.words))
    settings = settings_of(options)

    async def call_all() -> int:
        app = build_app(settings, results=state_folder() / "results")
        failed = 0
        try:
            for name, _ in calls:
                if not app.catalog.knows(name):
                    raise SettingsProblem(_unknown(name, [tool["name"] for tool in app.catalog.listing()]))
            for number, (name, arguments) in enumerate(calls):
                told = await app.dispatcher.run(name, arguments, NoAsker())
                print(("\n" if number else "") + told.text)
                failed |= told.is_error
        finally:
            await app.close()
        return int(failed)

    return anyio.run(call_all)


def _calls(words: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pair tool names with the JSON that follows them; a repeated `call` between them is skipped."""
    waiting: str | None = None
    for word in words:
        if word.lstrip().startswith("{"):
            if waiting is None:
                raise SettingsProblem(f"the arguments {word} follow no tool name")
            try:
                arguments = json.loads(word)
            except ValueError as error:
                raise SettingsProblem(f"the arguments of {waiting} are not JSON: {error}") from None
            yield waiting, arguments
            waiting = None
        elif word != "call":
            if waiting is not None:
                yield waiting, {}
            waiting = word
    if waiting is not None:
        yield waiting, {}


def _unknown(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "see `audience-mcp tools`"
    return f"there is no tool {name!r}; {hint}"


if sys.platform == "win32":  # pragma: no cover - consoles there default to a code page without typographic quotes
    sys.stdout.reconfigure(encoding="utf-8")
