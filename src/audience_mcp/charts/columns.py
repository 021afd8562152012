"""Upright bars over time or numbers: the bars of an interval stand side by side, one for each series."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import Any

from audience_mcp.charts import axes, layers, style
from audience_mcp.charts.forms import Drawing, Lines
from audience_mcp.charts.thinning import fewer_series

Json = Any

MOST_INTERVALS = 200
_GAP = 0.12


def draw(form: Lines, *, gap: float = _GAP) -> Drawing:
    """One bar for each number, from its place to the next one; `gap` is the part of it that stays empty."""
    lines, left_out = fewer_series(form)
    names, numbers = layers.names_of(lines), [*lines.known(), 0]
    steps = [after - before for before, after in pairwise(lines.places)]
    usual = median(steps) if steps else 1
    # Not wider than usual where a place is missing, nor over the next place where months are short.
    widths = dict(zip(lines.places, [*(min(step, usual) for step in steps), usual], strict=True))
    rows = []
    for order, (name, line) in enumerate(zip(names, lines.lines, strict=True)):
        for place, mark, value in zip(lines.places, lines.marks, line.values, strict=True):
            each = widths[place] * (1 - gap) / len(names)
            start = place + order * each
            rows.append({"x": start, "x2": start + each, "w": mark, "y": value, "s": name})
    rows = [row for row in rows if row["y"] is not None]
    return upright(form, rows, names, numbers, (*form.notes, *left_out))


def upright(
    form: Lines, rows: list[dict[str, Json]], names: list[str], numbers: list[Any], notes: tuple[str, ...]
) -> Drawing:
    """Bars from `x` to `x2` as tall as `y`, standing on (or hanging from) zero."""
    left = axes.side(numbers)
    layer = {
        "mark": {"type": "rect"},
        "params": layers.choice(names),
        "encoding": {
            **layers.coloured(names),
            **layers.toggled(names),
            "x2": {"field": "x2"},
            "y2": {"datum": 0},
            "tooltip": layers.hints(names),
        },
    }
    return Drawing(
        {
            "data": {"values": rows},
            "encoding": {"x": axes.along(form), "y": axes.upward(form.measure, numbers, left)},
            "layer": [layer, *layers.zero(numbers)],
        },
        form.told(),
        len(rows),
        form.path,
        form.axis,
        form.measure,
        (*notes, *form.missing("without a bar")),
        left,
        axes.below(form),
        style.HEIGHT + layers.legend_height(names),
    )
