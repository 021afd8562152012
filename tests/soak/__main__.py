"""Thousands of calls of a whole program against a sandbox in bad weather -> a table, and what must not have been.

    python -m soak [--calls N] [--at-once N] [--seed N] [--faults SPEC]

An MCP client in this process makes the calls, 32 at once; the sandbox is another process, reached over HTTP, and its
journal is the witness. Nobody sleeps: both read one clock, which moves a second with each call and by every wait.
Then come waves of calls at once in two workspaces, in each of which every token ends before its time.
Exit code 1 when an answer was wrong, a write was lost or done twice, or the memory grew.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
from mcp import Client

from audience_mcp.app import build_app, read_settings
from audience_mcp.server.adapter import build_server

from .clock import SharedClock
from .desk import Desk
from .lives import look_over
from .marks import KEYS
from .plan import work
from .reads import learn
from .report import Run, lines, stress_lines
from .stress import ends_in_flight
from .things import Shop
from .witness import examine

FAULTS = "429:0.04:1,500:0.04,slow:0.03:0.02s,drop:0.04,expire:0.02,garbage:0.03"
MARKS = (0.1, 0.5)  # shares of the calls at which memory is weighed; the third is the end
PROVIDERS = ("synerise", "posthog", "faraday", "giosg")


def main() -> int:
    """Run and tell."""
    options = _options()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clock = SharedClock(folder / "clock")
        with _shop(folder, options) as (process, settings):
            run = anyio.run(_run, options, clock, process, settings)
        run.found = examine(folder / "journal.jsonl", run.acts)
    print("\n".join(lines(run)), flush=True)
    at_once = [anyio.run(ends_in_flight, options.at_once // 2, by_user) for by_user in (False, True)]
    print("\n".join(stress_lines(at_once)))
    return int(bool(run.violations) or any(found.wrong for found, _ in at_once))


async def _run(
    options: argparse.Namespace, clock: SharedClock, process: subprocess.Popen[str], settings: dict[str, Any]
) -> Run:
    known = await learn(options.seed, clock)
    wanted = {"AUDIENCE_MCP_WORKSPACE": ",".join(f"{name}={KEYS['main']}" for name in PROVIDERS)}
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await clock.sleep(seconds)

    app = build_app(read_settings({}, settings["environment"] | wanted), clock=clock, sleep=sleep)
    server = build_server(app.dispatcher, app.store, app.instructions, app.prompts, app.suggestions)
    began = time.monotonic()
    async with Client(server) as client:
        desk = Desk(app, client, clock, options.calls)
        shop = Shop(desk, random.Random(f"soak {options.seed}"))
        run = Run(options.calls, options.faults, tally=desk.tally, acts=shop.acts)
        async with anyio.create_task_group() as group:
            group.start_soon(_watch, run, options.calls)
            await work(shop, known, settings["base"], options.seed)
            group.cancel_scope.cancel()
        run.memory.append(_memory())
        run.seconds, run.repeats = time.monotonic() - began, len(waits)
        assert process.stdin is not None
        process.stdin.write("calm\n")
        process.stdin.flush()
        await anyio.sleep(0.5)
        clock.advance(120)  # whatever host was left alone is asked again
        await look_over(shop)
        run.things = len(shop.things)
    await app.close()
    return run


async def _watch(run: Run, calls: int) -> None:
    """Weigh the process when so many calls are made."""
    for mark in MARKS:
        while run.tally.calls < mark * calls:
            await anyio.sleep(0.05)
        run.memory.append(_memory())


def _memory() -> float:
    """MiB that this process holds, without what it has freed and the allocator has not given back yet."""
    gc.collect()
    with suppress(AttributeError, OSError):  # only where the C library can be asked
        ctypes.CDLL(None).malloc_trim(0)
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not say how much memory a process holds")


@contextmanager
def _shop(folder: Path, options: argparse.Namespace) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "soak.shop", str(folder), options.faults, str(options.seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=10_000, help="calls of the second part, in waves")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--faults", default=FAULTS, help="as `audience-mcp sandbox --faults`")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
