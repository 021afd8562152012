"""How a call asks the person at the client and tells how far it is, whatever the client can do."""

from __future__ import annotations

from typing import Protocol


class Asker(Protocol):
    """Puts one question to the user, and tells how far the call is.

    `key` names a question, so that a repeated call finds its answer. `text` and `yes` return None where the client
    cannot be asked; `report` does nothing where nobody listens.
    """

    @property
    def listens(self) -> bool:
        """Whether the client wants to know how far the call is."""

    async def text(self, key: str, message: str, title: str) -> str | None:
        """A short text (a code). Raises `Declined` when the user says no."""

    async def yes(self, key: str, message: str) -> bool | None:
        """Agreement to one act."""

    async def report(self, done: float, total: float | None, message: str) -> None:
        """How far the call is; `done` is larger each time, `total` is None where nobody knows it."""


class NoAsker:
    """A client that can neither be asked nor told (a script, a test)."""

    @property
    def listens(self) -> bool:
        return False

    async def text(self, key: str, message: str, title: str) -> str | None:
        return None

    async def yes(self, key: str, message: str) -> bool | None:
        return None

    async def report(self, done: float, total: float | None, message: str) -> None:
        pass
