"""PostHog's dates: relative (`-7d`, `-2w`, `-1m`, `-1y`) or ISO -> a moment in UTC without zone."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta

RELATIVE = re.compile(r"-?(\d{1,5})([hdwmqy])", re.IGNORECASE)
DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
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
