"""The axes that several charts share: numbers up the side, and time, numbers or labels along the foot."""

from __future__ import annotations

from typing import Any

from audience_mcp.charts.forms import Lines, Number
from audience_mcp.charts.lettering import LARGE, distinct, figure, short, width
from audience_mcp.charts.style import BODY

Json = Any

BELOW = 44
"""Room under the plot for an axis and its title."""

_DAY_MS = 86_400_000.0
_TICKS, _LONGEST_LABEL = 5, 84
_SLOPE, _APART, _PLOT = 0.65, 12, 540
_LEAST_LEFT, _TICK_ROOM, _TITLE_ROOM = 34, 16, 300
_SPARSE = {"tickCount": 7, "labelOverlap": "greedy", "labelSeparation": 6, "labelFlush": False}
_IN_SHORT = "replace(format(datum.value, '~s'), 'G', 'B')"
"""The one expression over values here: it is a constant, with no word of the data in it."""


def upward(measure: str, numbers: list[Number], left: int, *, zero: bool = True) -> dict[str, Json]:
    """The encoding of a quantity up the side, its title lying above the axis's left end."""
    axis = {
        **written(numbers),
        "title": short(measure, _TITLE_ROOM),
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleX": -left,
        "titleY": -12,
        "tickCount": _TICKS,
        "labelPadding": 7,
        "domain": False,
        "ticks": False,
    }
    return {"field": "y", "type": "quantitative", "scale": {"zero": zero, "nice": _TICKS}, "axis": axis}


def written(numbers: list[Number]) -> dict[str, Json]:
    """How an axis writes its numbers: whole, or in short where they are large."""
    large = max(map(abs, numbers), default=0) >= LARGE
    return {"labelExpr": _IN_SHORT} if large else {"format": ",.12~g"}


def side(numbers: list[Number]) -> int:
    """The room that the numbers of an upward axis take."""
    ends = [min(numbers, default=0), max(numbers, default=0)]
    widest = max(width(figure(round(end, 2) if abs(end) < 10 else round(end)), BODY) for end in ends)
    return max(_LEAST_LEFT, round(widest) + _TICK_ROOM)


def along(lines: Lines) -> dict[str, Json]:
    """The encoding of the axis at the foot, by `x`."""
    title = short(lines.axis, _TITLE_ROOM)
    if lines.place == "time":
        axis = {"title": title, "grid": False, "format": _dates(lines.places), **_SPARSE}
        return {"field": "x", "type": "temporal", "scale": {"type": "utc"}, "axis": axis}
    if lines.place == "number":
        axis = {**written(lines.places), "title": title, "grid": False, **_SPARSE}
        return {"field": "x", "type": "quantitative", "scale": {"zero": False, "nice": False}, "axis": axis}
    angle = -40 if _slants(lines) else 0
    axis = {"title": title, "labelOverlap": True, "labelAngle": angle, "titleY": _label_height(lines) + 12}
    return {"field": "x", "type": "ordinal", "sort": None, "axis": axis}


def labels(lines: Lines) -> list[str]:
    """The names along the foot, short enough to stand there."""
    return distinct(lines.marks, _LONGEST_LABEL)


def below(lines: Lines) -> int:
    """The room that the axis at the foot takes."""
    return BELOW if lines.place != "label" else _label_height(lines) + BELOW - 12


def _slants(lines: Lines) -> bool:
    return (_widest(lines) + _APART) * len(lines.marks) > _PLOT


def _label_height(lines: Lines) -> int:
    return round(_widest(lines) * _SLOPE) + 12 if _slants(lines) else 12


def _widest(lines: Lines) -> float:
    return max(width(label, BODY) for label in labels(lines))


def _dates(places: list[Number]) -> str:
    """How dates are written along an axis of this length (d3's time format)."""
    days = (max(places) - min(places)) / _DAY_MS if places else 0
    if days > 3 * 365:
        return "%Y"
    if days > 240:
        return "%b %Y"
    whole = all(place % _DAY_MS == 0 for place in places)
    return "%b %-d" if days > 4 or whole else "%b %-d, %H:%M"
