"""What charts of several series share: their rows, the legend that toggles them, and what shows under a pointer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audience_mcp.charts import axes, style
from audience_mcp.charts.forms import Lines, Number
from audience_mcp.charts.lettering import distinct, width

Json = Any

LONGEST_NAME = 260
_SYMBOL_ROOM, _LEGEND_WIDTH, _LEGEND_ROW, _FAINT, _SEEN, _WIDEST_BAND = 36, 560, 16, 0.12, 0.25, 24
NUMBER = ",.12~g"
"""Numbers under a pointer: grouped, with all the digits that a decimal number can be trusted to have."""


def names_of(lines: Lines) -> list[str]:
    """The names of the series, fit for a legend and each another."""
    return distinct((line.name for line in lines.lines), LONGEST_NAME)


def rows(lines: Lines, names: list[str]) -> list[dict[str, Json]]:
    """One row for each point of each series: `x` its place, `y` the number, `s` the series."""
    places = lines.places or axes.labels(lines)
    return [
        {"x": place, "y": value, "s": name}
        for name, line in zip(names, lines.lines, strict=True)
        for place, value in zip(places, line.values, strict=True)
    ]


def coloured(names: list[str], *, dots: bool = False) -> dict[str, Json]:
    """The colour of each series, with its legend: of strokes, or of `dots` without an outline."""
    if len(names) == 1:
        return {}
    return {"color": {"field": "s", "type": "nominal", "scale": {"domain": names}, "legend": _legend(names, dots)}}


def marked(names: list[str], channel: str, values: Sequence[Json], *, dots: bool = False) -> dict[str, Json]:
    """A second mark of each series besides its colour (a dash, a shape), in the same legend."""
    if len(names) == 1:
        return {}
    scale = {"domain": names, "range": list(values[: len(names)])}
    return {channel: {"field": "s", "type": "nominal", "scale": scale, "legend": _legend(names, dots)}}


def legend_height(names: list[str]) -> int:
    """The room that the legend takes above the plot, in pixels."""
    return 0 if len(names) == 1 else 4 + _LEGEND_ROW * -(-len(names) // _legend_columns(names))


def _legend(names: list[str], dots: bool) -> dict[str, Json]:
    return {"columns": _legend_columns(names), **({"symbolStrokeWidth": 0} if dots else {})}


def _legend_columns(names: list[str]) -> int:
    widest = max(width(name, style.BODY) for name in names) + _SYMBOL_ROOM
    return max(1, int(_LEGEND_WIDTH // widest))


def toggled(names: list[str], strong: float = 1.0) -> dict[str, Json]:
    """The opacity of each series: faint where others were chosen in the legend."""
    if len(names) == 1:
        return {"opacity": {"value": strong}}
    return {"opacity": {"condition": {"param": "shown", "value": strong}, "value": _FAINT}}


def choice(names: list[str]) -> list[dict[str, Json]]:
    """The choice that a click in the legend makes, each click adding a series or taking it out."""
    if len(names) == 1:
        return []
    return [{"name": "shown", "select": {"type": "point", "fields": ["s"], "toggle": "true"}, "bind": "legend"}]


def hints(names: list[str]) -> list[dict[str, Json]]:
    """What shows under a pointer. The titles are ours: a provider's words are never part of an expression."""
    series = [{"field": "s", "type": "nominal", "title": "series"}] if len(names) > 1 else []
    value = {"field": "y", "type": "quantitative", "format": NUMBER, "title": "value"}
    return [{"field": "w", "type": "nominal", "title": "at"}, *series, value]


def zero(numbers: list[Number], axis: str = "y") -> list[dict[str, Json]]:
    """A line at zero where there are numbers on both sides of it."""
    across = {"x": "y", "y": "x"}[axis]
    drawn = {"mark": {"type": "rule", "style": "zero"}, "encoding": {axis: {"datum": 0}, across: None}}
    return [drawn] if min(numbers, default=0) < 0 else []


def pointed(lines: Lines, names: list[str]) -> dict[str, Json]:
    """A band over each place, seen under a pointer alone, with the numbers of all series there."""
    values = [
        {"x": place, "w": mark, "v": "\n".join(_said(names, [line.values[at] for line in lines.lines]))}
        for at, (place, mark) in enumerate(zip(lines.places or axes.labels(lines), lines.marks, strict=True))
    ]
    across = max(style.INNER // len(values), 1)
    here = {"condition": {"param": "near", "empty": False, "value": _SEEN}, "value": 0}
    told = [{"field": field, "type": "nominal", "title": title} for field, title in (("w", "at"), ("v", "values"))]
    return {
        "data": {"values": values},
        "mark": {"type": "rule", "strokeWidth": min(across, _WIDEST_BAND)},
        "params": [{"name": "near", "select": {"type": "point", "on": "pointerover", "clear": "pointerout"}}],
        "encoding": {"y": None, "opacity": here, "tooltip": told},
    }


def _said(names: list[str], values: list[Number | None]) -> list[str]:
    told = ["no value" if value is None else f"{value:,}" for value in values]
    return told if len(names) == 1 else [f"{name}: {text}" for name, text in zip(names, told, strict=True)]
