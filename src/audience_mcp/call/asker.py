"""How a call asks the person at the client, whatever the client can do."""

from __future__ import annotations

from typing import Protocol


class Asker(Protocol):
    """Puts one question to the user. `key` names the question, so that a repeated call finds its answer.

    Both return None where the client cannot be asked.
    """

    async def text(self, key: str, message: str, title: str) -> str | None:
        """A short text (a code). Raises `Declined` when the user says no."""

    async def yes(self, key: str, message: str) -> bool | None:
        """Agreement to one act."""


class NoAsker:
    """A client that cannot be asked (the command line, a client without elicitation)."""

    async def text(self, key: str, message: str, title: str) -> str | None:
        return None

    async def yes(self, key: str, message: str) -> bool | None:
        return None
