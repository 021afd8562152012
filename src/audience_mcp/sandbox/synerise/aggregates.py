"""An aggregate definition + one profile -> its value, or one for each period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audience_mcp.sandbox.core import Refusal
from audience_mcp.sandbox.synerise.calculation import Calculation, Definition
from audience_mcp.sandbox.synerise.clauses import EMPTY, Clause, every, weave
from audience_mcp.sandbox.synerise.conditions import Event, read_event
from audience_mcp.sandbox.synerise.dates import Window, joined_periods, periods
from audience_mcp.sandbox.synerise.fields import Fields
from audience_mcp.sandbox.synerise.measures import OF_AGGREGATES, Measure, read_measure


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate as it will be computed; a running one has its value at each event, up to that event."""

    title: str
    running: bool
    event: Event
    measure: Measure
    window: Window


def read(calculation: Calculation, definition: Definition) -> Aggregate:
    """Read a definition of kind aggregate (its `oldId` may be anything).

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(definition, "analysis")
    fields.raw("oldId", None)
    title = fields.heading()
    running = fields.choice("type", ("AGGREGATE", "RUNNING_AGGREGATE"), "AGGREGATE") == "RUNNING_AGGREGATE"
    event = read_event(fields.raw("event"), "analysis.event", calculation.keys)
    measure = read_measure(fields, OF_AGGREGATES)
    window = calculation.window(fields.raw("dateFilter", {}))
    fields.done()
    return Aggregate(title, running, event, measure, window)


def value(calculation: Calculation, aggregate: Aggregate, profile: int) -> Any:
    """The aggregate's value for a profile; a running one is taken at the profile's latest event."""
    return calculation.rows(_over(calculation, aggregate, profile, EMPTY, EMPTY))[0]["value"]


def by_period(calculation: Calculation, definition: Definition, profile: int) -> dict[str, Any]:
    """`{items, metadata}`: the aggregate's value in each period of `aggregateDataBy`; a running one's at its end."""
    aggregate = read(calculation, definition)
    interval = calculation.interval(None)
    if interval is None:
        raise Refusal(400, "aggregateDataBy must be an object with type and value")
    starts = periods(aggregate.window, interval)
    join = _periods_so_far(starts) if aggregate.running else joined_periods(starts)
    query = _over(calculation, aggregate, profile, Clause(", period.start"), join)
    values = {row["start"]: row["value"] for row in calculation.rows(query)}
    return {
        "items": [{"date": start, "value": values.get(start, aggregate.measure.empty)} for start in starts],
        "metadata": calculation.metadata(aggregate.title, aggregate.window, aggregateDataBy=interval.described()),
    }


def _periods_so_far(starts: list[datetime]) -> Clause:
    """A join that gives each event to its own period and to all later ones."""
    return Clause(
        "JOIN (SELECT start, lead(start, 1, TIMESTAMP 'infinity') OVER (ORDER BY start) AS \"end\" "
        'FROM (SELECT unnest(?::TIMESTAMP[]) AS start)) AS period ON e."at" < period."end"',
        (starts,),
    )


def _over(calculation: Calculation, aggregate: Aggregate, profile: int, group: Clause, join: Clause) -> Clause:
    occurred = calculation.occurrences(aggregate.event, aggregate.window)
    return weave(
        f"SELECT {aggregate.measure.sql} AS value{{}} FROM events e {{}} WHERE {{}}"
        + (" GROUP BY ALL" if group is not EMPTY else ""),
        group,
        join,
        every([occurred, Clause("e.profile_id = ?", (profile,))]),
    )
