"""A funnel definition -> how many profiles went how far, and how long they took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audience_mcp.sandbox.synerise.calculation import Calculation, Definition
from audience_mcp.sandbox.synerise.chains import chained, in_time
from audience_mcp.sandbox.synerise.clauses import ALWAYS, Clause, weave
from audience_mcp.sandbox.synerise.conditions import Event, read_event
from audience_mcp.sandbox.synerise.dates import Interval, Window, periods, read_interval
from audience_mcp.sandbox.synerise.fields import Fields


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel as it will be computed; `within` bounds the time from the first step to the last."""

    title: str
    steps: tuple[Event, ...]
    window: Window
    people: Clause
    within: Interval | None
    interval: Interval | None


def read(calculation: Calculation, definition: Definition) -> Funnel:
    """Read a definition of kind funnel.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(definition, "analysis")
    title = fields.heading()
    steps = fields.several("steps", least=2, most=10)
    events = tuple(read_event(step, f"analysis.steps[{n}]", calculation.keys) for n, step in enumerate(steps))
    window = calculation.window(fields.raw("dateFilter", {}))
    people = calculation.people(fields.raw("filter", {}), window)
    within = fields.raw("completedWithin", None)
    interval = calculation.interval(fields.raw("aggregateDataBy", None))
    fields.done()
    limit = read_interval(within, "analysis.completedWithin", least=1) if within is not None else None
    return Funnel(title, events, window, people, limit, interval)


def calculate(calculation: Calculation, definition: Definition) -> dict[str, Any]:
    """`{calculationResult, metadata, timeBetweenSteps}`; a step counts profiles that did it after the steps before."""
    funnel = read(calculation, definition)
    rows = calculation.rows(_query(calculation, funnel))
    total = {row["step"]: row for row in rows if row["period"] is None}
    result = []
    for number, event in enumerate(funnel.steps, 1):
        step: dict[str, Any] = {
            "step": number,
            "title": event.title,
            "name": event.name,
            "profiles": total[number]["profiles"] if number in total else 0,
        }
        if funnel.interval:
            counted = {row["period"]: row["profiles"] for row in rows if row["step"] == number}
            step["items"] = [
                {"date": start, "profiles": counted.get(start, 0)} for start in periods(funnel.window, funnel.interval)
            ]
        result.append(step)
    times = [
        {"from": n, "to": n + 1, "averageSeconds": total[n + 1]["average"], "medianSeconds": total[n + 1]["median"]}
        for n in range(1, len(funnel.steps))
        if n + 1 in total
    ]
    grouping = {"aggregateDataBy": funnel.interval.described()} if funnel.interval else {}
    return {
        "calculationResult": result,
        "metadata": calculation.metadata(funnel.title, funnel.window, **grouping),
        "timeBetweenSteps": times,
    }


def _query(calculation: Calculation, funnel: Funnel) -> Clause:
    """The profiles of each step, in all and by the period in which their chain started."""
    chains = chained(
        [
            calculation.occurrences(event, funnel.window, ALWAYS if number else funnel.people)
            for number, event in enumerate(funnel.steps)
        ]
    )
    reached = " UNION ALL BY NAME ".join(
        f"SELECT {number} AS step, * FROM chain{number}" for number in range(1, len(funnel.steps) + 1)
    )
    starts = Clause("?::TIMESTAMP[]", (periods(funnel.window, funnel.interval) if funnel.interval else [],))
    return weave(
        f"WITH {{}}, inside AS (SELECT * FROM ({reached}) WHERE {{}}), "
        "placed AS (SELECT * FROM inside "
        "ASOF LEFT JOIN (SELECT unnest({}) AS period) AS periods ON inside.start >= period), "
        'first AS (SELECT step, period, profile_id, arg_min(epoch("at") - epoch(before), event_id) AS seconds '
        "FROM placed GROUP BY GROUPING SETS ((step, profile_id), (step, period, profile_id)) "
        "HAVING grouping(period) = 1 OR period IS NOT NULL) "
        "SELECT step, period, count(*) AS profiles, "
        "round(avg(seconds), 1) AS average, round(median(seconds), 1) AS median FROM first GROUP BY ALL ORDER BY ALL",
        chains,
        in_time(funnel.within),
        starts,
    )
