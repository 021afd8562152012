"""The marks of a chart's axis -> what orders them, and whether they are moments or whole days."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from audience_mcp.results.locate import number
from audience_mcp.results.zone import known, local

Json = Any

TIMES = ("date", "day", "time", "timestamp", "datetime", "from", "start", "period", "bucket", "interval", "at", "x")
LABELS = ("label", "name", "key", "title", "range", "bin", "category")

_MOMENT = re.compile(r"\d{4}-\d\d(?:-\d\d(?:[T ]\d\d:[\d:.]+(Z|[+-]\d\d:?\d\d)?)?)?")
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d[T ]00:00(:00(\.0+)?)?(Z|[+-]\d\d:?\d\d)?")
_EPOCH, _UNITS, _FEWEST = 1e9, (1, 1000), 3


def chosen(items: list[dict[str, Json]]) -> str | None:
    """The field that gives every item its place: a time, else a label."""
    return next((name for name in (*TIMES, *LABELS) if all(is_mark(item.get(name)) for item in items)), None)


def is_mark(value: Json) -> bool:
    """Whether a value can be a place on an axis."""
    return isinstance(value, str) or number(value)


def moments(marks: list[Json], axis: str) -> tuple[list[str], list[Json]] | None:
    """The marks as ISO texts and what they can be sorted by, where all of them are moments; None where one is not."""
    if all(map(number, marks)):
        unit = next((unit for unit in _UNITS if all(_EPOCH < mark / unit < 4 * _EPOCH for mark in marks)), None)
        if unit is None or axis not in TIMES:
            return None
        return [datetime.fromtimestamp(mark / unit, UTC).isoformat() for mark in marks], marks
    if not all(isinstance(mark, str) for mark in marks):
        return None
    found = [one for one in map(_MOMENT.fullmatch, marks) if one]
    if len(found) < len(marks):
        return None
    forms = {(one.end(), one[1]) for one in found}
    if len(forms) == 1:  # moments written alike are in the order of their letters; others have to be read
        return marks, marks
    try:
        read = [datetime.fromisoformat(mark) for mark in marks]
    except ValueError:
        return None
    return (marks, read) if len({moment.tzinfo is None for moment in read}) == 1 else None


def days(marks: list[str], zone: str | None) -> tuple[bool, str | None]:
    """Whether all moments are midnights, and in which zone they are to be shown: days as written stay as written."""
    for place in (None, zone):
        if all(_MIDNIGHT.fullmatch(local(mark, place)) for mark in marks):
            return True, place
    return False, zone


def still_open(marks: list[str], zone: str | None, now: str | None) -> bool:
    """Whether the period of the last mark, as long as the one before it, had not ended at `now`."""
    if now is None or len(marks) < _FEWEST:
        return False
    try:
        before, last, moment = (datetime.fromisoformat(text) for text in (*marks[-2:], now))
        end = last + (last - before)
        return (end if end.tzinfo else end.replace(tzinfo=known(zone or "UTC") or UTC)) > moment
    except (ValueError, OverflowError, TypeError):
        return False
