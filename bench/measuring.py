"""Servers and an upstream -> one round of figures: each part goes through all of them in turn, block by block."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import httpx

from bench.client import Connection, Contestant, Era
from bench.contestants import PATH, PLAIN, TOOL
from bench.figures import Round
from bench.footprint import processor, resident
from bench.upstream import ITEMS

IMPORT = "the SDK's low-level server imported"
MODERN = "call, 1 KB, protocol 2026-07-28"
START, LIST, FIRST_LIST, FLIGHT = "start", "tools/list", "first tools/list", "in flight"
PROCESSOR = "processor time of a call in flight"
MEMORY, MEMORY_AFTER = "memory after start", "memory after a thousand results"
WIDTH = 32
_IMPORT_CODE = "import mcp.server.lowlevel; print(flush=True)"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much one round measures: `calls` is blocks and calls a block, by size of the answer."""

    starts: int = 3
    calls: dict[str, tuple[int, int]] = field(
        default_factory=lambda: {"1 KB": (10, 30), "100 KB": (5, 15), "1 MB": (4, 6), "10 MB": (2, 2)}
    )
    in_flight: int = 600
    kept: int = 1000


def call_figure(size: str) -> str:
    """The name of a call's figure."""
    return f"call, {size}"


@contextmanager
def upstream() -> Iterator[str]:
    """The loopback provider in a process of its own; its base URL."""
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "bench.upstream"]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


def measure(contestants: Sequence[Contestant], base: str, plan: Plan) -> Round:
    """One round: milliseconds, calls per second and MiB, by server and figure.

    Raises:
        Broken: A server did not do its part.
    """
    figures: dict[str, dict[str, float]] = defaultdict(dict)
    _starts(contestants, plan, figures)
    with ExitStack() as running:
        plain = running.enter_context(Plain(base))
        connections = [_greeted(running, contestant) for contestant in contestants]
        for connection in connections:
            own = figures[connection.contestant.name]
            own[FIRST_LIST] = connection.ask("tools/list")[0] * 1000
            own[MEMORY] = resident(connection.pid)
            own[LIST] = statistics.median(connection.ask("tools/list")[0] for _ in range(5)) * 1000
        _calls(connections, plain, plan, figures)
        for connection in connections:
            connection.keep_in_flight(TOOL, {"limit": 1}, width=WIDTH, total=WIDTH)
            own, before = figures[connection.contestant.name], processor(connection.pid)
            own[FLIGHT] = connection.keep_in_flight(TOOL, {"limit": 1}, width=WIDTH, total=plan.in_flight)
            own[PROCESSOR] = (processor(connection.pid) - before) / plan.in_flight * 1000
        figures[PLAIN][FLIGHT] = plain.keep_in_flight(WIDTH, plan.in_flight)
        for connection in connections:
            connection.keep_in_flight(TOOL, {"limit": ITEMS["100 KB"]}, width=1, total=plan.kept)
            figures[connection.contestant.name][MEMORY_AFTER] = resident(connection.pid)
    _modern(contestants, plan, figures)
    return figures


def _greeted(running: ExitStack, contestant: Contestant, era: Era = "2025-11-25") -> Connection:
    """A server that has started before the next one does."""
    connection = running.enter_context(Connection(contestant, era))
    connection.handshake()
    return connection


def _starts(contestants: Sequence[Contestant], plan: Plan, figures: dict[str, dict[str, float]]) -> None:
    taken: dict[str, list[float]] = defaultdict(list)
    for _ in range(plan.starts):
        taken[IMPORT].append(_import_seconds())
        for contestant in contestants:
            with Connection(contestant) as connection:
                taken[contestant.name].append(connection.handshake())
    for name, seconds in taken.items():
        figures[name][START] = statistics.median(seconds) * 1000


def _import_seconds() -> float:
    began = perf_counter()
    with subprocess.Popen([sys.executable, "-c", _IMPORT_CODE], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        return perf_counter() - began


def _calls(connections: Sequence[Connection], plain: Plain, plan: Plan, figures: dict[str, dict[str, float]]) -> None:
    for size, (blocks, calls) in plan.calls.items():
        arguments = {"limit": ITEMS[size]}
        taken: dict[str, list[float]] = defaultdict(list)
        for block in range(blocks + 1):
            for connection in connections:
                seconds = [connection.call(TOOL, arguments)[0] for _ in range(calls)]
                taken[connection.contestant.name] += seconds if block else []  # the first block warms up
            taken[PLAIN] += plain.block(ITEMS[size], calls) if block else []
        for name, seconds in taken.items():
            figures[name][call_figure(size)] = statistics.median(seconds) * 1000


def _modern(contestants: Sequence[Contestant], plan: Plan, figures: dict[str, dict[str, float]]) -> None:
    blocks, calls = plan.calls["1 KB"]
    with ExitStack() as running:
        connections = [_greeted(running, contestant, "2026-07-28") for contestant in contestants]
        taken: dict[str, list[float]] = defaultdict(list)
        for block in range(blocks + 1):
            for connection in connections:
                seconds = [connection.call(TOOL, {"limit": 1})[0] for _ in range(calls)]
                taken[connection.contestant.name] += seconds if block else []
        for name, seconds in taken.items():
            figures[name][MODERN] = statistics.median(seconds) * 1000


class Plain:
    """The same requests by httpx in a loop, each answer parsed: what a call costs without any server between."""

    def __init__(self, base: str) -> None:
        self._base, self._runner = base, asyncio.Runner()
        self._http = httpx.AsyncClient(base_url=base, limits=httpx.Limits(max_connections=WIDTH))

    def __enter__(self) -> Plain:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._http.aclose())
        self._runner.close()

    def block(self, items: int, calls: int) -> list[float]:
        """Seconds of each of some calls, one after the other."""

        async def run() -> list[float]:
            return [await self._call(items) for _ in range(calls)]

        return self._runner.run(run())

    def keep_in_flight(self, width: int, total: int) -> float:
        """Calls per second with `width` of them under way."""

        async def work() -> None:
            for _ in range(total // width):
                await self._call(1)

        async def run() -> float:
            began = perf_counter()
            await asyncio.gather(*(work() for _ in range(width)))
            return (total // width) * width / (perf_counter() - began)

        return self._runner.run(run())

    async def _call(self, items: int) -> float:
        began = perf_counter()
        (await self._http.get(PATH, params={"limit": items})).json()
        return perf_counter() - began
