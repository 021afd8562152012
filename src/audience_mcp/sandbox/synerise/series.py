"""A trend or histogram definition -> a series of figures, one item per period with a value for each legend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audience_mcp.sandbox.synerise.calculation import Calculation, Definition
from audience_mcp.sandbox.synerise.clauses import Clause
from audience_mcp.sandbox.synerise.conditions import read_event
from audience_mcp.sandbox.synerise.dates import Interval, Window, joined_periods, periods
from audience_mcp.sandbox.synerise.fields import Fields
from audience_mcp.sandbox.synerise.measures import OF_METRICS, read_measure
from audience_mcp.sandbox.synerise.metrics import Metric, Simple, measure, without_events
from audience_mcp.sandbox.synerise.metrics import read as read_metric

DAILY = Interval("DAYS", 1)


@dataclass(frozen=True, slots=True)
class Series:
    """Metrics side by side over the same periods, and the condition on the profiles that count."""

    title: str
    metrics: tuple[Metric, ...]
    window: Window
    interval: Interval
    people: Any


def read_trend(calculation: Calculation, definition: Definition) -> Series:
    """Read a definition of kind trend: events, counted or measured.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(definition, "analysis")
    title = fields.heading()
    measured = read_measure(fields, OF_METRICS, default="COUNT")
    metrics = []
    for number, item in enumerate(fields.several("events", least=1, most=10)):
        event = read_event(item, f"analysis.events[{number}]", calculation.keys)
        metrics.append(Simple(event.title, event, measured, {}, {}))
    return _series(calculation, title, tuple(metrics), fields)


def read_histogram(calculation: Calculation, definition: Definition) -> Series:
    """Read a definition of kind histogram: the ids of saved metrics.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(definition, "analysis")
    title = fields.heading()
    return _series(calculation, title, read_metrics(calculation, fields), fields)


def read_metrics(calculation: Calculation, fields: Fields) -> tuple[Metric, ...]:
    """Take `metrics`, an array of ids of saved metrics."""
    ids = fields.several("metrics", least=1, most=10)
    return tuple(read_metric(calculation, calculation.saved("metric", str(item))) for item in ids)


def calculate_trend(calculation: Calculation, definition: Definition) -> dict[str, Any]:
    """`{name, metadata, items, legends}`."""
    series = read_trend(calculation, definition)
    return {"name": series.title, **_figures(calculation, series)}


def calculate_histogram(calculation: Calculation, definition: Definition) -> dict[str, Any]:
    """`{metadata, items, legends}`."""
    return _figures(calculation, read_histogram(calculation, definition))


def _series(calculation: Calculation, title: str, metrics: tuple[Metric, ...], fields: Fields) -> Series:
    window = calculation.window(fields.raw("dateFilter", {}))
    interval = calculation.interval(fields.raw("aggregateDataBy", None)) or DAILY
    people = fields.raw("filter", {})
    calculation.people(people, window)
    fields.done()
    return Series(title, metrics, window, interval, people)


def _figures(calculation: Calculation, series: Series) -> dict[str, Any]:
    starts = periods(series.window, series.interval)
    among = calculation.people(series.people, series.window)
    columns = [
        (metric, measure(calculation, metric, series.window, Clause("period.start"), joined_periods(starts), among))
        for metric in series.metrics
    ]
    return {
        "metadata": calculation.metadata(
            series.title, series.window, aggregateDataBy=series.interval.described(), timestamps=len(starts)
        ),
        "items": [
            {"date": start, "values": [values.get((start,), without_events(metric)) for metric, values in columns]}
            for start in starts
        ],
        "legends": [{"index": number, "title": metric.title} for number, metric in enumerate(series.metrics)],
    }
