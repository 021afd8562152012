"""A report definition -> a table of metrics by attributes, as rows or as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from audience_mcp.sandbox.synerise.calculation import Calculation, Definition
from audience_mcp.sandbox.synerise.clauses import EMPTY, Clause, weave
from audience_mcp.sandbox.synerise.conditions import EVENT_ATTRIBUTES, PROFILE_ATTRIBUTES
from audience_mcp.sandbox.synerise.dates import Interval, Window, joined_periods, periods
from audience_mcp.sandbox.synerise.fields import Fields
from audience_mcp.sandbox.synerise.metrics import Metric, measure, without_events
from audience_mcp.sandbox.synerise.series import read_metrics

# An attribute that events and profiles both have is the event's.
COLUMNS = {name: f"p.{name}" for name in PROFILE_ATTRIBUTES} | {name: f"e.{name}" for name in EVENT_ATTRIBUTES}


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it will be computed; rows are ordered by the first metric, largest first.

    `attributes` are what its rows are about; with an interval the first of them is `date`, the start of a period.
    """

    title: str
    metrics: tuple[Metric, ...]
    attributes: tuple[str, ...]
    window: Window
    people: Clause
    limit: int
    interval: Interval | None


def read(calculation: Calculation, definition: Definition) -> Report:
    """Read a definition of kind report.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(definition, "analysis")
    title = fields.heading()
    metrics = read_metrics(calculation, fields)
    names = fields.choices("groupBy", COLUMNS, most=4)
    window = calculation.window(fields.raw("dateFilter", {}))
    people = calculation.people(fields.raw("filter", {}), window)
    limit = fields.whole("limit", 1000, least=1, most=10_000)
    fields.done()
    interval = calculation.interval(None)
    return Report(title, metrics, ("date", *names) if interval else names, window, people, limit, interval)


def calculate(calculation: Calculation, definition: Definition, allow_null: bool = True) -> dict[str, Any]:
    """`{data}`: one object per group, a field for each attribute and each metric's title.

    Without `allow_null`, groups of an attribute that has no value are left out.
    """
    return {"data": _rows(calculation, read(calculation, definition), allow_null)}


def calculate_csv(calculation: Calculation, definition: Definition, allow_null: bool = True) -> str:
    """The same table as CSV with a header line."""
    report = read(calculation, definition)
    text = io.StringIO()
    writer = csv.DictWriter(text, [*report.attributes, *(metric.title for metric in report.metrics)])
    writer.writeheader()
    writer.writerows(_rows(calculation, report, allow_null))
    return text.getvalue()


def _rows(calculation: Calculation, report: Report, allow_null: bool) -> list[dict[str, Any]]:
    groups = EMPTY
    if report.attributes:
        columns_of = {**COLUMNS, "date": "period.start"}
        groups = Clause(", ".join(f'{columns_of[name]} AS "{name}"' for name in report.attributes))
    joins = Clause("JOIN profiles p ON p.profile_id = e.profile_id")
    if report.interval:
        joins = weave("{} {}", joins, joined_periods(periods(report.window, report.interval)))
    columns = [
        (metric, measure(calculation, metric, report.window, groups, joins, report.people)) for metric in report.metrics
    ]
    first = columns[0][1]
    keys = {key for _, values in columns for key in values if allow_null or None not in key}
    ordered = sorted(keys, key=lambda key: (-(first.get(key) or 0), repr(key)))
    return [
        dict(zip(report.attributes, key, strict=True))
        | {metric.title: values.get(key, without_events(metric)) for metric, values in columns}
        for key in ordered[: report.limit]
    ]
