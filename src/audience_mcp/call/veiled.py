"""What of a running call may be shown: everything, unless personal data is masked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from audience_mcp.call.asker import Asker
from audience_mcp.errors import AudienceError
from audience_mcp.openapi.operation import Operation
from audience_mcp.results.provenance import Provenance

if TYPE_CHECKING:
    from audience_mcp.redaction.redactor import Redactor, Veil

Json = Any

VEIL: ContextVar[Veil | None] = ContextVar("veil", default=None)
"""Of the call that runs; None where nothing is masked."""

PERSONAL = "holds personal data"
_BARE = frozenset({"result"})
"""What is made of one person by a formula that nobody but the provider reads: it may be the name."""


def shown(value: Json) -> Json:
    """A value of the call as it may be shown."""
    veil = VEIL.get()
    return value if veil is None else veil.shown(value)


def answered(value: Json, operation: Operation) -> Json:
    """The answer of the operation, as it may be shown."""
    veil = VEIL.get()
    if veil is None:
        return value
    personal = operation.tool.personal
    bare = _BARE.intersection(operation.tool.answer.columns) if personal else ()
    return veil.shown(value, personal=personal, bare=bare)


def recalled(arguments: dict[str, Json]) -> dict[str, Json]:
    """The arguments to repeat the call with: where data is masked, with the tokens they came with."""
    veil = VEIL.get()
    if veil is None:
        return arguments
    sent = veil.recalled()
    return {name: sent[name] if name in sent else veil.shown(value) for name, value in arguments.items()}


@contextmanager
def veiled_errors() -> Iterator[None]:
    """Errors from within hold tokens: for those that are cut short and told before the call ends."""
    try:
        yield
    except AudienceError as error:
        veil = VEIL.get()
        if veil is not None:
            veil.error(error)
        raise


def written() -> None:
    """The call is about to write what its arguments hold."""
    veil = VEIL.get()
    if veil is not None:
        veil.writes()


def sourced(source: Provenance) -> Provenance:
    """Where an answer comes from, as it may be shown, with a note of what was masked in it."""
    veil = VEIL.get()
    if veil is None:
        return source
    notes = [note for note in source.notes if note != PERSONAL or veil.note is None]
    told = (*notes, veil.note) if veil.note else tuple(notes)
    return replace(source, workspace=veil.shown(source.workspace), window=veil.shown(source.window), notes=told)


class VeiledAsker:
    """An `Asker` whose questions hold no personal data either: they are read by the client, and often by its log."""

    def __init__(self, asker: Asker, redactor: Redactor) -> None:
        self._asker, self._redactor = asker, redactor

    @property
    def listens(self) -> bool:
        """Whether the client wants to know how far the call is."""
        return self._asker.listens

    async def text(self, key: str, message: str, title: str) -> str | None:
        """The client's own answer."""
        return await self._asker.text(key, self._redactor.swept(message), title)

    async def yes(self, key: str, message: str) -> bool | None:
        """The client's own answer."""
        return await self._asker.yes(key, self._redactor.swept(message))

    async def report(self, done: float, total: float | None, message: str) -> None:
        """Pass a step on."""
        await self._asker.report(done, total, self._redactor.swept(message))
