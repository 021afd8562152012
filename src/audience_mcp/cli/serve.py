"""`audience-mcp serve`: MCP over stdio."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterable
from types import FrameType

import anyio

from audience_mcp.app import build_app
from audience_mcp.cli.running import corrected, settings_of
from audience_mcp.cli.verbs import DONE
from audience_mcp.results.store import ResultStore
from audience_mcp.server.adapter import build_server
from audience_mcp.server.stdio import run_stdio
from audience_mcp.settings import changes_folder, overlays_cache, overlays_folder


def run(options: argparse.Namespace) -> int:
    """Serve until the client closes the pipe."""
    settings = settings_of(options, strict=False)
    for problem in settings.problems:
        print(f"audience-mcp: {problem}", file=sys.stderr)

    stores: list[ResultStore] = []
    end_on_signals(stores)  # before anything is said: the event loop's own handler would wait for the reading thread

    async def serve() -> None:
        app = build_app(settings, changes=changes_folder(), overlays=overlays_folder(), overlays_cache=overlays_cache())
        for line in corrected(app.overlays):
            print(f"audience-mcp: {line}", file=sys.stderr)
        stores.append(app.store)
        try:
            await run_stdio(build_server(app.dispatcher, app.store, app.instructions, app.prompts, app.suggestions))
        finally:
            await app.close()

    if sys.stdin.isatty():
        print(
            "audience-mcp is waiting for an MCP client on stdin. A client's configuration starts it, not a person;"
            " try `audience-mcp demo` or `audience-mcp --help`. Ctrl-C ends it.",
            file=sys.stderr,
        )
    anyio.run(serve)
    return DONE


def end_on_signals(stores: Iterable[ResultStore]) -> None:
    """Let Ctrl-C, a client's SIGTERM and a lost terminal end the process at once, with nothing left on disk.

    `stores` are those there are by then. Only the main thread may listen to signals: in another it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        return

    def end(number: int, frame: FrameType | None) -> None:
        for store in stores:
            store.close()
        os._exit(128 + number)  # an orderly end would wait for the thread that reads stdin

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), end)
