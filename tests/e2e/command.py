"""The command as a person runs it: a process of its own, a home of its own, and no settings but the given ones."""

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

KEPT = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG", "LC_ALL")


@dataclass(frozen=True)
class Ran:
    """What one run printed, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """Runs commands; what a run leaves behind is found by the next."""

    home: Path

    def variables(self, settings: Mapping[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {**kept, "HOME": str(self.home), "USERPROFILE": str(self.home), **settings}

    async def run(self, *arguments: str, **settings: str) -> Ran:
        """`audience-mcp ARGUMENTS` with these variables set."""
        return await self.program(sys.executable, "-m", "audience_mcp", *arguments, **settings)

    async def program(self, *command: str, **settings: str) -> Ran:
        """Any command, in the home folder."""
        done = await anyio.run_process(command, check=False, cwd=self.home, env=self.variables(settings))
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


async def together(*runs: Coroutine[Any, Any, Ran]) -> list[Ran]:
    """Several runs side by side, their outcomes in order."""
    outcomes: dict[int, Ran] = {}

    async def one(number: int, run: Coroutine[Any, Any, Ran]) -> None:
        outcomes[number] = await run

    async with anyio.create_task_group() as tasks:
        for number, run in enumerate(runs):
            tasks.start_soon(one, number, run)
    return [outcomes[number] for number in range(len(runs))]
