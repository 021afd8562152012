"""Origin -> an httpx transport that has one connection and carries one request at a time.

The pool of one shared client offers an idle connection to several waiting requests at once, and all but one must try
again: with 32 in flight a request was tried ten times over, at three times the processor time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from audience_mcp.errors import RateLimited

if TYPE_CHECKING:
    import httpx

PATIENCE_SECONDS = 60.0


class Lanes:
    """Transports that are free, by origin.

    `most` requests may be under way at all, others wait for `patience_seconds`; `make` builds for an origin.
    """

    def __init__(
        self,
        most: int,
        make: Callable[[str], httpx.AsyncBaseTransport],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._room, self._make = anyio.Semaphore(most), make
        self._most, self._patience_seconds = most, patience_seconds
        self._free: defaultdict[str, list[httpx.AsyncBaseTransport]] = defaultdict(list)

    @asynccontextmanager
    async def lent(self, origin: str) -> AsyncIterator[httpx.AsyncBaseTransport]:
        """A transport for one request; the one used last comes first: its connection is the likeliest alive.

        Raises:
            RateLimited: There was no room for too long; that says nothing of the provider.
        """
        await self._enter()
        free = self._free[origin]
        transport = None
        try:
            transport = free.pop() if free else self._make(origin)
            yield transport
        finally:
            if transport is not None:
                free.append(transport)
            self._room.release()

    async def close(self) -> None:
        """Close what is free; nothing is lent any more when the server ends."""
        for free in self._free.values():
            while free:
                await free.pop().aclose()

    async def _enter(self) -> None:
        try:
            return self._room.acquire_nowait()  # as a rule; a scope with a deadline costs more
        except anyio.WouldBlock:
            pass
        try:
            with anyio.fail_after(self._patience_seconds):
                await self._room.acquire()
        except TimeoutError:
            crowded = RateLimited(
                f"As many requests as this server makes at once ({self._most}) are under way, and none of them ended"
                f" in {self._patience_seconds:g} s; nothing was sent.",
                "Wait for calls that are under way, then ask for less at once.",
            )
            crowded.settled = True  # it waited as long as it may
            raise crowded from None
