"""A stored result: its card (what call gave it, where it comes from) and its content, exact to the byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from audience_mcp.results.answer import Answer, Media, decode
from audience_mcp.results.draft import View
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading
from audience_mcp.results.wording import cut

Json = Any

MEDIA_TYPES: dict[Media, str] = {
    "json": "application/json",
    "csv": "text/csv",
    "text": "text/plain",
    "empty": "text/plain",
}


_LONGEST_CALL, _LONGEST_ARGUMENT = 8_000, 400  # characters


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a result besides its content.

    `stored` is the time in seconds, `reading` the operation's hints, `names` the names of ids in the answer. Very long
    arguments are remembered by their beginnings (`recalled`). `masked` are the words of what was masked in it.
    """

    handle: str
    tool: str
    arguments: dict[str, Json]
    media: Media
    stored: float
    title: str
    personal: bool
    provenance: Provenance
    reading: Reading = field(default_factory=Reading)
    names: Mapping[str, str] = field(default_factory=dict)
    masked: tuple[str, ...] = ()

    def arguments_text(self) -> str:
        """The arguments as compact JSON."""
        return _compact(self.arguments)

    def encoded(self) -> bytes:
        """The card as JSON."""
        facts = {part.name: getattr(self, part.name) for part in fields(self)}
        facts |= {"provenance": asdict(self.provenance), "reading": asdict(self.reading), "names": dict(self.names)}
        return json.dumps(facts, default=str).encode()


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

    def view(self) -> View:
        """The content as the tellers of summaries and the drawers of charts see it."""
        card, value, source = self.card, self.answer().value, self.card.provenance
        return View(
            value, card.media, card.reading, card.names, card.title, len(self.body), source.zone, source.fetched
        )


def read_card(content: bytes) -> Card:
    """A card from its JSON.

    Raises:
        ValueError, KeyError, TypeError: The content is no card.
    """
    facts = json.loads(content)
    source = facts.pop("provenance")
    source["notes"] = tuple(source["notes"])
    hints: dict[str, Any] = {
        name: tuple(part) if isinstance(part, list) else part for name, part in facts.pop("reading").items()
    }
    facts["masked"] = tuple(facts.get("masked", ()))
    return Card(**facts, provenance=Provenance(**source), reading=Reading(**hints))


def recalled(arguments: Mapping[str, Json]) -> dict[str, Json]:
    """A call's arguments to be remembered: of a very long call the long ones only by how they begin."""
    if len(_compact(arguments)) <= _LONGEST_CALL:
        return dict(arguments)
    texts = {name: _compact(value) for name, value in arguments.items()}
    return {
        name: arguments[name] if len(text) <= _LONGEST_ARGUMENT else cut(text, _LONGEST_ARGUMENT)
        for name, text in texts.items()
    }


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


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _csv(rows: list[dict[str, str]]) -> bytes:
    import csv
    import io

    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
