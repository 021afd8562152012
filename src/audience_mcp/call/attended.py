"""A call's asker -> the same one, which also says every few seconds that the call is still at work.

Clients give up on a call that stays silent; each sign of life starts their waiting anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from audience_mcp.call.asker import Asker

BEAT_SECONDS = 5.0
T = TypeVar("T")


class Attended:
    """An `Asker` that remembers how far its call is, for the sentence that says it still waits."""

    def __init__(self, asker: Asker, waiting: str) -> None:
        self._asker, self._waiting = asker, waiting
        self._done, self._beats, self._told = 0.0, 0, ""
        self._total: float | None = None

    @property
    def listens(self) -> bool:
        """Whether the client wants to know how far the call is."""
        return self._asker.listens

    async def text(self, key: str, message: str, title: str) -> str | None:
        """The client's own answer; until then it is the user who is waited for."""
        return await self._for_the_user(self._asker.text(key, message, title))

    async def yes(self, key: str, message: str) -> bool | None:
        """The client's own answer; until then it is the user who is waited for."""
        return await self._for_the_user(self._asker.yes(key, message))

    async def report(self, done: float, total: float | None, message: str) -> None:
        """Pass a step on."""
        self._done, self._total, self._told, self._beats = done, total, f"; {message}", 0
        await self._asker.report(done, total, message)

    async def beat(self, waited: float) -> None:
        """Tell that the call is at work, `waited` seconds after it began.

        Between two steps the figure nears the next one without reaching it: it must grow with every report.
        """
        self._beats += 1
        done = self._done + 1 - 1 / (1 + self._beats)
        total = self._total if self._total is not None and done < self._total else None
        await self._asker.report(done, total, f"{self._waiting}, {waited:.0f} s{self._told}")

    async def _for_the_user(self, answer: Awaitable[T]) -> T:
        waiting, self._waiting = self._waiting, "waiting for the user"
        try:
            return await answer
        finally:
            self._waiting = waiting


async def attended(work: Callable[[Asker], Awaitable[T]], asker: Asker, waiting: str, every: float = BEAT_SECONDS) -> T:
    """Do the work; while it lasts, a client that listens hears every `every` seconds what is waited for."""
    if not asker.listens:
        return await work(asker)
    told = Attended(asker, waiting)
    failed: Exception | None = None

    async def beat() -> None:
        began = anyio.current_time()
        while True:
            await anyio.sleep(every)
            await told.beat(anyio.current_time() - began)

    async with anyio.create_task_group() as group:
        group.start_soon(beat)
        try:
            done = await work(told)
        except Exception as error:  # the group would wrap it
            failed = error
        group.cancel_scope.cancel()
    if failed is not None:
        raise failed
    return done
