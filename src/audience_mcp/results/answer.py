"""Body and content type -> the answer as a value: JSON, CSV rows, text, or nothing. Never raises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Json = Any
Media = Literal["json", "csv", "text", "empty"]

DEEPEST = 400
"""Nesting up to which JSON is opened; deeper than any walk of ours could follow, it is kept as text."""

_LONGEST_INTEGER = 4000
_UTF8_MARK = b"\xef\xbb\xbf"
_NOT_JSON = object()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered: `value` is JSON, a list of row objects (csv), a string (text) or None (empty).

    `size` is the number of bytes of the body.
    """

    media: Media
    value: Json
    size: int


def decode(body: bytes, content_type: str | None) -> Answer:
    """Read a body; a content type that is missing or wrong is forgiven, and what cannot be decoded is text."""
    plain = body.removeprefix(_UTF8_MARK)
    if not plain.strip():
        return Answer("empty", None, len(body))
    kind, charset = _declared(content_type)
    tabular = kind.endswith("csv")
    if not tabular or plain.lstrip()[:1] in (b"{", b"["):
        value = _read_json(plain, charset)
        if value is not _NOT_JSON:
            return Answer("json", value, len(body))
    text = _text(plain, charset)
    if tabular:
        rows = _read_csv(text)
        if rows is not None:
            return Answer("csv", rows, len(body))
    return Answer("text", text, len(body))


def _declared(content_type: str | None) -> tuple[str, str]:
    kind, _, parameters = (content_type or "").lower().partition(";")
    _, _, charset = parameters.partition("charset=")
    return kind.strip(), charset.partition(";")[0].strip(" \"'") or "utf-8"


def _text(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except (LookupError, UnicodeError):
        return body.decode("utf-8", "replace")


def _read_json(body: bytes, charset: str) -> Json:
    # The SDK brings this parser along; it is twice as fast as the standard library's, and refuses deep nesting,
    # lone surrogates and very long integers, which the second try takes.
    from pydantic_core import from_json

    try:
        return from_json(body)
    except (ValueError, RecursionError):
        pass
    try:
        value = json.loads(_text(body, charset), parse_int=_integer)
    except (ValueError, RecursionError):
        return _NOT_JSON
    return _NOT_JSON if _deeper_than(value, DEEPEST) else value


def _integer(digits: str) -> int | str:
    # Python refuses to convert integers of this length; as text they stay exact.
    return digits if len(digits) > _LONGEST_INTEGER else int(digits)


def _deeper_than(value: Json, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [part for outer in level for part in _parts(outer)]
        if not level:
            return False
    return True


def _parts(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _read_csv(text: str) -> list[dict[str, str]] | None:
    import csv

    first_line = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    try:
        rows = [row for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter) if row]
    except csv.Error:
        return None
    header, *body = rows or [[]]
    names = _column_names(header, max(map(len, rows), default=0))
    return [dict(zip(names, row, strict=False)) for row in body]


def _column_names(header: list[str], width: int) -> list[str]:
    """The header's names made unique; cells beyond the header get a name of their own."""
    names: list[str] = []
    taken: set[str] = set()
    for position in range(width):
        base = (header[position].strip() if position < len(header) else "") or f"column_{position + 1}"
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        names.append(name)
    return names
