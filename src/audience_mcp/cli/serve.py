"""`audience-mcp serve`: MCP over stdio."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

import anyio

from audience_mcp.app import build_app
from audience_mcp.cli.running import settings_of
from audience_mcp.results.store import ResultStore
from audience_mcp.server.adapter import build_server
from audience_mcp.server.stdio import run_stdio


def run(options: argparse.Namespace) -> int:
    """Serve until the client closes the pipe."""
    settings = settings_of(options, strict=False)
    for problem in settings.problems:
        print(f"audience-mcp: {problem}", file=sys.stderr)

    async def serve() -> None:
        app = build_app(settings)
        _end_on_signals(app.store)
        try:
            await run_stdio(build_server(app.dispatcher, app.store, app.instructions))
        finally:
            await app.close()

    if sys.stdin.isatty():
        print(
            "audience-mcp is waiting for an MCP client on stdin. A client's configuration starts it, not a person;"
            " try `audience-mcp demo` or `audience-mcp --help`. Ctrl-C ends it.",
            file=sys.stderr,
        )
    anyio.run(serve)
    return 0


def _end_on_signals(store: ResultStore) -> None:
    """Let Ctrl-C and a client's SIGTERM end the process at once, with nothing left on disk."""

    def end(number: int, frame: FrameType | None) -> None:
        store.close()
        os._exit(128 + number)  # an orderly end would wait for the thread that reads stdin

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
