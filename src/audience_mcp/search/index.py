"""Texts in fields -> how well a word or phrase fits each of them, by SQLite's FTS5 (BM25 over Porter stems).

FTS5 comes with Python: no dependency, an index of all tools in some milliseconds, and one engine for the stems of the
texts, of the meanings and of the request.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

_TOKENS = "tokenize = 'porter unicode61 remove_diacritics 2'"
NAME = "name"
MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Term:
    """What is searched for: a word, or several in a row; with `verb` only as the first of a tool's name."""

    words: str
    verb: bool = False

    def query(self) -> str:
        """The term in FTS5's language."""
        quoted = self.words.replace('"', '""')
        return f'{NAME} : ^ "{quoted}"' if self.verb else f'"{quoted}"'


class Index:
    """A full-text index in memory; `weights` names the fields and says what a word in each counts."""

    def __init__(self, weights: Mapping[str, float], texts: Sequence[Mapping[str, str]]) -> None:
        names, places = ", ".join(weights), ", ".join("?" * len(weights))
        self._rank = f"bm25(texts, {', '.join(f'{weight:g}' for weight in weights.values())})"
        self._base = sqlite3.connect(":memory:")
        self._base.execute(f"CREATE VIRTUAL TABLE texts USING fts5({names}, {_TOKENS})")
        self._base.execute("CREATE VIRTUAL TABLE known USING fts5vocab(texts, row)")
        self._base.execute(f"CREATE VIRTUAL TABLE spoken USING fts5(words, {_TOKENS})")
        self._base.execute("CREATE VIRTUAL TABLE stems USING fts5vocab(spoken, instance)")
        rows = [(number, *(text[field] for field in weights)) for number, text in enumerate(texts)]
        self._base.executemany(f"INSERT INTO texts (rowid, {names}) VALUES (?, {places})", rows)  # noqa: S608 - our fields
        self._fits: dict[Term, dict[int, float]] = {}
        self._stems: dict[str, tuple[str, ...]] = {}

    def fits(self, term: Term) -> Mapping[int, float]:
        """The texts that have `term`, by number, and how well each fits."""
        if term not in self._fits:
            query = f"SELECT rowid, -{self._rank} FROM texts WHERE texts MATCH ?"  # noqa: S608 - our weights
            _make_room(self._fits)
            self._fits[term] = dict(self._base.execute(query, (term.query(),)))
        return self._fits[term]

    def vocabulary(self) -> set[str]:
        """The stem of every word in the texts."""
        return {stem for (stem,) in self._base.execute("SELECT term FROM known")}

    def stems(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """Each word as its stem (as several where the engine splits it, as none where it is no word)."""
        _make_room(self._stems)
        if fresh := list(dict.fromkeys(word for word in words if word not in self._stems)):
            self._base.execute("DELETE FROM spoken")
            self._base.executemany("INSERT INTO spoken (rowid, words) VALUES (?, ?)", enumerate(fresh))
            rows = self._base.execute("SELECT doc, term FROM stems ORDER BY doc, offset")
            found = {number: tuple(stem for _, stem in group) for number, group in groupby(rows, itemgetter(0))}
            self._stems |= {word: found.get(number, ()) for number, word in enumerate(fresh)}
        return [self._stems[word] for word in words]


def _make_room(kept: dict[Any, Any]) -> None:
    """Forget what was looked up before it grows without end: requests bring new words for ever."""
    if len(kept) > MOST_KEPT:
        kept.clear()
