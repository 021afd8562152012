"""A `dateFilter` or `aggregateDataBy` object -> a span of time, its condition in SQL, and the periods inside it.

The shapes are those of the provider's date picker (absolute from/to; relative offset and duration), counted back from
the end of the sandbox's last day. Times without a zone are UTC, both ends belong to the span.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from audience_mcp.sandbox.core import Refusal
from audience_mcp.sandbox.synerise.clauses import ALWAYS, Clause, every
from audience_mcp.sandbox.synerise.fields import Fields
from audience_mcp.sandbox.synerise.hours import read_hours
from audience_mcp.sandbox.world import World

UNITS = ("SECONDS", "MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS", "YEARS")
MOST_PERIODS = 1000
_INSTANT = timedelta(microseconds=1)
_BELOW_A_YEAR: list[tuple[str, Any]] = [
    ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0), ("microsecond", 0),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end` inclusive (naive, UTC), and within that only the hours of `hours`."""

    start: datetime
    end: datetime
    hours: Clause = ALWAYS

    def clause(self) -> Clause:
        """The condition on an event `e`."""
        return every([Clause('e."at" BETWEEN ? AND ?', (self.start, self.end)), self.hours])

    def described(self) -> dict[str, Any]:
        """The span as an absolute date filter."""
        return {"type": "ABSOLUTE", "from": self.start, "to": self.end}


@dataclass(frozen=True, slots=True)
class Interval:
    """A length of periods, such as 2 WEEKS."""

    unit: str
    value: int

    def described(self) -> dict[str, Any]:
        """The interval as it is written in requests."""
        return {"type": self.unit, "value": self.value}


def read_window(value: Any, world: World, where: str = "dateFilter") -> Window:
    """Read a date filter; `{}` and an absolute one without ends mean all of the world's time.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(value, where)
    if not value:
        return Window(world.since, world.now)
    kind = fields.choice("type", ("ABSOLUTE", "RELATIVE"))
    hours = read_hours(fields.raw("filter", {}), f"{where}.filter")
    if kind == "ABSOLUTE":
        first, last = fields.raw("from", None), fields.raw("to", None)
        start = world.since if first is None else read_moment(first, f"{where}.from")
        end = world.now if last is None else read_moment(last, f"{where}.to")
    else:
        offset = read_interval(fields.raw("offset"), f"{where}.offset")
        duration = read_interval(fields.raw("duration"), f"{where}.duration", least=1)
        if fields.flag("future", False):
            raise Refusal(400, f"{where}.future: events of the future are not known")
        latest = shift(_cut(world.now, offset.unit), offset.unit, 1 - offset.value) - _INSTANT
        start = shift(_cut(latest, duration.unit), duration.unit, 1 - duration.value)
        end = min(latest, world.now)
    fields.done()
    if start > end:
        raise Refusal(400, f"{where}: the start is after the end")
    return Window(start, end, hours)


def read_interval(value: Any, where: str = "aggregateDataBy", least: int = 0) -> Interval:
    """Read a pair of a unit and a number.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(value, where)
    interval = Interval(fields.choice("type", UNITS), fields.whole("value", least=least))
    fields.done()
    return interval


def periods(window: Window, interval: Interval) -> list[datetime]:
    """The starts of the periods that cover the window, on whole units.

    Raises:
        Refusal: 400 when there would be too many.
    """
    starts = [_cut(window.start, interval.unit)]
    while (following := shift(starts[-1], interval.unit, interval.value)) <= window.end:
        starts.append(following)
        if len(starts) > MOST_PERIODS:
            raise Refusal(400, f"aggregateDataBy: more than {MOST_PERIODS} periods")
    return starts


def joined_periods(starts: list[datetime]) -> Clause:
    """A join that gives each event `e` the start of its period as `period.start`."""
    return Clause('ASOF JOIN (SELECT unnest(?::TIMESTAMP[]) AS start) AS period ON e."at" >= period.start', (starts,))


def shift(moment: datetime, unit: str, count: int) -> datetime:
    """`moment` moved by a number of units; months and years are calendar ones, from their first day.

    Raises:
        Refusal: 400 when that leaves the calendar.
    """
    try:
        if unit in ("MONTHS", "YEARS"):
            months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "YEARS" else 1)
            return moment.replace(year=months // 12, month=months % 12 + 1, day=1)
        return moment + timedelta(**{unit.lower(): count})
    except (ValueError, OverflowError):
        raise Refusal(400, f"{count} {unit} is out of range") from None


def _cut(moment: datetime, unit: str) -> datetime:
    """The start of the unit that holds `moment`; weeks start on Monday."""
    kept = {"YEARS": 0, "MONTHS": 1, "WEEKS": 2, "DAYS": 2, "HOURS": 3, "MINUTES": 4, "SECONDS": 5}[unit]
    start = moment.replace(**dict(_BELOW_A_YEAR[kept:]))
    return start - timedelta(days=start.weekday()) if unit == "WEEKS" else start


def read_moment(value: Any, where: str) -> datetime:
    """Read a date-time into UTC without a zone; one without a zone is UTC already.

    Raises:
        Refusal: 400 for anything else.
    """
    try:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        raise Refusal(400, f"{where} must be an ISO 8601 date-time") from None
