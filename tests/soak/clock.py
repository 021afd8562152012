"""A file of eight bytes -> one clock for two processes; it moves when somebody says so."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

import anyio.lowlevel

START = 1_795_176_000.0  # 2026-11-20, noon UTC
_FORM = struct.Struct("d")


class SharedClock:
    """Epoch seconds that both the server and the sandbox read, so that neither thinks the other's tokens ended."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_FORM.pack(START))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), _FORM.size)

    def __call__(self) -> float:
        now: float = _FORM.unpack(self._bytes[:])[0]
        return now

    def advance(self, seconds: float) -> None:
        """Let time pass; one process does that, the other reads."""
        self._bytes[:] = _FORM.pack(self() + seconds)

    async def sleep(self, seconds: float) -> None:
        """A wait that is over at once, for everything but the clock."""
        self.advance(seconds)
        await anyio.lowlevel.checkpoint()
