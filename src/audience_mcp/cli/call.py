"""`audience-mcp call`: tools from the command line, printed exactly as a model would read them."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import anyio

from audience_mcp import __version__
from audience_mcp.app import App, build_app
from audience_mcp.cli.running import Terminal, settings_of
from audience_mcp.cli.verbs import DONE, FAILED
from audience_mcp.errors import SettingsProblem
from audience_mcp.settings import Settings, changes_folder, overlays_cache, overlays_folder, state_folder
from audience_mcp.tools.catalog import packaged_listing


def run(options: argparse.Namespace) -> int:
    """Call each tool in turn; FAILED when any of them failed."""
    calls = list(_calls(options.words))
    settings = settings_of(options)

    async def call_all() -> int:
        app, terminal = _lasting(settings), Terminal()
        for problem in app.settings.problems:
            print(f"audience-mcp: {problem}", file=sys.stderr)
        failed = False
        try:
            for name, _ in calls:
                if not app.catalog.knows(name):
                    raise SettingsProblem(_unknown(name))
            for overlay in app.overlays:
                if names := [name for name in dict.fromkeys(name for name, _ in calls) if name in overlay.tools]:
                    print(f"corrected by the overlay {overlay.path.name}: {', '.join(names)}", file=sys.stderr)
            for number, (name, arguments) in enumerate(calls):
                told = await app.dispatcher.run(name, arguments, terminal, ("audience-mcp call", __version__))
                terminal.clear()
                print(("\n" if number else "") + told.text)
                failed |= told.is_error
        finally:
            await app.close()
        return FAILED if failed else DONE

    return anyio.run(call_all)


def _lasting(settings: Settings) -> App:
    """The program with results that a later run can read, where there is a folder to keep them in."""
    folder = state_folder() / "results"
    build = partial(
        build_app, settings, changes=changes_folder(), overlays=overlays_folder(), overlays_cache=overlays_cache()
    )
    try:
        return build(results=folder)
    except OSError as error:
        print(f"audience-mcp: {folder} cannot be used ({error.strerror}): results end with this run", file=sys.stderr)
        return build()


def _calls(words: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pair tool names with the JSON that follows them; a repeated `call` between them is skipped."""
    waiting: str | None = None
    for word in words:
        if word.lstrip().startswith(("{", "[", '"')):
            if waiting is None:
                raise SettingsProblem(f"the arguments {word} follow no tool name")
            yield waiting, _arguments(waiting, word)
            waiting = None
        elif word != "call":
            if waiting is not None:
                yield waiting, {}
            waiting = word
    if waiting is not None:
        yield waiting, {}


def _arguments(name: str, text: str) -> dict[str, Any]:
    try:
        arguments = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsProblem(f"the arguments of {name} are not JSON: {error}") from None
    if not isinstance(arguments, dict):
        raise SettingsProblem(f"the arguments of {name} must be a JSON object such as '{{\"limit\": 5}}', not {text}")
    return arguments


def _unknown(name: str) -> str:
    names = [tool["name"] for tool in packaged_listing()["tools"]]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "see `audience-mcp tools`"
    return f"there is no tool {name!r}; {hint}"
