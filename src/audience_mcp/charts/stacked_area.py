"""Series that add up, stacked over time or numbers; what there are too many of is put together."""

from __future__ import annotations

from typing import Any

from audience_mcp.charts import axes, layers, style
from audience_mcp.charts.forms import CannotDraw, Drawing, Lines, Options
from audience_mcp.charts.source import Source
from audience_mcp.charts.thinning import fewer_points, folded_series

Json = Any

_FILLED = 0.85


def find(source: Source, options: Options) -> Lines:
    """The series to be stacked; unasked only those that are known to be parts of a whole.

    Raises:
        CannotDraw: There are none, or not of this kind.
    """
    lines = source.lines(options)
    if not lines.places or len(lines.places) < 2:
        raise CannotDraw("an area needs two dates or more")
    if min(lines.known()) < 0:
        raise CannotDraw("numbers below zero cannot be stacked")
    if options.chart is None and not lines.parts:
        raise CannotDraw("its series are not known to add up")
    return lines


def draw(form: Lines) -> Drawing:
    """Areas from the foot up in the order of the legend, each point's own number under the pointer."""
    lines, folded = folded_series(form)
    lines, thinned = fewer_points(lines)
    names = layers.names_of(lines)
    sums = [sum(value or 0 for value in values) for values in zip(*(line.values for line in lines.lines), strict=True)]
    left = axes.side([*sums, 0])
    rank = {name: at for at, name in enumerate(names)}
    rows = [{**row, "y": row["y"] or 0, "i": rank[row["s"]]} for row in layers.rows(lines, names)]
    stack = {"order": {"field": "i", "type": "ordinal"}}
    area = {"type": "area", "line": False, "style": "edge"}
    colours = {**layers.coloured(names), **layers.toggled(names, _FILLED)}
    return Drawing(
        {
            "data": {"values": rows},
            "encoding": {
                "x": axes.along(lines),
                "y": {**axes.upward(lines.measure, [*sums, 0], left), "stack": "zero"},
            },
            "layer": [
                {"mark": area, "params": layers.choice(names), "encoding": {**colours, **stack}},
                layers.pointed(lines, names),
            ],
        },
        form.told(),
        len(rows),
        form.path,
        form.axis,
        form.measure,
        (*form.notes, *folded, *thinned, *form.missing("drawn as 0")),
        left,
        axes.below(lines),
        style.HEIGHT + layers.legend_height(names),
    )
