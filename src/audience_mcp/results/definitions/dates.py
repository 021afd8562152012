"""A date filter, or a length of time -> words: `last 30 days`, `2026-01-01 to 2026-01-31`, `by week`."""

from __future__ import annotations

import re
from typing import Any

from audience_mcp.results.definitions.reader import Reader, Unclear, a_list, an_object, span
from audience_mcp.results.wording import cut, shown

Json = Any

_DAY_START = re.compile(r"T00:00:00(\.0+)?(Z|[+-]\d\d:\d\d)?")
_DAY_END = re.compile(r"T23:59:59(\.9+)?(Z|[+-]\d\d:\d\d)?")
_DATE, _WEEKDAYS, _LONGEST = 10, range(1, 8), 40


def window(value: Json, path: str, reader: Reader) -> str:
    """The time a definition looks at; an empty filter looks at all of it.

    Raises:
        Unclear: The filter is of no known form.
    """
    part = an_object(value)
    reader.check(part, path, "type", "from", "to", "offset", "duration", "filter")
    hours = _hours(part.get("filter"), f"{path}.filter", reader)
    if part.get("type") == "RELATIVE":
        return _relative(part) + hours
    if part.get("type") not in ("ABSOLUTE", None):
        raise Unclear
    first, last = _moment(part.get("from"), _DAY_START), _moment(part.get("to"), _DAY_END)
    if not first and not last:
        return f"all time{hours}"
    return f"{first or 'the beginning'} to {last or 'now'}{hours}"


def length(value: Json) -> str:
    """`7 days` of `{type: DAYS, value: 7}`.

    Raises:
        Unclear: It is no such object.
    """
    part = an_object(value)
    if set(part) - {"type", "value"}:
        raise Unclear
    return span(part.get("value"), part.get("type"))


def _relative(part: dict[str, Json]) -> str:
    duration, offset = length(part.get("duration")), part.get("offset")
    ago = length(offset) if offset is not None else "0"
    return f"last {duration}" if ago.startswith("0") else f"{duration} up to {ago} ago"


def _moment(value: Json, edge: re.Pattern[str]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not value[:1].isdigit():
        raise Unclear
    return value[:_DATE] if edge.fullmatch(value[_DATE:]) else shown(cut(value, _LONGEST))


def _hours(value: Json, path: str, reader: Reader) -> str:
    """The part of each week that counts, where it is whole days; any other is left untold."""
    if not value:
        return ""
    try:
        days = [an_object(day) for day in a_list(an_object(value).get("days"))]
    except Unclear:
        days = []
    plain = days and all(set(day) == {"day"} and day["day"] in _WEEKDAYS for day in days)
    if not plain or value.get("type") != "WEEKLY" or value.get("inverted"):
        reader.untold.append(path)
        return ", only at certain hours"
    return f", only on day {' and '.join(str(day['day']) for day in days)} of the week"
