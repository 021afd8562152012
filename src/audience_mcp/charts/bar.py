"""Bars: lying, with their names beside them, for named things; upright over time and numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from audience_mcp.charts import axes, columns, layers, style
from audience_mcp.charts.forms import CannotDraw, Drawing, Line, Lines, Options
from audience_mcp.charts.lettering import distinct, figure, short, width
from audience_mcp.charts.source import Source
from audience_mcp.charts.thinning import fewer_series

Json = Any

MOST_NAMES = 24
_LONGEST_NAME, _NAME_ROOM, _ROOM_FOR_FIGURE = 230, 12, 0.12
_BAR, _THIN_BAR, _AROUND = 24, 15, 132


def find(source: Source, options: Options) -> Lines:
    """Numbers by name, or over time.

    Raises:
        CannotDraw: There are none, or too many to stand beside each other.
    """
    lines = source.lines(options, several=False)
    if lines.places and len(lines.places) > columns.MOST_INTERVALS:
        raise CannotDraw(f"{len(lines.places)} bars do not fit beside each other; a line takes them")
    return lines


def draw(form: Lines) -> Drawing:
    """Upright bars where the axis has places, else lying ones in the order of the data."""
    return columns.draw(form) if form.places else _lying(form)


def _lying(form: Lines) -> Drawing:
    lines, left_out = fewer_series(form)
    lines, cut = _fewer_names(lines)
    names = layers.names_of(lines)
    labels = distinct(lines.marks, _LONGEST_NAME)
    left = max(round(max(width(label, style.BODY) for label in labels)) + _NAME_ROOM, 60)
    numbers = [*lines.known(), 0]
    rows = [
        {"c": label, "w": mark, "y": value, "s": name, "t": figure(value)}
        for name, line in zip(names, lines.lines, strict=True)
        for label, mark, value in zip(labels, lines.marks, line.values, strict=True)
        if value is not None
    ]
    thick = _BAR if len(names) == 1 else _THIN_BAR * len(names) + 8
    offset = {} if len(names) == 1 else {"yOffset": {"field": "s", "scale": {"domain": names}}}
    return Drawing(
        {
            "data": {"values": rows},
            "encoding": {"x": _across(form.measure, numbers), "y": named_axis(form.axis, labels, left), **offset},
            "layer": [_bars(names), *_figures(numbers)],
        },
        form.told(),
        len(rows),
        form.path,
        form.axis,
        form.measure,
        (*form.notes, *left_out, *cut, *lines.missing("without a bar")),
        left,
        axes.BELOW,
        _AROUND + thick * len(labels) + layers.legend_height(names),
    )


def _bars(names: list[str]) -> dict[str, Json]:
    encoding = {**layers.coloured(names), **layers.toggled(names), "tooltip": layers.hints(names)}
    return {"mark": {"type": "bar"}, "params": layers.choice(names), "encoding": encoding}


def _figures(numbers: list[Any]) -> list[dict[str, Json]]:
    """The number at the end of each bar: to the right of it, or to the left where it lies left of zero."""
    layers_of = []
    for align, dx, test in (("left", 4, "datum.y >= 0"), ("right", -4, "datum.y < 0")):
        mark = {"type": "text", "style": "soft", "align": align, "dx": dx}
        layers_of.append({"transform": [{"filter": test}], "mark": mark, "encoding": {"text": {"field": "t"}}})
    return [*layers_of, *layers.zero(numbers, "x")] if min(numbers) < 0 else layers_of[:1]


def _across(measure: str, numbers: list[Any]) -> dict[str, Json]:
    low, high = min(numbers), max(numbers)
    room = (high - low) * _ROOM_FOR_FIGURE
    axis = {**axes.written(numbers), "title": short(measure, 300), "tickCount": 5, "domain": False, "ticks": False}
    domain = [low - room if low < 0 else 0, high + room if high > 0 else 0] if low < high else [0, 1]
    return {"field": "y", "type": "quantitative", "scale": {"domain": domain, "nice": False}, "axis": axis}


def named_axis(axis: str, labels: list[str], left: int) -> dict[str, Json]:
    """Names flush with the chart's left edge, under the axis's title."""
    told = {
        "title": short(axis, 300),
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleX": -left,
        "titleY": -8,
        "labelAlign": "left",
        "labelPadding": left,
        "domain": False,
        "ticks": False,
    }
    return {"field": "c", "type": "nominal", "sort": None, "scale": {"domain": labels}, "axis": told}


def _fewer_names(lines: Lines) -> tuple[Lines, list[str]]:
    total = len(lines.marks)
    if total <= MOST_NAMES:
        return lines, []
    sizes = [sum(abs(line.values[at] or 0) for line in lines.lines) for at in range(total)]
    kept = sorted(range(total), key=lambda at: -sizes[at])[:MOST_NAMES]
    fewer = [Line(line.name, [line.values[at] for at in kept]) for line in lines.lines]
    return replace(lines, marks=[lines.marks[at] for at in kept], lines=fewer), [
        f"the {MOST_NAMES} largest of {total} are drawn"
    ]
