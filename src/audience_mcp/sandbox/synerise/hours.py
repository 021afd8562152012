"""The inner `filter` of a date filter -> a condition on the hour and the day of an event.

Shapes are those of the provider's date picker: DAILY (a time of day), WEEKLY (times on days 1 to 7, Monday first),
MONTHLY (rules by day of the month or by week and day of the week; `inverted` counts from the month's end).
"""

from __future__ import annotations

from datetime import time
from typing import Any

from audience_mcp.sandbox.core import Refusal
from audience_mcp.sandbox.synerise.clauses import ALWAYS, Clause, either, every, weave
from audience_mcp.sandbox.synerise.fields import Fields

_DAY_OF_MONTH = 'day(e."at")'
_DAY_FROM_END = '(day(last_day(e."at"::DATE)) - day(e."at") + 1)'


def read_hours(value: Any, where: str) -> Clause:
    """Read the time-window filter; `{}` is always true.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(value, where)
    if not value:
        return ALWAYS
    kind = fields.choice("type", ("DAILY", "WEEKLY", "MONTHLY"))
    fields.choice("nestingType", ("IN_PLACE",), "IN_PLACE")
    if kind == "DAILY":
        fields.several("days", [], most=0)
        inverted = fields.flag("inverted", False)
        inside = _times(fields)
        clause = weave("NOT ({})", inside) if inverted else inside
    elif kind == "WEEKLY":
        days = fields.several("days", least=1, most=31)
        clause = either(_day(item, f"{where}.days", 'isodow(e."at")', 7) for item in days)
    else:
        fields.several("days", [], most=0)
        clause = either(_rule(item, f"{where}.rules") for item in fields.several("rules", least=1))
    fields.done()
    return clause


def _rule(value: Any, where: str) -> Clause:
    fields = Fields(value, where)
    kind = fields.choice("type", ("DAY_OF_MONTH", "DAY_OF_WEEK"))
    column = _DAY_FROM_END if fields.flag("inverted", False) else _DAY_OF_MONTH
    if kind == "DAY_OF_MONTH":
        clause = either(_day(item, f"{where}.days", column, 31) for item in fields.several("days", least=1))
    else:
        clause = either(_week(item, f"{where}.weeks", column) for item in fields.several("weeks", least=1))
    fields.done()
    return clause


def _week(value: Any, where: str, column: str) -> Clause:
    fields = Fields(value, where)
    week = Clause(f"(({column} - 1) // 7 + 1) = ?", (fields.whole("week", least=1, most=5),))
    days = either(_day(item, f"{where}.days", 'isodow(e."at")', 7) for item in fields.several("days", least=1, most=7))
    fields.done()
    return every([week, days])


def _day(value: Any, where: str, column: str, most: int) -> Clause:
    fields = Fields(value, where)
    fields.raw("type", None)
    day = Clause(f"{column} = ?", (fields.whole("day", least=1, most=most),))
    times = _times(fields)
    fields.done()
    return every([day, times])


def _times(fields: Fields) -> Clause:
    start, end = (_time(fields, "from", time.min), _time(fields, "to", time.max))
    return Clause('e."at"::TIME BETWEEN ? AND ?', (start, end))


def _time(fields: Fields, name: str, default: time) -> time:
    value = fields.raw(name, None)
    try:
        return default if value is None else time.fromisoformat(value)
    except (TypeError, ValueError):
        raise Refusal(400, f"{fields.where}.{name} must be a time such as 09:30:00.000") from None
