"""How often numbers of each size occur: counted here in equal intervals, or as the provider counted them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import ceil, floor, log10
from sys import float_info
from typing import Any

from audience_mcp.charts import bar, columns, recognised, shaping
from audience_mcp.charts.forms import CannotDraw, Drawing, Line, Lines, Number, Options, Sample
from audience_mcp.charts.lettering import figure
from audience_mcp.charts.source import Source
from audience_mcp.results.wording import counted

Json = Any

_INTERVALS, _NICE, _LEAST = 20, (1, 2, 2.5, 5, 10), 2
_ROWS = "rows"


def find(source: Source, options: Options) -> Sample | Lines:
    """The numbers of a column, or counts that came in intervals already.

    Raises:
        CannotDraw: There are no numbers, or too few.
    """
    if options.x and options.y:
        if options.chart is None:
            raise CannotDraw("a histogram is of one column")
        return source.lines(options)
    came = None if any(options.columns()) else recognised.lines(source.view)
    if came is not None and options.chart is not None:
        return came
    sample = shaping.sample(source.table(), options)
    if len(set(sample.values)) < _LEAST:
        raise CannotDraw("a histogram needs two different numbers or more")
    return sample


def draw(form: Sample | Lines) -> Drawing:
    """Bars without gaps between them."""
    if isinstance(form, Lines):
        return bar.draw(form)
    edges, counts = intervals(form.values)
    marks = [f"{figure(low)} to {figure(high)}" for low, high in pairwise(edges)]
    lines = Lines("number", form.name, marks, edges[:-1], [Line(_ROWS, [*counts])], _ROWS, form.path)
    rows = [
        {"x": low, "x2": high, "y": count, "w": mark, "s": _ROWS}
        for (low, high), count, mark in zip(pairwise(edges), counts, marks, strict=True)
    ]
    drawn = columns.upright(lines, rows, [_ROWS], [*counts, 0], form.notes)
    drawn.parts["layer"][0]["mark"]["style"] = "edge"
    ends = f"from {figure(min(form.values))} to {figure(max(form.values))}"
    said = f"{counted(len(form.values), 'number')} {ends} in {counted(len(counts), 'interval')}"
    return replace(drawn, said=said)


def intervals(values: list[Number]) -> tuple[list[float], list[int]]:
    """Edges at round numbers, and how many values lie from each up to the next (the last one takes its end too).

    Raises:
        CannotDraw: The numbers are so close together that no edge finds room between them.
    """
    low, high = min(values), max(values)
    if (high - low) / _INTERVALS < float_info.min:
        raise CannotDraw("the numbers are too close together for a histogram")
    size = 10 ** floor(log10((high - low) / _INTERVALS))
    step = next(size * nice for nice in _NICE if (high - low) / (size * nice) <= _INTERVALS)
    if all(isinstance(value, int) for value in values):
        step = max(1, round(step))
    first = floor(low / step)
    first -= first * step > low  # the quotient of the smallest numbers is zero
    number = max(ceil(high / step), first + 1) - first
    counts = [0] * number
    for value in values:
        counts[min(int(value // step) - first, number - 1)] += 1
    return [(first + at) * step for at in range(number + 1)], counts
