"""Texts that may come back in an answer -> those of them that stand in it, however many there are."""

from __future__ import annotations

import re
from collections.abc import Mapping

MOST = 20_000
"""Texts that are remembered: some 5,000 values. The oldest are forgotten first."""

_WORD = re.compile(r"\w+")


class Repeats:
    """Texts and the tokens they are told as, on top of those `beneath`.

    Each is filed under its longest word, so that a text is only compared with those of which it holds that word.
    """

    def __init__(self, tokens: Mapping[str, str] | None = None, beneath: Repeats | None = None) -> None:
        self._beneath = beneath
        self.tokens: dict[str, str] = {}
        self._filed: dict[str, set[str]] = {}
        self.add(tokens or {})

    def __bool__(self) -> bool:
        return bool(self.tokens) or bool(self._beneath)

    def add(self, tokens: Mapping[str, str]) -> None:
        """Look for these from now on."""
        for text, token in tokens.items():
            self.tokens.pop(text, None)  # met again: the youngest
            self.tokens[text] = token
            self._filed.setdefault(_file(text), set()).add(text)
        while len(self.tokens) > MOST:
            oldest = next(iter(self.tokens))
            del self.tokens[oldest]
            self._filed[_file(oldest)].discard(oldest)
            if not self._filed[_file(oldest)]:
                del self._filed[_file(oldest)]

    def within(self, text: str) -> dict[str, str]:
        """Those that stand somewhere in `text`, each with its token."""
        found = self._beneath.within(text) if self._beneath else {}
        if self.tokens:
            words = {"", *_WORD.findall(text)}
            if not self._filed.keys().isdisjoint(words):
                filed = (self._filed.get(word, ()) for word in words)
                found |= {one: self.tokens[one] for some in filed for one in some if one in text}
        return found


def _file(text: str) -> str:
    """The longest whole word of a text: where the text stands by itself, so does this word."""
    return max(_WORD.findall(text), key=len, default="")
