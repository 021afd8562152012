"""Texts and numbers as a chart shows them: how wide they are, how they are shortened, wrapped and made distinct."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from audience_mcp.results.wording import clean, scalar

LARGE = 1e6
# Parts of the font size, as in Arial and what is made to its measure.
_USUAL, _WIDE, _OTHER, _CAPITAL = 0.56, 1.0, 0.66, 0.7
_ADVANCES = {
    **dict.fromkeys("iljtfI.,:;'|!()[]/ ", 0.28),
    **dict.fromkeys('r-"', 0.34),
    **dict.fromkeys("ckvxyzsJ", 0.5),
    **dict.fromkeys("mMW", 0.85),
    **dict.fromkeys("w", 0.72),
    **dict.fromkeys("@%", 0.95),
}
_SCALES = ((1e12, "T"), (1e9, "B"), (LARGE, "M"))
_ELLIPSIS = "…"


def width(text: str, size: float = 11) -> float:
    """About how many pixels a text takes at a font size."""
    return sum(map(_advance, text)) * size


def _advance(character: str) -> float:
    if character.isascii():
        return _ADVANCES.get(character, _CAPITAL if character.isupper() else _USUAL)
    if unicodedata.combining(character):
        return 0.0
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else _OTHER


def plain(text: str) -> str:
    """A provider's text on one line, its hidden characters shown."""
    return " ".join(clean(text).split())


def short(text: str, pixels: float, size: float = 11) -> str:
    """A text on one line, its end left out where it is wider than `pixels`."""
    text = plain(text[:1000])
    if width(text, size) <= pixels:
        return text
    room, kept = pixels - width(_ELLIPSIS, size), ""
    for character in text:
        room -= _advance(character) * size
        if room < 0:
            break
        kept += character
    return kept.rstrip() + _ELLIPSIS


def wrapped(text: str, pixels: float, size: float, most: int) -> list[str]:
    """A text on at most `most` lines, the last one shortened."""
    lines: list[str] = []
    rest = plain(text[:1000])
    while rest and len(lines) < most - 1 and width(rest, size) > pixels:
        cut = len(short(rest, pixels, size)) - 1
        at = rest.rfind(" ", 0, cut + 1)
        at = at if at > cut // 2 else cut
        if at < 1:
            break
        lines.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*lines, short(rest, pixels, size)] if rest else lines


def distinct(names: Iterable[str], pixels: float, size: float = 11) -> list[str]:
    """Names shortened to `pixels`, and numbered where two would look the same: equal names would be drawn as one."""
    taken: set[str] = set()
    told: list[str] = []
    for name in names:
        base = short(name, pixels, size) or "(empty)"
        text, number = base, 1
        while text in taken:
            number += 1
            mark = f" ({number})"
            text = short(base.removesuffix(_ELLIPSIS), pixels - width(mark, size), size) + mark
        taken.add(text)
        told.append(text)
    return told


def figure(value: float) -> str:
    """A number beside a bar: thousands grouped, millions and more in short."""
    for size, sign in _SCALES:
        if abs(value) >= size:
            return f"{value / size:,.2f}".rstrip("0").rstrip(".") + sign
    rounded = scalar(value)
    return f"{rounded:,}" if isinstance(rounded, (int, float)) else str(rounded)
