"""The nine kinds of analysis, and the grammar of their definitions (`analysis`).

THE GRAMMAR IS THE SANDBOX'S OWN. Synerise does not publish what goes into `analysis`, so this is a small language
that looks like the parts that are known (a title, steps, date filters, the portal's operators) and nothing more: a
definition written for the sandbox will not work on the live service, nor the other way round. A part that is not
listed here is refused with 400.

Every kind: `title`, optional `description`.
    aggregate     event, function, attribute, percent (QUANTILE), dateFilter, oldId (ignored);
                  type: AGGREGATE (default) | RUNNING_AGGREGATE
    expression    type: CLIENT (default) | EVENT, event (EVENT only), formula
    funnel        steps: [event, ...] (2 to 10), completedWithin, dateFilter, aggregateDataBy, filter
    histogram     metrics: [id of a saved metric, ...], dateFilter, aggregateDataBy (a day), filter
    metric        event, function (COUNT), attribute, dateFilter, filter; or formula, dateFilter
    report        metrics: [id, ...], groupBy: [attribute, ...], dateFilter, filter, limit
    sankey        event, before (2), after (2), dateFilter, filter, limit (5 names at a place, the rest together)
    segmentation  segments: [{title, filter}, ...], the first that matches holds the profile; dateFilter, filter
    trend         events: [event, ...], function (COUNT), attribute, dateFilter, aggregateDataBy (a day), filter

event             {name, title, conditions: [condition, ...]}, all of which must hold
condition         {attribute, logic, value}; operators in `conditions.OPERATORS`, attributes in `EVENT_ATTRIBUTES`
filter            {} or {matching: ALL (default) | ANY, conditions: [...]} of conditions on `PROFILE_ATTRIBUTES`
                  and of {event, logic: PERFORMED (default) | NOT_PERFORMED, count: {logic, value}} and
                  {funnel: {steps, completedWithin}, logic}, both looked for inside the date filter
dateFilter        {} or the shapes of `dates`; aggregateDataBy, completedWithin: {type: DAYS, value: 7}
function          COUNT, SUM, AVG, ...: `measures.OF_METRICS`, for aggregates `measures.OF_AGGREGATES`
formula           metric: {operator: ADD | SUBTRACT | MULTIPLY | DIVIDE, operands: [number | {metric: id}, ...]}
                  expression: a number, a text, {attribute}, {aggregate: id} or {operator, operands: [formula, ...]}
value             a JSON value, or a dynamic key {variable: name, default: value} that `variables` of a request may set
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audience_mcp.sandbox.synerise import (
    aggregates,
    expressions,
    funnels,
    metrics,
    reports,
    sankeys,
    segmentations,
    series,
)
from audience_mcp.sandbox.synerise.calculation import Calculation, Definition


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of analysis: its names in paths, parameters and directories, and how its definition is read."""

    name: str
    read: Callable[[Calculation, Definition], Any]

    @property
    def plural(self) -> str:
        """The word in paths."""
        return f"{self.name}s"

    @property
    def parameter(self) -> str:
        """The path parameter that holds an id; with an s, the field of batch deletion."""
        return f"{self.name}Id"

    @property
    def analytic_type(self) -> str:
        """The type of the directories it is kept in."""
        return self.name.upper()


KINDS = {
    name: Kind(name, read)
    for name, read in {
        "aggregate": aggregates.read,
        "expression": expressions.read,
        "funnel": funnels.read,
        "histogram": series.read_histogram,
        "metric": metrics.read,
        "report": reports.read,
        "sankey": sankeys.read,
        "segmentation": segmentations.read,
        "trend": series.read_trend,
    }.items()
}
