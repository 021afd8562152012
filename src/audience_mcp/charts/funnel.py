"""A funnel: a bar for each step, what was lost since the step before in a pale one, and both shares in words."""

from __future__ import annotations

from typing import Any

from audience_mcp.charts import layers, recognised, shaping, style
from audience_mcp.charts.bar import named_axis
from audience_mcp.charts.forms import Drawing, Options, Steps
from audience_mcp.charts.lettering import distinct, figure, width
from audience_mcp.charts.source import Source
from audience_mcp.results.wording import percent

Json = Any

MOST_STEPS = 20
_LONGEST_NAME, _NAME_ROOM, _WORDS_ROOM, _STEP, _AROUND = 210, 14, 190, 38, 120
_NOUN = "step"


def find(source: Source, options: Options) -> Steps:
    """The steps: by the columns that were named, else as the answer's kind says, else by its columns.

    Raises:
        CannotDraw: There are none, or their counts grow.
    """
    found = None if any(options.columns()) else recognised.steps(source.view)
    return found or shaping.steps(source.table(), options)


def draw(form: Steps) -> Drawing:
    """The steps from the top down."""
    steps = len(form.counts)
    names = [f"{at + 1}  {name}" for at, name in enumerate(form.names[:MOST_STEPS])]
    labels = distinct(names, _LONGEST_NAME)
    left = round(max(width(label, style.BODY) for label in labels)) + _NAME_ROOM
    first = form.counts[0]
    rows: list[dict[str, Json]] = []
    for at, (label, name) in enumerate(zip(labels, form.names, strict=False)):
        count, before = form.counts[at], form.counts[max(at - 1, 0)]
        shares = f"{_share(count, first)} of first · {_share(count, before)} of previous" if at else ""
        rows.append({"c": label, "w": name, "y": count, "b": before, "t": figure(count), "u": shares})
    plot = style.INNER - left
    across = {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": [0, first * plot / max(plot - _WORDS_ROOM, plot / 2)], "nice": False},
        "axis": None,
    }
    after = {"field": "b", "type": "quantitative"}
    words = {"type": "text", "align": "left", "dx": 6}
    notes = (f"the first {MOST_STEPS} of {steps} steps are drawn",) if steps > MOST_STEPS else ()
    return Drawing(
        {
            "data": {"values": rows},
            "encoding": {"y": named_axis(f"{_NOUN}, {form.measure}", labels, left)},
            "layer": [
                {"mark": {"type": "bar", "style": "ghost"}, "encoding": {"x": {**across, **after}}},
                {"mark": {"type": "bar"}, "encoding": {"x": across, "tooltip": layers.hints([form.measure])}},
                {
                    "mark": {**words, "style": "heading", "dy": -7},
                    "encoding": {"x": {**across, **after}, "text": {"field": "t"}},
                },
                {
                    "mark": {**words, "style": "soft", "dy": 7},
                    "encoding": {"x": {**across, **after}, "text": {"field": "u"}},
                },
            ],
        },
        f"{steps} steps, {figure(first)} to {figure(form.counts[-1])}",
        len(rows),
        form.path,
        _NOUN,
        form.measure,
        notes,
        left,
        14,
        _AROUND + _STEP * len(rows),
    )


def _share(part: float, whole: float) -> str:
    share = percent(part, whole)
    return "-" if share is None else f"{share}%"
