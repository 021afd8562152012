"""Figures over time or over categories: first, last, least, most, total and change of each series."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.results.chart import Chart, Series, read
from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.kinds.pages import apart
from audience_mcp.results.locate import rows
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import counted, cut, named, percent, scalar, shown

Json = Any

_OVER_TIME = ("first", "last", "change", "change%", "min", "max", "total")
_OVER_LABELS = ("min", "max", "total")


def tell(view: View) -> Draft | None:
    """A list of points, each a date or a label with one number or several."""
    place = rows(view.value, view.reading.items)
    chart = read(place, view.value) if place else None
    if place is None or chart is None:
        return None
    name = view.value.get("name") if isinstance(view.value, dict) else None
    of = f"{named(name)}: " if isinstance(name, str) and name else ""
    draft = Draft("series", "", rows=len(chart.marks), apart=apart(view.value, place.key, "name", "legends"))
    if len(chart.series) == 1:
        draft.headline = view.says(f"{of}{_headline(chart.series[0], chart)}")
        draft.figures = figures(chart.series[0], chart)
        draft.listing = _points(chart)
    else:
        draft.headline = view.says(f"{of}{len(chart.series)} series over {_span(chart)}.")
        draft.figures = [Figure("points", len(chart.marks), path=place.path)]
        draft.listing = _overview(chart)
        draft.apart.append("points")
    return draft


def figures(series: Series, chart: Chart) -> list[Figure]:
    """What there is to say of one series; change only over time, a total only of whole numbers."""
    known = [at for at, value in enumerate(series.values) if value is not None]
    values = [series.values[at] for at in known]
    told: list[Figure] = []
    if chart.timed:
        change = values[-1] - values[0]
        told += [_at("first", series, chart, known[0]), _at("last", series, chart, known[-1])]
        told.append(Figure("change", scalar(change), path=chart.path))
        if values[0]:
            told.append(Figure("change", percent(change, abs(values[0])), "%", chart.path))
    told.append(_at("min", series, chart, known[values.index(min(values))]))
    told.append(_at("max", series, chart, known[values.index(max(values))]))
    if all(isinstance(value, int) for value in values):
        told.append(Figure("total", scalar(sum(values)), path=chart.path))
    else:
        told.append(Figure("mean", scalar(sum(values) / len(values)), path=chart.path))
    told.append(Figure("points", len(chart.marks), path=chart.path))
    if len(known) < len(chart.marks):
        told.append(Figure("points without a value", len(chart.marks) - len(known), path=chart.path))
    return told


def _at(label: str, series: Series, chart: Chart, at: int) -> Figure:
    return Figure(f"{label} ({_mark(chart, at)})", scalar(series.values[at]), path=chart.place(series, at))


def _mark(chart: Chart, at: int) -> str:
    return cut(str(scalar(chart.mark(at))), 40)


def _span(chart: Chart) -> str:
    points = counted(len(chart.marks), "point")
    return f"{points}, {_mark(chart, 0)} to {_mark(chart, -1)}" if chart.timed else points


def _headline(series: Series, chart: Chart) -> str:
    known = [at for at, value in enumerate(series.values) if value is not None]
    values = [series.values[at] for at in known]
    if not chart.timed:
        most = max(values)
        mark = named(_mark(chart, known[values.index(most)]), 40)
        return f"most {shown(scalar(most))} at {mark}, over {_span(chart)}."
    first, last = values[0], values[-1]
    share = f" ({shown(percent(last - first, abs(first)))}%)" if first else ""
    change = f"{'+' if last > first else ''}{shown(scalar(last - first))}{share}"
    return f"last {shown(scalar(last))}, first {shown(scalar(first))}, change {change}, over {_span(chart)}."


def _points(chart: Chart) -> Listing:
    """Every point; over time the latest first, since these are asked for most."""
    order = range(len(chart.marks))[:: -1 if chart.timed else 1]

    def rows() -> Iterator[Row]:
        for at in order:
            yield (scalar(chart.mark(at)), *(scalar(one.values[at]) for one in chart.series))

    names = (cut(chart.axis, 40), *(cut(one.name, 40) for one in chart.series))
    sorted_by = "latest first" if chart.timed else None
    return Listing(names, rows, len(order), chart.path, "point", sorted_by=sorted_by, keep_columns=True)


def _overview(chart: Chart) -> Listing:
    names = _OVER_TIME if chart.timed else _OVER_LABELS

    def rows() -> Iterator[Row]:
        for one in chart.series:
            told = {
                figure.label.partition(" ")[0] + (figure.unit or ""): figure.value for figure in figures(one, chart)
            }
            yield (cut(one.name, 60), *(told.get(name) for name in names))

    return Listing(("series", *names), rows, len(chart.series), chart.path, "series", keep_columns=True)
