"""How charts look: sizes, the colours of both themes, and the configuration that carries them.

Specifications name no colour; they name styles and places in the palette, so that one specification is drawn light in a
picture and light or dark in a page. The colours are Okabe and Ito's, which people with any colour vision tell apart, in
their order of contrast and without the yellow that is lost on white; the last one is for what is put together.
"""

from __future__ import annotations

from typing import Any, Literal

Json = Any
Theme = Literal["light", "dark"]

WIDTH, HEIGHT, PADDING, SCALE = 640, 360, 14, 1.5
INNER = WIDTH - 2 * PADDING
MOST_SERIES = 7
"""The series that have a colour of their own; a further one is all others together."""

TITLE, BODY, SMALL = 15, 11, 10
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 2, 1, 2], [1, 3], [1, 0])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "circle")

_LIGHT = {
    "paper": "#ffffff",
    "ink": "#1a1a1a",
    "soft": "#595959",
    "rule": "#e4e4e4",
    "line": "#8c8c8c",
    "band": "#f5f5f5",
    "ghost": "#d6dee7",
    "palette": ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#3d3d3d", "#9a9a9a"],
}
_DARK = {
    "paper": "#1e1e1e",
    "ink": "#f0f0f0",
    "soft": "#b8b8b8",
    "rule": "#3a3a3a",
    "line": "#808080",
    "band": "#282828",
    "ghost": "#34424c",
    "palette": ["#4aa8e0", "#f2803a", "#2dbb92", "#e29cc4", "#f0b43c", "#93d0f5", "#e8e8e8", "#858585"],
}


def config(theme: Theme) -> dict[str, Json]:
    """The configuration of Vega-Lite and Vega for a theme."""
    of: dict[str, Any] = _LIGHT if theme == "light" else _DARK
    # No text is left to Vega to shorten: it may cut a character in two. `lettering` has done it.
    text = {"font": FONT, **_inked(of["ink"]), "fontSize": BODY, "baseline": "middle"}
    return {
        "background": of["paper"],
        "font": FONT,
        "view": {"stroke": None},
        "mark": {"color": of["palette"][0]},
        "axis": {
            "labelColor": of["soft"],
            "titleColor": of["soft"],
            "gridColor": of["rule"],
            "domainColor": of["line"],
            "tickColor": of["line"],
            "labelFont": FONT,
            "titleFont": FONT,
            "labelFontSize": BODY,
            "titleFontSize": BODY,
            "titleFontWeight": "normal",
            "labelLimit": 0,
            "titleLimit": 0,
        },
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "font": FONT,
            "subtitleFont": FONT,
            "fontSize": TITLE,
            "fontWeight": "bold",
            "subtitleFontSize": BODY,
            "subtitlePadding": 5,
            "color": of["ink"],
            "subtitleColor": of["soft"],
            "offset": 12,
        },
        "legend": {
            "orient": "top",
            "direction": "horizontal",
            "title": None,
            "labelFont": FONT,
            "labelFontSize": BODY,
            "labelColor": of["ink"],
            "labelLimit": 0,
            "symbolSize": 110,
            "symbolStrokeWidth": 2.5,
            "offset": 24,
            "padding": 0,
        },
        "range": {"category": of["palette"]},
        "rule": {"stroke": of["line"]},
        "style": {
            "ink": text,
            "soft": {**text, **_inked(of["soft"])},
            "heading": {**text, "fontWeight": "bold"},
            "source": {**text, **_inked(of["soft"]), "fontSize": SMALL, "align": "left", "baseline": "top"},
            "band": _inked(of["band"]),
            "ghost": _inked(of["ghost"]),
            "edge": {"stroke": of["paper"], "strokeWidth": 0.8},
            "zero": {"stroke": of["line"], "strokeWidth": 1},
        },
    }


def _inked(colour: str) -> dict[str, str]:
    # Vega goes by `fill`, Vega-Lite by `color`.
    return {"fill": colour, "color": colour}
