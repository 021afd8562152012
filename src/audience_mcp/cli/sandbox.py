"""`audience-mcp sandbox`: the sandbox as a real HTTP server, with the export lines that reach it."""

from __future__ import annotations

import argparse
import shlex
import sys
from datetime import date
from pathlib import Path

import anyio

from audience_mcp.cli.running import settings_of
from audience_mcp.cli.verbs import DONE, FAILED
from audience_mcp.errors import SettingsProblem
from audience_mcp.sandbox import FileRefused, Sandbox, serve
from audience_mcp.sandbox.moves import read_paths


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted, or only print the lines."""
    settings_of(options)  # refuses a setting that nothing knows
    sandbox = _sandbox(options)

    def tell(base: str) -> None:
        for name, value in sandbox.environment(base).items():
            print(f"export {name}={shlex.quote(value)}")
        sys.stdout.flush()
        for remark in sandbox.remarks:
            print(f"# {remark}", file=sys.stderr)
        if not options.export:
            print(f"# serving {base}/synerise, /posthog, /faraday, /giosg; Ctrl-C ends it", file=sys.stderr)

    if options.export:
        if options.port == 0:
            raise SettingsProblem("--export needs the --port the sandbox will be served at")
        tell(f"http://127.0.0.1:{options.port}")
        return DONE
    try:
        anyio.run(lambda: serve(sandbox, port=options.port, ready=tell))
    except OSError as error:
        print(f"audience-mcp: port {options.port} cannot be used: {error.strerror}", file=sys.stderr)
        return FAILED
    return DONE


def _sandbox(options: argparse.Namespace) -> Sandbox:
    try:
        today = date.fromisoformat(options.today) if options.today else None
    except ValueError:
        raise SettingsProblem(f"--today must be a date like 2026-11-20, not {options.today!r}") from None
    try:
        sandbox = Sandbox(
            seed=options.seed,
            today=today,
            token_seconds=options.token_seconds,
            file=Path(options.file) if options.file else None,
            journal=Path(options.journal) if options.journal else None,
            faults=options.faults,
            limits=options.limits,
            withheld=[name for text in options.withhold for name in text.split(",") if name],
            speed=options.speed,
            paths=read_paths(Path(options.paths)) if options.paths else None,
        )
        if options.file:
            sandbox.state.world.connection().close()  # so that the file is there, or refused, before anybody asks
    except (ValueError, FileRefused, OSError) as error:
        raise SettingsProblem(str(error)) from None
    return sandbox
