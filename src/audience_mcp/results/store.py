"""Answers in full, by handle: in memory up to a bound, beyond it in a private folder, until they expire."""

from __future__ import annotations

import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from secrets import token_bytes
from typing import Any

from audience_mcp.errors import ResultExpired
from audience_mcp.results.answer import Answer
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.shelf import Shelf
from audience_mcp.results.stored import Card, StoredResult, encode
from audience_mcp.results.wording import named, squeezed

Json = Any

MEMORY_BYTES = 64 * 2**20
DISK_BYTES = 2**30
SERVER_LIFETIME = 4 * 3600.0
FOLDER_LIFETIME = 3600.0

_HANDLE = re.compile(r"r_[a-z2-7]{16}")
_MOST_CARDS = 2_000


class ResultStore:
    """Keeps every result exactly as it came, apart from what the caller removed.

    With a `folder`, results outlive the process (for an hour unless said otherwise), so that separate runs can read
    each other's. Without one they live in memory, and in a temporary folder that `close` removes. After a result is
    gone the store still knows the call that gave it.
    """

    def __init__(
        self,
        folder: Path | None = None,
        memory_bytes: int = MEMORY_BYTES,
        lifetime_seconds: float | None = None,
        clock: Callable[[], float] = time.time,
        disk_bytes: int = DISK_BYTES,
    ) -> None:
        self._lifetime = lifetime_seconds or (FOLDER_LIFETIME if folder else SERVER_LIFETIME)
        self._memory_bytes, self._clock = memory_bytes, clock
        self._shelf = Shelf(folder, disk_bytes)
        self._durable = folder is not None
        self._cards: OrderedDict[str, Card] = OrderedDict()
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._fresh: deque[str] = deque()
        self._used = 0
        if self._durable:
            self._shelf.sweep(self._clock() - self._lifetime)

    def put(
        self,
        answer: Answer,
        *,
        tool: str,
        arguments: Mapping[str, Json],
        provenance: Provenance,
        body: bytes | None = None,
        title: str = "",
        personal: bool = False,
    ) -> str:
        """Keep an answer; returns its handle.

        `body` are the provider's own bytes, to be given where nothing was removed from them; without it the value is
        written anew. `tool` and `arguments` are the call to repeat once the result is gone.
        """
        handle = f"r_{_base32(token_bytes(10))}"
        content = body if body is not None and _is_utf8(body) else encode(answer)
        card = Card(
            handle,
            tool,
            dict(arguments),
            answer.media,
            self._clock(),
            title,
            personal,
            replace(provenance, handle=handle),
        )
        self._forget_expired()
        self._cards[handle] = card
        self._fresh.append(handle)
        self._bodies[handle] = content
        self._used += len(content)
        if self._durable:
            self._shelf.write(card, content)
        self._make_room()
        return handle

    def get(self, handle: str) -> StoredResult:
        """The result of a handle.

        Raises:
            ResultExpired: It is gone, or never was; the remedy names the call to repeat.
        """
        if not _HANDLE.fullmatch(handle):
            raise _unknown(handle)
        card = self._cards.get(handle) or self._shelf.card(handle)
        if card is None:
            raise _unknown(handle)
        if self._clock() - card.stored >= self._lifetime:
            self._drop(handle)
            raise _expired(card)
        content = self._bodies.get(handle)
        if content is None:
            content = self._shelf.body(handle)
        else:
            self._bodies.move_to_end(handle)
        if content is None:
            raise _expired(card)
        return StoredResult(card, content)

    def close(self) -> None:
        """Forget everything; a temporary folder is removed, a given one stays."""
        self._cards.clear()
        self._bodies.clear()
        self._fresh.clear()
        self._used = 0
        self._shelf.close()

    def _make_room(self) -> None:
        """Move the least recently used bodies out of memory until the bound is kept."""
        while self._used > self._memory_bytes and self._bodies:
            handle, content = self._bodies.popitem(last=False)
            self._used -= len(content)
            if not self._durable:
                self._shelf.write(self._cards[handle], content)
        while len(self._cards) > _MOST_CARDS:
            self._drop(next(iter(self._cards)))
            self._cards.popitem(last=False)

    def _forget_expired(self) -> None:
        """Free what has expired; the cards stay, so that the call can still be named."""
        before = self._clock() - self._lifetime
        while self._fresh:
            card = self._cards.get(self._fresh[0])
            if card and card.stored > before:
                return
            self._drop(self._fresh.popleft())

    def _drop(self, handle: str) -> None:
        self._used -= len(self._bodies.pop(handle, b""))
        self._shelf.remove_body(handle)


def _base32(data: bytes) -> str:
    from base64 import b32encode

    return b32encode(data).decode().lower()


def _is_utf8(body: bytes) -> bool:
    try:
        return body.isascii() or bool(body.decode())
    except UnicodeDecodeError:
        return False


def _unknown(handle: str) -> ResultExpired:
    return ResultExpired(
        f"No stored result has the handle {named(handle, 40)}.",
        "Repeat the call that gave it: its answer names a new handle.",
    )


def _expired(card: Card) -> ResultExpired:
    where = card.provenance
    return ResultExpired(
        f"The result {card.handle} is not kept any more.",
        f"Call {card.tool} again with the arguments {squeezed(card.arguments_text(), 200)}.",
        provider=where.provider,
        workspace=where.workspace,
        region=where.region,
    )
