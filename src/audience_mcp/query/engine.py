"""SQL and stored results -> rows: each query in a process of its own, which is ended at its bounds."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import anyio

from audience_mcp.errors import Internal, InvalidArguments
from audience_mcp.query.problems import too_large, too_long
from audience_mcp.query.wire import Bounds, Question, request, unpacked
from audience_mcp.results.stored import StoredResult

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Queries that run at the same time; further ones wait, and their waiting does not count."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A query's rows as a JSON list of objects, and the handles it names.

    `missing` is a handle that was not among the results, in which case nothing was run; `cut` says that there were
    more rows than the bounds allow.
    """

    handles: tuple[str, ...]
    body: bytes = b"[]"
    count: int = 0
    cut: bool = False
    missing: str | None = None


class Engine:
    """Runs queries."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()
        self._turns = anyio.CapacityLimiter(AT_ONCE)

    async def run(self, question: Question, results: Iterable[StoredResult]) -> Answered:
        """Answer a query over some results. A cancelled call ends its query.

        Raises:
            InvalidArguments: The query is refused, fails, or reaches a bound; the remedy says what to write instead.
        """
        job = request(question, results, self.bounds)
        async with self._turns:
            with anyio.move_on_after(self.bounds.seconds):
                done = await anyio.run_process(
                    [sys.executable, "-m", "audience_mcp.query.worker"],
                    input=job,
                    stderr=subprocess.DEVNULL,  # it may quote what the query reads
                    check=False,
                    env=environment(),
                )
                return _answered(done.stdout, done.returncode, self.bounds)
        raise too_long(self.bounds.seconds)


def environment() -> dict[str, str] | None:
    """What a query's process is given: nothing of this one's environment, which may hold secrets.

    None is all of it, on systems where no program starts without.
    """
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} if os.name == "posix" else None


def _answered(content: bytes, code: int, bounds: Bounds) -> Answered:
    if code < 0:  # ended by a signal: it met a limit of the operating system
        raise too_large(bounds.memory_mb)
    facts, *rows = unpacked(content) or [b'{"failed": "it could not start"}']
    told = json.loads(facts)
    if "failed" in told:
        log.error("the process of a query failed: %s", told["failed"])
        raise Internal("The query failed inside the server.", "Write it differently; the server's log says where.")
    if "error" in told:
        raise InvalidArguments(*told["error"])
    handles = tuple(told["handles"])
    if "missing" in told:
        return Answered(handles, missing=told["missing"])
    return Answered(handles, rows[0], told["count"], told["cut"])
