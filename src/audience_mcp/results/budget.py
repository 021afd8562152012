"""Text -> how many o200k_base tokens it takes at most, without the encoding's two megabytes.

The encoding splits text into words, runs of up to three digits, punctuation and white space, and each piece into
tokens. The split is the encoding's own here, exact for ASCII. A piece then costs:

- digits: exactly one token;
- a Latin word: one token if it is `COMMON`, else one plus the breaks that its letter pairs make likely (`BREAKS`);
- punctuation: one token for each run known to be one, else one per character;
- anything else: per character, one where the encoding keeps it whole, else about the dearest of its block.

Calibrated against the published encoding on 50 kinds of text (JSON, tables, English, European and Asian languages, ids,
dates, numbers, base64, hex, source, URLs, random characters): never below the true count of a text of some hundred
characters, and within 1.35 of it for JSON, tables and English. Running text of other alphabets may be counted up to
four times too dear.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from math import ceil

from audience_mcp.results.merges import BREAKS, LETTERS
from audience_mcp.results.vocabulary import COMMON, WHOLE_CHARACTERS, WHOLE_RUNS

_PIECE = (
    r"[0-9]{1,3}"
    r"|[^\r\nA-Za-z0-9\x80-\U0010ffff]?(?:[a-z]++|[A-Z]++[a-z]*+)"
    r"| ?[^\sA-Za-z0-9\x80-\U0010ffff]++[\r\n/]*+"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    r"|[^\x00-\x7f]++"
)
_BREAK = {
    a + b: int(tenths) / 10
    for a, row in zip(LETTERS, BREAKS, strict=True)
    for b, tenths in zip(LETTERS, row, strict=True)
}
_CACHED, _LONGEST, _LONGEST_RUN = 20_000, 24, 4
_UPPER, _CAPITAL, _LEAD, _LONG, _MARGIN = 0.25, 0.1, 0.6, 0.6, 1.04
_COMMON_UPPER, _USUAL, _JOINED = 1.8, 6, 0.06


def estimate(text: str) -> int:
    """A cautious estimate of the o200k_base tokens of `text`: as a rule up to a third above the true count."""
    return ceil(sum(map(_COSTS.__getitem__, _pieces().findall(text))) * _MARGIN)


@cache
def _pieces() -> re.Pattern[str]:
    # Compiled at the first text: it takes longer than importing this module.
    return re.compile(_PIECE, re.ASCII)


class _Costs(dict[str, float]):
    """Costs of pieces already met; starts afresh when full, so that it stays small whatever comes."""

    def __missing__(self, piece: str) -> float:
        cost = _cost(piece)
        if len(piece) <= _LONGEST:
            if len(self) >= _CACHED:
                self.clear()
            self[piece] = cost
        return cost


_COSTS = _Costs()


def _cost(piece: str) -> float:
    if not piece.isascii():
        return sum(map(_character_cost, piece))
    last = piece[-1]
    if last.isalpha():
        word = piece.lstrip(" ")
        return _word_cost(word) if word[0].isalpha() else _LEAD + _word_cost(word[1:])
    if last.isdigit():
        return 1
    return _space_cost(piece) if piece.isspace() else _run_cost(piece.lstrip(" "))


def _word_cost(word: str) -> float:
    lower = word.lower()
    capitals = sum(map(str.isupper, word))
    if lower in COMMON:
        return 1 if capitals <= 1 else _COMMON_UPPER
    breaks = sum(_BREAK.get(lower[i : i + 2], 0.5) for i in range(len(lower) - 1))
    if len(word) > _LONGEST:
        breaks = max(breaks, _LONG * len(word))
    elif len(word) > _USUAL:
        breaks *= 1 + _JOINED * (len(word) - _USUAL)
    return 1 + breaks + (_UPPER * (capitals - 1) if capitals > 1 else _CAPITAL * capitals)


def _run_cost(run: str) -> float:
    signs = run.rstrip("\r\n")
    breaks = 1 if len(run) > len(signs) > 1 and run not in WHOLE_RUNS else 0
    start = 0
    while start < len(signs):
        end = min(start + _LONGEST_RUN, len(signs))
        while end > start + 1 and signs[start:end] not in WHOLE_RUNS:
            end -= 1
        start, breaks = end, breaks + 1
    return breaks + (len(run) - len(signs)) // 3


def _space_cost(space: str) -> float:
    turns = sum(a != b for a, b in pairwise(space))
    return 1 + turns + len(space) // 16


def _character_cost(character: str) -> float:
    code = ord(character)
    if character in WHOLE_CHARACTERS:
        return 1
    if code < 0x800 or 0x4E00 <= code <= 0x9FFF:
        return 2
    if 0x3041 <= code <= 0x30FF:
        return 1.25
    return 3 if code < 0x10000 or 0x1F000 <= code < 0x1FB00 else 4
