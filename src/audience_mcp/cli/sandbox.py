"""`audience-mcp sandbox`: the sandbox as a real HTTP server, with the export lines that reach it."""

from __future__ import annotations

import argparse
import shlex
import sys
from datetime import date

import anyio

from audience_mcp.errors import SettingsProblem
from audience_mcp.sandbox import Sandbox, serve


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted, or only print the lines."""
    try:
        today = date.fromisoformat(options.today) if options.today else None
    except ValueError:
        raise SettingsProblem(f"--today must be a date like 2026-11-20, not {options.today!r}") from None
    sandbox = Sandbox(seed=options.seed, today=today)

    def tell(base: str) -> None:
        for name, value in sandbox.environment(base).items():
            print(f"export {name}={shlex.quote(value)}")
        sys.stdout.flush()
        if not options.export:
            print(f"# serving {base}/synerise, /posthog, /faraday, /giosg; Ctrl-C ends it", file=sys.stderr)

    if options.export:
        tell(f"http://127.0.0.1:{options.port}")
        return 0
    try:
        anyio.run(lambda: serve(sandbox, port=options.port, ready=tell))
    except OSError as error:
        print(f"audience-mcp: port {options.port} cannot be used: {error.strerror}", file=sys.stderr)
        return 1
    return 0
