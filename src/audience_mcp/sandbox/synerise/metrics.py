"""A metric definition -> one number, or one for each period or group."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from audience_mcp.sandbox.core import Refusal
from audience_mcp.sandbox.synerise.calculation import Calculation, Definition
from audience_mcp.sandbox.synerise.clauses import ALWAYS, EMPTY, Clause, every, weave
from audience_mcp.sandbox.synerise.conditions import Event, read_event, read_people
from audience_mcp.sandbox.synerise.dates import Window, joined_periods, periods
from audience_mcp.sandbox.synerise.fields import Fields, is_number
from audience_mcp.sandbox.synerise.measures import OF_METRICS, Measure, read_measure

OPERATORS: dict[str, Callable[[float, float], float]] = {
    "ADD": operator.add,
    "SUBTRACT": operator.sub,
    "MULTIPLY": operator.mul,
    "DIVIDE": operator.truediv,
}
DEEPEST = 5
Values = dict[tuple[Any, ...], float | None]


@dataclass(frozen=True, slots=True)
class Simple:
    """A function over the occurrences of one event."""

    title: str
    event: Event
    measure: Measure
    date_filter: Any
    people: Any


@dataclass(frozen=True, slots=True)
class Formula:
    """Metrics and numbers joined by an operator, from left to right."""

    title: str
    operator: str
    operands: tuple[Simple | Formula | float, ...]
    date_filter: Any


Metric = Simple | Formula


def read(calculation: Calculation, definition: Definition, depth: int = 0) -> Metric:
    """Read a definition of kind metric, and the saved metrics its formula names.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    if depth > DEEPEST:
        raise Refusal(400, "analysis.formula: metrics refer to each other too deeply")
    fields = Fields(definition, "analysis")
    title = fields.heading()
    date_filter = fields.raw("dateFilter", {})
    calculation.window(date_filter)
    if "formula" in fields:
        formula = Fields(fields.raw("formula"), "analysis.formula")
        kind = formula.choice("operator", OPERATORS)
        operands = tuple(_operand(calculation, item, depth) for item in formula.several("operands", least=2, most=5))
        formula.done()
        fields.done()
        return Formula(title, kind, operands, date_filter)
    event = read_event(fields.raw("event"), "analysis.event", calculation.keys)
    measure = read_measure(fields, OF_METRICS, default="COUNT")
    people = fields.raw("filter", {})
    read_people(people, "analysis.filter", calculation.keys)
    fields.done()
    return Simple(title, event, measure, date_filter, people)


def calculate(calculation: Calculation, definition: Definition) -> dict[str, Any]:
    """`{result, metricData}`; the result is null where there is nothing to divide by or to average.

    An interval asked for leaves the result as it is and adds the value of each period to `metricData`.
    """
    metric = read(calculation, definition)
    window = calculation.window(metric.date_filter)
    result = measure(calculation, metric, window).get(())
    more: dict[str, Any] = {}
    if interval := calculation.interval(None):
        starts = periods(window, interval)
        values = measure(calculation, metric, window, Clause("period.start"), joined_periods(starts))
        items = [{"date": start, "value": values.get((start,), without_events(metric))} for start in starts]
        more = {"aggregateDataBy": interval.described(), "items": items}
    return {"result": result, "metricData": calculation.metadata(metric.title, window, **more)}


def measure(
    calculation: Calculation,
    metric: Metric,
    window: Window,
    groups: Clause = EMPTY,
    joins: Clause = EMPTY,
    among: Clause = ALWAYS,
) -> Values:
    """The metric over a window for each group; its key is what `groups` selects (no groups: the empty tuple).

    `groups` is a list of SQL expressions over `e` and whatever `joins` adds to the events; `among` is a condition on
    profiles.
    """
    if isinstance(metric, Formula):
        sides: list[tuple[Values, float | None]] = [
            ({}, operand)
            if isinstance(operand, float)
            else (measure(calculation, operand, window, groups, joins, among), without_events(operand))
            for operand in metric.operands
        ]
        keys = {key for values, _ in sides for key in values}
        return {key: _fold(metric.operator, [values.get(key, empty) for values, empty in sides]) for key in keys}
    people = every([among, calculation.people(metric.people, window)])
    query = weave(
        f"SELECT {metric.measure.sql} AS value{{}} FROM events e {{}} WHERE {{}}"
        + (" GROUP BY ALL" if groups is not EMPTY else ""),
        groups if groups is EMPTY else weave(", {}", groups),
        joins,
        calculation.occurrences(metric.event, window, people),
    )
    return {tuple(row.values())[1:]: row["value"] for row in calculation.rows(query)}


def without_events(metric: Metric) -> float | None:
    """What a group or period shows that has no events: counts and sums are zero, the rest has no value."""
    return None if isinstance(metric, Formula) else metric.measure.empty


def _operand(calculation: Calculation, item: Any, depth: int) -> Simple | Formula | float:
    if is_number(item):
        return float(item)
    fields = Fields(item, "analysis.formula.operands")
    found = calculation.saved("metric", fields.text("metric"))
    fields.done()
    return read(calculation, found, depth + 1)


def _fold(kind: str, values: list[float | None]) -> float | None:
    result = values[0]
    for value in values[1:]:
        if result is None or value is None or (kind == "DIVIDE" and value == 0):
            return None
        result = OPERATORS[kind](result, value)
    return None if result is None or not isfinite(result) else round(result, 4)
