"""A provider's words about a refused call -> the same without what it quotes of its data.

A database that cannot read a value quotes it: `Could not convert string 'Anna'`. What stands between quotation marks is
told only where each of its words is one of the call's own, or of what the operation takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = Any

HIDDEN = "…"
_SAID = re.compile("“[^“”]*”")  # how a provider's words stand in our messages; there are no such marks within
_PIECE = re.compile(
    r"""(?P<open>["`]|(?<!\w)')(?P<within>(?:\\.|.)*?)(?:(?P=open)(?!\w)|$)|‘(?P<curly>[^’]*)(?:’|$)""", re.DOTALL
)
_WORD = re.compile(r"\w+")
_NAMED = ("enum", "type", "format", "required", "const")


def without_quotations(text: str, known: frozenset[str]) -> str:
    """`text` with what a provider quotes in it hidden, unless its words are all `known` (in lower case)."""
    return _SAID.sub(lambda said: f"“{_PIECE.sub(lambda piece: _told(piece, known), said[0][1:-1])}”", text)


def words_of(sent: Json) -> frozenset[str]:
    """All words of a call's arguments, in lower case."""
    return frozenset(word for text in _texts(sent) for word in _WORD.findall(text.casefold()))


def terms_of(schema: Json) -> frozenset[str]:
    """The names, types and choices of what an operation takes, as words in lower case."""
    return frozenset(word for text in _terms(schema) for word in _WORD.findall(text.casefold()))


def _told(piece: re.Match[str], known: frozenset[str]) -> str:
    within = piece["curly"] if piece["within"] is None else piece["within"]
    if known.issuperset(_WORD.findall(within.casefold())):
        return piece[0]
    mark = piece["open"] or "'"
    return f"{mark}{HIDDEN}{mark}"


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield str(name)
            yield from _texts(part)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)


def _terms(schema: Json) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _terms(item)
    if not isinstance(schema, dict):
        return
    for name, part in schema.items():
        if name in _NAMED:
            yield from _texts(part)
        elif name == "properties" and isinstance(part, dict):
            yield from part
            yield from _terms(list(part.values()))
        else:
            yield from _terms(part)
