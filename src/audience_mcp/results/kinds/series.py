"""Figures over time or over categories: first, last, least, most, total and change of each series, and what stands out.

Over time the single series also has its course as a line of blocks, and its points in the table, latest first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.results import points as reader
from audience_mcp.results.axis import still_open
from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.kinds.about import about
from audience_mcp.results.kinds.measures import figures, mark_text, numbers, unusual
from audience_mcp.results.kinds.pages import apart
from audience_mcp.results.locate import rows
from audience_mcp.results.points import Points, Series
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import counted, cut, derived, named, percent, scalar, shown

Json = Any

_LONGEST_NAME, _LONGEST_COLUMN, _MOST_NAMED, _POINTS_SHARE = 60, 40, 3, 10


def read(view: View) -> Points | None:
    """A list of points, each a date or a label with one number or several."""
    place = rows(view.value, view.reading.items)
    return reader.read(place, view.value, view.zone) if place else None


def tell(view: View) -> Draft | None:
    """Figures of one series with its points, or several series compared one per row."""
    points = read(view)
    if points is None:
        return None
    title, known = view.value.get("name") if isinstance(view.value, dict) else None, about(view.value)
    of = f"{named(title)}: " if isinstance(title, str) and title else known.of
    unfinished = points.timed and still_open(points.marks, points.zone, view.fetched)
    left = apart(view.value, points.key, "name", "legends", known.key)
    draft = Draft("series", "", rows=len(points.marks), apart=left, reading=points.reading)
    draft.window, draft.zone = known.window, known.zone
    if len(points.series) == 1:
        said = _answer(points.series[0], points)
        draft.figures = figures(points.series[0], points)
        draft.listing = _points(points)
    else:
        said = _comparison(points)
        draft.figures = [Figure("points", len(points.marks), path=points.path)]
        draft.figures += [one for series in points.series for one in unusual(series, points, named_too=True)]
        draft.listing = _overview(points)
        draft.apart.append("points")
    if unfinished:
        said += " The last point's period was not over when this was fetched."
    draft.headline = view.says(f"{of}{said}")
    return draft


def _answer(series: Series, points: Points) -> str:
    """The last number and how it came there; of categories the highest and the lowest."""
    known, values = numbers(series)
    marks = [mark_text(points, at) for at in known]
    high, low = values.index(max(values)), values.index(min(values))
    if not points.timed:
        most = f"highest {shown(scalar(values[high]))} at {named(marks[high])}"
        least = f", lowest {shown(scalar(values[low]))} at {named(marks[low])}" if values[low] < values[high] else ""
        return f"{most}{least}, over {counted(len(points.marks), 'point')}."
    if len(values) == 1:
        return f"{shown(scalar(values[0]))} on {shown(marks[0])}, the only point with a value."
    said = f"{shown(scalar(values[-1]))} on {shown(marks[-1])}, {_change(values)}"
    said += f" from {shown(scalar(values[0]))} on {shown(marks[0])}"
    if values[low] == values[high]:
        return f"{said}; always the same."
    return f"{said}; highest {shown(scalar(values[high]))} on {shown(marks[high])}."


def _change(values: list[Json]) -> str:
    change = values[-1] - values[0]
    share = f" ({shown(percent(change, abs(values[0])))}%)" if values[0] else ""
    return f"{'+' if change > 0 else ''}{shown(derived(change))}{share}"


def _comparison(points: Points) -> str:
    """The last numbers of the first few series with their changes, where all have a first and a last one."""
    count = counted(len(points.marks), "point")
    whole = all(one.values[0] is not None and one.values[-1] is not None for one in points.series)
    if not points.timed or not whole or len(points.marks) == 1:
        span = f", {shown(mark_text(points, 0))} to {shown(mark_text(points, -1))}" if points.timed else ""
        return f"{len(points.series)} series over {count}{span}."
    told = [
        f"{named(one.name)} {shown(scalar(one.values[-1]))}, {_change(one.values)}"
        for one in points.series[:_MOST_NAMED]
    ]
    more = len(points.series) - len(told)
    and_more = f"; {more} more series" if more else ""
    span = f"on {shown(mark_text(points, -1))} against {shown(mark_text(points, 0))}"
    return f"{'; '.join(told)}{and_more}; {span}, {count}."


def _points(points: Points) -> Listing:
    """Every point; over time the latest first, since these are asked for most."""
    order = range(len(points.marks))[:: -1 if points.timed else 1]

    def made() -> Iterator[Row]:
        for at in order:
            yield (scalar(points.mark(at)), *(scalar(one.values[at]) for one in points.series))

    names = (points.axis, *(cut(one.name, _LONGEST_COLUMN) for one in points.series))
    table = Listing(names, made, len(order), points.path, "point", points.others, keep_columns=True)
    table.sorted_by, table.share = "latest first" if points.timed else None, _POINTS_SHARE
    return table


def _overview(points: Points) -> Listing:
    columns = ("first", "last", "change", "change %", "min", "max", "max at", "total")

    def made() -> Iterator[Row]:
        for one in points.series:
            known, values = numbers(one)
            change, high = values[-1] - values[0], max(values)
            share = percent(change, abs(values[0])) if values[0] else None
            course = [scalar(values[0]), scalar(values[-1]), derived(change), share] if points.timed else []
            peak = scalar(points.mark(known[values.index(high)]))
            yield (cut(one.name, _LONGEST_NAME), *course, *map(scalar, (min(values), high)), peak, derived(sum(values)))

    names = columns if points.timed else columns[4:]
    return Listing(("series", *names), made, len(points.series), points.path, "series", keep_columns=True)
