"""A misspelled word -> the known word it is likest."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable

SHORTEST, ALIKE = 6, 0.82
MOST_APART = 2


class Spelling:
    """Known words by their first letter: it is the one that people get right."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._starting: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(self._known):
            self._starting[word[0]].append(word)

    def mended(self, word: str) -> str:
        """The word itself where it is known or too short to tell what was meant."""
        if word in self._known or len(word) < SHORTEST or word.isdecimal():
            return word
        near = [other for other in self._starting.get(word[0], ()) if abs(len(other) - len(word)) <= MOST_APART]
        return next(iter(difflib.get_close_matches(word, near, 1, ALIKE)), word)
