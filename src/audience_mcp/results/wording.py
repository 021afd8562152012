"""Provider values -> what may be shown: no hidden characters, nothing endless, nothing that poses as our own words."""

from __future__ import annotations

import json
import re
from math import isfinite, log10
from typing import Any

from audience_mcp.results.budget import estimate

Json = Any

LONGEST_TEXT = 120
LONGEST_ID = 200
_MOST_SAFE_INTEGER = 2**53
_MOST_DIGITS = 40
_SMALL_SHARE = 0.1

# Printable by Python's rules, yet invisible: fillers, joiners, and variation selectors beyond a single one.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0d\U000e0100-\U000e01ef]"
    "|(?<=[\ufe0e\ufe0f])[\ufe0e\ufe0f]"
)
# One word of these characters needs no quotes: it cannot pass for a line of ours, nor break one.
_PLAIN = re.compile(r"(?!.*:$)[\w$@+#./:-][\w$@+#./:%-]*")
_LABEL = re.compile(r"(?:[\w$@+#./()%,-]|:(?=\w))+(?: (?:[\w$@+#./()%,-]|:(?=\w))+)*")
# A moment whose fraction of a second is nothing.
_IDLE_FRACTION = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.0+(Z|[+-]\d\d:\d\d)$")
_ID_NAME = re.compile(r"(?:^|_|\.)(?:id|ids|uuid|guid|key|handle|hash)$|(?:Id|Ids|Uuid|UUID|Guid|ID)$")
_ID_VALUE = re.compile(r"[!-~]{1,200}")


class Cut(str):
    """A text that is shown in part."""

    __slots__ = ()


class Words(str):
    """What a nested value says, in words of ours that are safe to print as they are."""

    __slots__ = ()


class Folded(Words):
    """A short telling of a nested value, already safe to print as it is."""

    __slots__ = ()


class Rounded(float):
    """A number that is shown with fewer digits than it has."""

    __slots__ = ()


def clean(text: str) -> str:
    """`text` with control, direction-changing and invisible characters shown as `<U+200B>`; line breaks stay."""
    if text.isprintable() and (text.isascii() or not _INVISIBLE.search(text)):
        return text
    text = _INVISIBLE.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    if character == "\r":
        return ""
    return (
        " "
        if character.isspace() and ord(character) >= 0xA0 and character not in "\u2028\u2029"
        else f"<U+{ord(character):04X}>"
    )


def cut(text: str, most: int = LONGEST_TEXT) -> str:
    """`text` cleaned, and cut with a count where it is longer than `most` characters."""
    if len(text) <= most:
        return clean(text)
    return Cut(f"{clean(text[:most])}...(+{len(text) - most} characters)")


def squeezed(text: str, tokens: int) -> str:
    """`text` cleaned, and cut with a count where it would take more than `tokens` tokens as ASCII JSON."""
    most = len(text)
    shorter = cut(text, most)
    while most and len(shorter) > tokens and estimate(json.dumps(shorter)) > tokens:
        most = min(most * 3 // 4, tokens * 6)
        shorter = cut(text, most)
    return shorter


def quote(text: str) -> str:
    """`text` in double quotes on one line."""
    return json.dumps(clean(text), ensure_ascii=False)


def named(text: str, most: int = 60) -> str:
    """A provider's name for something, quoted and not too long: fit for a headline."""
    return quote(cut(text, most))


def scalar(value: Json, most: int = LONGEST_TEXT) -> Json:
    """A string, number, boolean or null as it is shown: valid JSON, cleaned, cut, rounded for reading."""
    if isinstance(value, str):
        return value if isinstance(value, (Cut, Words)) else cut(_IDLE_FRACTION.sub(r"\1\2", value), most)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_MOST_SAFE_INTEGER <= value <= _MOST_SAFE_INTEGER else _long_integer(value)
    return _decimal(value) if isinstance(value, float) else cut(str(value), most)


def derived(value: float) -> Json:
    """A number that was reckoned from stored ones, with few digits: no stored number is rounded by it."""
    rounded = scalar(value)
    return float(rounded) if isinstance(rounded, Rounded) else rounded


def percent(part: float, whole: float) -> Json:
    """`part` of `whole` in percent, to two decimals, small ones to four digits; None of nothing."""
    if not whole:
        return None
    share = part / whole * 100
    return derived(round(share, 2) if abs(share) >= _SMALL_SHARE else share)


def _long_integer(value: int) -> str:
    # As text: a client's JavaScript would round it.
    if value.bit_length() > 10_000:
        return Cut(f"an integer of about {int(value.bit_length() * log10(2)) + 1} digits")
    digits = str(value)
    return (
        digits
        if len(digits) <= _MOST_DIGITS
        else Cut(f"{digits[:_MOST_DIGITS]}...(+{len(digits) - _MOST_DIGITS} digits)")
    )


def _decimal(value: float) -> Json:
    if not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < _MOST_SAFE_INTEGER:
        return int(value)
    short = round(value, 2) if abs(value) >= 100 else float(f"{value:.4g}")
    return value if short == value else Rounded(short)


def shown(value: Json) -> str:
    """A cell of a table, a figure's value or a label as text: a word as it is, anything else in quotes or as JSON."""
    if isinstance(value, Words):
        return value
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    if value is None:
        return "-"
    return json.dumps(value, ensure_ascii=False)


def label(text: str) -> str:
    """A figure's label or a column's name: words as they are, anything odd in quotes."""
    return text if _LABEL.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def is_id(name: str, value: Json) -> bool:
    """Whether a field holds an id, by its name and by what stands there; ids are never cut short."""
    return isinstance(value, str) and bool(_ID_NAME.search(name)) and bool(_ID_VALUE.fullmatch(value))


def counted(number: int, noun: str) -> str:
    """`1 row`, `3 rows`, `2 entries`."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """More than one of `noun`."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return noun if noun.endswith("s") else f"{noun}s"
