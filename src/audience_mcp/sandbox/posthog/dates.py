"""PostHog's dates: relative (`-7d`, `-2w`, `-1m`, `-1y`) or ISO -> a moment in UTC without zone; periods of both."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, time, timedelta

RELATIVE = re.compile(r"-?(\d{1,5})([hdwmqy])", re.IGNORECASE)
DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
EDGE = re.compile(r"(?:-(\d{1,5}))?([dwmqy])(Start|End)", re.IGNORECASE)
LETTERS = {"d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year"}


def back(moment: datetime, amount: int, unit: str) -> datetime:
    """`amount` days, weeks, months, quarters or years before `moment`.

    Raises:
        ValueError: That would be before the calendar starts.
    """
    try:
        if unit in DAYS:
            return moment - timedelta(days=amount * DAYS[unit])
        months = moment.year * 12 + moment.month - 1 - amount * MONTHS[unit]
        year, month = months // 12, months % 12 + 1
        return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        raise ValueError(f"{amount} {unit}s is too long ago") from None


def read(text: object, now: datetime) -> datetime:
    """The moment `text` names, relative to `now`.

    Raises:
        ValueError: It is neither relative nor ISO 8601.
    """
    relative = RELATIVE.fullmatch(str(text).strip())
    if relative:
        amount, letter = int(relative[1]), relative[2].lower()
        return now - timedelta(hours=amount) if letter == "h" else back(now, amount, LETTERS[letter])
    try:
        moment = datetime.fromisoformat(str(text).strip())
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is neither a relative nor an ISO date") from None


def period(date_from: str, date_to: str | None, now: datetime) -> tuple[datetime, datetime]:
    """The first and last moment of a chart's dates: whole days unless a time is told, up to now when nothing ends it.

    Besides relative and ISO dates, `all` and the edges of periods are read: `mStart`, `-1mEnd`, `yStart`.

    Raises:
        ValueError: One of them is no date.
    """
    start = datetime.min if date_from == "all" else _edge(date_from, now, last=False)
    return start, _edge(date_to, now, last=True) if date_to else now


def _edge(text: str, now: datetime, last: bool) -> datetime:
    if named := EDGE.fullmatch(text.strip()):
        unit = LETTERS[named[2].lower()]
        first = _first(back(now, int(named[1] or 0), unit), unit)
        return first if named[3].lower() == "start" else back(first, -1, unit) - timedelta(microseconds=1)
    moment = read(text, now)
    whole = len(text.strip()) <= len("2026-01-31") and not text.strip().lower().endswith("h")
    if not whole:
        return moment
    return datetime.combine(moment, time.max if last else time.min)


def _first(moment: datetime, unit: str) -> datetime:
    """The start of the day, week (from Sunday), month, quarter or year that `moment` is in."""
    day = datetime.combine(moment, time.min)
    if unit == "week":
        return day - timedelta(days=(day.weekday() + 1) % 7)
    if unit == "day":
        return day
    month = 1 if unit == "year" else day.month - (day.month - 1) % MONTHS[unit]
    return day.replace(month=month, day=1)
