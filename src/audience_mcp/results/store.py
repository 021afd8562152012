"""Answers in full, by handle: in memory up to a bound, beyond it in a private folder, until they expire."""

from __future__ import annotations

import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from secrets import token_bytes
from typing import Any

from audience_mcp.errors import ResultExpired
from audience_mcp.results.answer import Answer
from audience_mcp.results.leftovers import sweep
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading
from audience_mcp.results.shelf import Shelf
from audience_mcp.results.stored import Card, StoredResult, encode, recalled
from audience_mcp.results.wording import named, squeezed

Json = Any

MEMORY_BYTES = 64 * 2**20
DISK_BYTES = 2**30
MOST_CARDS = 2_000
SERVER_LIFETIME = 4 * 3600.0
FOLDER_LIFETIME = 3600.0

_HANDLE = re.compile(r"r_[a-z2-7]{16}")
_NAME_BYTES = 120


class ResultStore:
    """Keeps every result exactly as it came, apart from what the caller removed.

    With a `folder`, results outlive the process (for an hour unless said otherwise), so that separate runs can read
    each other's. Without one they live in memory, and in a temporary folder that `close` removes (and the next store
    after a crash). After a result is gone the store still knows the call that gave it. `masked` are the words of what
    is masked in all that is put in: what another run kept with fewer of them is not given out.
    """

    def __init__(
        self,
        folder: Path | None = None,
        memory_bytes: int = MEMORY_BYTES,
        lifetime_seconds: float | None = None,
        clock: Callable[[], float] = time.time,
        disk_bytes: int = DISK_BYTES,
        most_cards: int = MOST_CARDS,
        masked: tuple[str, ...] = (),
    ) -> None:
        self._masked = masked
        self._lifetime = lifetime_seconds or (FOLDER_LIFETIME if folder else SERVER_LIFETIME)
        self._memory_bytes, self._most_cards, self._clock = memory_bytes, most_cards, clock
        self._shelf = Shelf(folder, disk_bytes)
        self._durable = folder is not None
        self._cards: OrderedDict[str, Card] = OrderedDict()
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._fresh: deque[str] = deque()
        self._used = 0
        if self._durable:
            self._shelf.sweep(self._clock() - self._lifetime)
        else:
            sweep()

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
        reading: Reading | None = None,
        names: Mapping[str, str] | None = None,
    ) -> str:
        """Keep an answer; returns its handle.

        `body` are the provider's own bytes, to be given where nothing was removed from them; without it the value is
        written anew. `tool` and `arguments` are the call to repeat once the result is gone; `reading` and `names` are
        what its charts and queries go by.
        """
        handle = f"r_{_base32(token_bytes(10))}"
        content = body if body is not None and _is_utf8(body) else encode(answer)
        card = Card(
            handle,
            tool,
            recalled(arguments),
            answer.media,
            self._clock(),
            title,
            personal,
            replace(provenance, handle=handle),
            reading or Reading(),
            dict(names or {}),
            self._masked,
        )
        self._forget_expired()
        self._cards[handle] = card
        self._fresh.append(handle)
        self._bodies[handle] = content
        self._used += _weight(card, content)
        if self._durable:
            self._shelf.write(card, content)
        self._make_room()
        return handle

    def get(self, handle: str) -> StoredResult:
        """The result of a handle.

        Raises:
            ResultExpired: It is gone, never was, or holds what this run masks; the remedy names the call to repeat.
        """
        if not _HANDLE.fullmatch(handle):
            raise _unknown(handle)
        self._forget_expired()
        card = self._cards.get(handle) or self._shelf.card(handle)
        if card is None:
            raise _unknown(handle)
        open_here = [word for word in self._masked if word not in card.masked]
        if open_here:
            raise _bare(card, open_here)
        if self._clock() - card.stored >= self._lifetime:
            self._drop(handle)
            raise _gone(card, f"has expired: results are kept for {_hours(self._lifetime)}")
        content = self._bodies.get(handle)
        if content is not None:
            self._bodies.move_to_end(handle)
            return StoredResult(card, content)
        content = self._shelf.body(handle)
        if content is None:
            raise _gone(card, "is not kept any more")
        return StoredResult(self._shelf.card(handle) or card, content)

    def cards(self) -> list[Card]:
        """What is known of the results that this process made and still keeps, the newest first."""
        since = self._clock() - self._lifetime
        return [card for card in reversed(self._cards.values()) if card.stored > since]

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
            card = self._cards[handle]
            self._used -= _weight(card, content)
            if not self._durable:
                self._shelf.write(card, content)
            self._cards[handle] = replace(card, names={})  # the whole card is where the body is
        while len(self._cards) > self._most_cards:
            handle = next(iter(self._cards))
            self._drop(handle)
            self._shelf.forget(handle)
            del self._cards[handle]

    def _forget_expired(self) -> None:
        """Free what has expired; the cards stay, so that the call can still be named."""
        before = self._clock() - self._lifetime
        while self._fresh:
            card = self._cards.get(self._fresh[0])
            if card and card.stored > before:
                return
            self._drop(self._fresh.popleft())

    def _drop(self, handle: str) -> None:
        content = self._bodies.pop(handle, None)
        if content is not None:
            self._used -= _weight(self._cards[handle], content)
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


def _gone(card: Card, why: str) -> ResultExpired:
    where = card.provenance
    return ResultExpired(
        f"The result {card.handle} {why}.",
        f"Call {card.tool} again with the arguments {squeezed(card.arguments_text(), 200)}.",
        provider=where.provider,
        workspace=where.workspace,
        region=where.region,
    )


def _bare(card: Card, words: Sequence[str]) -> ResultExpired:
    """Not even the arguments are told: they may hold the same."""
    return ResultExpired(
        f"The result {card.handle} was kept by a run that did not mask {', '.join(words)}, as this one does.",
        f"Call {card.tool} again, with the arguments that it had: its answer names a new handle.",
        provider=card.provenance.provider,
    )


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:g} hours" if seconds > 3600 else f"{seconds / 60:g} minutes"


def _weight(card: Card, content: bytes) -> int:
    """About what a result takes in memory."""
    return len(content) + sum(len(key) + len(name) + _NAME_BYTES for key, name in card.names.items())
