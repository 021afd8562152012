"""Values <-> tokens: kind, colon, and the beginning of a keyed digest, as long as it takes to be unique."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import Any, Final

from audience_mcp.redaction.fields import EMAIL, LITERAL, PHONE

Json = Any
FEWEST_DIGITS = 4
UNKNOWN: Final = object()
"""Stands for the value of a token that is not known here."""


class Tokens:
    """Every token given out, for as long as the process lives: about 400 bytes each.

    One value has one token, and a token one value. E-mail addresses that differ in case, and phone numbers that differ
    in how they are written, are one value, which is given back as it was first seen. `fewest` is how many digits a
    token has at least.
    """

    def __init__(self, key: bytes, words: Iterable[str], fewest: int = FEWEST_DIGITS) -> None:
        self._key, self._fewest = key, fewest
        self._tokens: dict[tuple[str, str], str] = {}
        self._values: dict[str, Json] = {}
        self.fresh: dict[str, tuple[str, Json]] = {}
        words = "|".join(sorted({*words, LITERAL}, key=len, reverse=True))
        self.shape = re.compile(rf"(?<!\w)(?:{words}):[0-9a-f]{{{FEWEST_DIGITS},64}}(?![\w@])")

    def of(self, kind: str, value: Json) -> str:
        """The token of a value."""
        same = kind, canonical(kind, value)
        token = self._tokens.get(same)
        if token is None:
            token = self._made(*same)
            self._tokens[same], self._values[token] = token, value
        self.fresh[token] = kind, value
        return token

    def value(self, token: str) -> Json:
        """The value of a token, or `UNKNOWN`."""
        return self._values.get(token, UNKNOWN)

    def learn(self, token: str, kind: str, value: Json) -> None:
        """Take over a token that an earlier process gave out."""
        self._tokens.setdefault((kind, canonical(kind, value)), token)
        self._values.setdefault(token, value)

    def _made(self, kind: str, text: str) -> str:
        digest = hmac.digest(self._key, f"{kind}:{text}".encode("utf-8", "surrogatepass"), "sha256").hex()
        length = self._fewest
        while f"{kind}:{digest[:length]}" in self._values:
            length += 1
        return f"{kind}:{digest[:length]}"


def canonical(kind: str, value: Json) -> str:
    """What two values have in common that are the same one."""
    text = str(value)
    if kind == EMAIL:
        return text.lower()
    if kind == PHONE:
        return "".join(filter(str.isdecimal, text)).removeprefix("00") or text
    return text
