"""One series of numbers -> first, last, change, least, most, total, mean, what stands out, and its course."""

from __future__ import annotations

from datetime import date
from typing import Any

from audience_mcp.results.outliers import outliers
from audience_mcp.results.points import Points, Series
from audience_mcp.results.sparkline import sparkline
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import Words, cut, derived, percent, scalar, shown

Json = Any

_LONGEST_NAME, _LONGEST_MARK, _COURSE, _DAY = 60, 40, 5, 10


def figures(series: Series, points: Points) -> list[Figure]:
    """What there is to say of one series; first, last, change and course only over time."""
    known, values = numbers(series)
    told: list[Figure] = []
    if points.timed:
        change = values[-1] - values[0]
        told += [_at("first", series, points, known[0]), _at("last", series, points, known[-1])]
        told.append(Figure("change", derived(change), path=points.path))
        if values[0]:
            told.append(Figure("change", percent(change, abs(values[0])), "%", points.path))
    told.append(_at("min", series, points, known[values.index(min(values))]))
    told.append(_at("max", series, points, known[values.index(max(values))]))
    if points.timed:
        told += unusual(series, points)
    told.append(Figure("total", derived(sum(values)), path=points.path))
    if points.timed and len(known) >= _COURSE:
        told.append(Figure("course", Words(sparkline(series.values)), path=points.path))
    told.append(Figure("mean", derived(sum(values) / len(values)), path=points.path))
    if len(known) < len(points.marks):
        told.append(Figure("points without a value", len(points.marks) - len(known), path=points.path))
    return told


def numbers(series: Series) -> tuple[list[int], list[Json]]:
    """The places of the points that have a number, and the numbers."""
    known = series.known()
    return known, [series.values[at] for at in known]


def unusual(series: Series, points: Points, *, named_too: bool = False) -> list[Figure]:
    """The points that stand out, each with what would have been usual."""
    if not points.timed:
        return []
    known, values = numbers(series)
    daily = len(known) == len(points.marks) and _is_daily(points)
    label = f"unusual, {cut(series.name, _LONGEST_NAME)}" if named_too else "unusual"
    return [
        _at(label, series, points, known[found.at], f", usual about {shown(derived(found.usual))}")
        for found in outliers(values, daily)
    ]


def _is_daily(points: Points) -> bool:
    """Whether the points are consecutive days."""
    try:
        days = [date.fromisoformat(str(points.mark(at))[:_DAY]).toordinal() for at in (0, -1)]
    except ValueError:
        return False
    return days[1] - days[0] == len(points.marks) - 1 and (points.days or len(points.marks[0]) == _DAY)


def _at(label: str, series: Series, points: Points, at: int, more: str = "") -> Figure:
    return Figure(f"{label} ({mark_text(points, at)}{more})", scalar(series.values[at]), path=points.place(series, at))


def mark_text(points: Points, at: int) -> str:
    """The date or label of a point as text, cut where it is long."""
    return cut(str(scalar(points.mark(at))), _LONGEST_MARK)
