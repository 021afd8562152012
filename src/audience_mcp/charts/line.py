"""Lines over time or numbers, one for each series: told apart by colour, by dash, and by shape where points are few."""

from __future__ import annotations

from typing import Any

from audience_mcp.charts import axes, layers, style
from audience_mcp.charts.forms import CannotDraw, Drawing, Lines, Options
from audience_mcp.charts.lettering import short
from audience_mcp.charts.source import Source
from audience_mcp.charts.thinning import fewer_points, fewer_series

Json = Any

_FEW_POINTS, _MANY_POINTS, _FLAT, _NAME_ROOM = 40, 300, 0.02, 140


def find(source: Source, options: Options) -> Lines:
    """The lines in the data; over labels only where lines were asked for.

    Raises:
        CannotDraw: There are none.
    """
    lines = source.lines(options)
    if lines.place == "label" and options.chart is None:
        raise CannotDraw("its points have no order")
    return lines


def draw(form: Lines) -> Drawing:
    """Lines with a mark at every point where there are few, and gaps where there is no number."""
    lines, left_out = fewer_series(form)
    lines, thinned = fewer_points(lines)
    names, numbers = layers.names_of(lines), list(lines.known())
    left = axes.side(numbers)
    few = len(lines.marks) <= _FEW_POINTS
    colours = {**layers.coloured(names, dots=few), **layers.toggled(names)}
    dashes = layers.marked(names, "strokeDash", style.DASHES, dots=few)
    drawn: list[Json] = [
        {
            "mark": {
                "type": "line",
                "strokeWidth": 2 if len(lines.marks) <= _MANY_POINTS else 1,
                "strokeJoin": "round",
            },
            "params": layers.choice(names),
            "encoding": {**colours, **dashes},
        }
    ]
    if few:
        shapes = layers.marked(names, "shape", style.SHAPES, dots=True)
        drawn.append({"mark": {"type": "point", "filled": True, "size": 36}, "encoding": {**colours, **shapes}})
    return Drawing(
        {
            "data": {"values": layers.rows(lines, names)},
            "encoding": {"x": axes.along(lines), "y": axes.upward(lines.measure, numbers, left)},
            "layer": [*layers.zero(numbers), *drawn, layers.pointed(lines, names)],
        },
        form.told(),
        sum(1 for _ in numbers),
        form.path,
        form.axis,
        form.measure,
        (*form.notes, *left_out, *thinned, *form.missing("left as gaps"), *_flat(lines)),
        left,
        axes.below(lines),
        style.HEIGHT + layers.legend_height(names),
    )


def _flat(lines: Lines) -> list[str]:
    """A note on series that lie flat at the foot, beside others of a far larger size."""
    sizes = [max((abs(value) for value in line.values if value is not None), default=0) for line in lines.lines]
    flat = [line.name for line, size in zip(lines.lines, sizes, strict=True) if 0 < size < max(sizes) * _FLAT]
    names = ", ".join(short(name, _NAME_ROOM) for name in flat)
    return [f"too small to be read beside the others: {names} (y draws one alone)"] if flat else []
