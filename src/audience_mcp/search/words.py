"""A text -> its words as they are compared: each word's stem, and whether it speaks of several things."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# What names an object or a person: it says nothing about which tool is meant.
_LITERAL = re.compile(r"(?<!\w)'[^']{2,60}'(?!\w)|\"[^\"]{2,60}\"|“[^”]{2,60}”|\S+@\S+|\b[0-9a-f-]{16,}\b", re.I)
_ANY_NUMBER = "1"
_SINGULAR_ENDS = ("ss", "us", "is")
_SHORTEST_PLURAL = 4

Stemmer = Callable[[Sequence[str]], Sequence[tuple[str, ...]]]


class Word(NamedTuple):
    """One word of a text."""

    stem: str
    plural: bool

    def fits(self, said: Word) -> bool:
        """Whether `said` is this word in some inflection; a plural fits plurals only."""
        return self.stem == said.stem and (said.plural or not self.plural)


Words = tuple[Word, ...]


def words(text: str, stems: Stemmer, unbent: Container[str] = ()) -> Words:
    """The words of `text` in order, all numbers alike; `unbent` ones are taken as they stand."""
    raw = split(text)
    return tuple(
        Word(word if word in unbent else stem, _plural(word))
        for word, found in zip(raw, stems(raw), strict=True)
        for stem in found
    )


def split(text: str) -> list[str]:
    """The words of `text` as they are written, in lower case."""
    return [_ANY_NUMBER if word.isdecimal() else word for word in _WORD.findall(text.lower())]


def unquoted(request: str) -> str:
    """A request without quoted names, addresses and ids."""
    return _LITERAL.sub(" ", request)


def apart(names: Iterable[str]) -> str:
    """Names like `dateFilter` and `is_static` as words."""
    return " ".join(_HUMP.sub(" ", name).replace("_", " ") for name in names)


def _plural(word: str) -> bool:
    return len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(_SINGULAR_ENDS)
