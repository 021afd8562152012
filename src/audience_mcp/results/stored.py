"""A stored result: its card (what call gave it, where it comes from) and its content, exact to the byte."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from audience_mcp.results.answer import Answer, Media, decode
from audience_mcp.results.provenance import Provenance

Json = Any

MEDIA_TYPES: dict[Media, str] = {
    "json": "application/json",
    "csv": "text/csv",
    "text": "text/plain",
    "empty": "text/plain",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a result besides its content; `stored` is the time in seconds."""

    handle: str
    tool: str
    arguments: dict[str, Json]
    media: Media
    stored: float
    title: str
    personal: bool
    provenance: Provenance

    def arguments_text(self) -> str:
        """The arguments as compact JSON."""
        return json.dumps(self.arguments, ensure_ascii=False, separators=(",", ":"), default=str)

    def encoded(self) -> bytes:
        """The card as JSON."""
        return json.dumps(asdict(self), default=str).encode()


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result that is still there."""

    card: Card
    body: bytes

    @property
    def media_type(self) -> str:
        """The content's media type."""
        return MEDIA_TYPES[self.card.media]

    def answer(self) -> Answer:
        """The content as a value, read anew each time: nothing that a reader does to it can change the store."""
        if self.card.media == "text":
            return Answer("text", self.body.decode("utf-8-sig", "replace"), len(self.body))
        return decode(self.body, self.media_type)


def read_card(content: bytes) -> Card:
    """A card from its JSON.

    Raises:
        ValueError, KeyError, TypeError: The content is no card.
    """
    facts = json.loads(content)
    source = facts.pop("provenance")
    source["notes"] = tuple(source["notes"])
    return Card(**facts, provenance=Provenance(**source))


def encode(answer: Answer) -> bytes:
    """The value of an answer as bytes that `decode` reads back the same."""
    if answer.media == "empty":
        return b""
    if answer.media == "text":
        return str(answer.value).encode("utf-8", "replace")
    if answer.media == "csv":
        return _csv(answer.value)
    try:
        return json.dumps(answer.value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(answer.value, separators=(",", ":")).encode()


def _csv(rows: list[dict[str, str]]) -> bytes:
    import csv
    import io

    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
