"""A drawing, its title and where its data comes from -> the whole specification of a chart."""

from __future__ import annotations

import re
from typing import Any

from audience_mcp.charts import style
from audience_mcp.charts.forms import Drawing
from audience_mcp.charts.lettering import plain, wrapped
from audience_mcp.results.draft import View
from audience_mcp.results.provenance import Provenance

Json = Any

LITE = "https://vega.github.io/schema/vega-lite/v6.json"
FULL = "https://vega.github.io/schema/vega/v6.json"
MARK = "SANDBOX"

_TITLE_LINES, _SUBTITLE_LINES, _LINE_HEIGHT, _BOLD = 2, 2, 13, 1.1
_ID_AFTER_NAME = re.compile(r" \([^()]+\)$")
_MINUTES = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*(?:Z|\+00:00)")


def framed(drawing: Drawing, view: View, provenance: Provenance, title: str) -> dict[str, Json]:
    """The specification with everything that says what the drawing is and where it comes from."""
    head = _head(view, provenance, title)
    spoken = f"{' '.join(head['text'])}: {drawing.said}"
    foot = [line for text in _foot(drawing, provenance) for line in wrapped(text, style.INNER, style.SMALL, 3)]
    source = {"text": foot, "x": -drawing.left, "lineHeight": _LINE_HEIGHT}
    if "marks" in drawing.parts:
        return {"description": spoken, **_full(drawing, head, source)}
    # A longer title or more notes make the chart taller, not its plot smaller.
    extra = sum(
        height * (len(lines) - 1)
        for lines, height in ((head["text"], 18), (head["subtitle"], 14), (foot, _LINE_HEIGHT))
        if lines
    )
    return {"description": spoken, **_lite(drawing, head, source, drawing.height + extra)}


def name_of(view: View) -> str:
    """What the answer is of: the saved analysis's name where it says it, else the tool's title."""
    value = view.value
    inner = value.get("metadata") if isinstance(value, dict) else None
    found = (
        part[key] for part in (value, inner) if isinstance(part, dict) for key in ("name", "title") if part.get(key)
    )
    name = next((text for text in found if isinstance(text, str)), "")
    return plain(name[:200]) or view.title or "Result"


def _head(view: View, provenance: Provenance, title: str) -> dict[str, Json]:
    shown = f"{MARK}: {title}" if provenance.sandbox else title
    window = f"{provenance.window} ({provenance.zone})" if provenance.window and provenance.zone else provenance.window
    told = ("" if view.title == title else view.title, window or "")
    subtitle = " · ".join(plain(part) for part in (_workspace(provenance), *told) if part)
    return {
        "text": wrapped(shown, style.INNER, _BOLD * style.TITLE, _TITLE_LINES),
        "subtitle": wrapped(subtitle, style.INNER, style.BODY, _SUBTITLE_LINES),
    }


def _workspace(provenance: Provenance) -> str:
    return _ID_AFTER_NAME.sub("", provenance.workspace or "")


def _foot(drawing: Drawing, provenance: Provenance) -> list[str]:
    """What is not drawn, then the sources."""
    parts = [provenance.provider or "", _workspace(provenance)]
    parts.append(_MINUTES.sub(r"fetched \1 \2 UTC", provenance.fetched or ""))
    parts.append("SANDBOX: made-up data" if provenance.sandbox else "")
    noted = [f"Note: {'; '.join(drawing.notes)}."] if drawing.notes else []
    return [*noted, f"Source: {', '.join(part for part in parts if part)}"]


def _lite(drawing: Drawing, head: dict[str, Json], source: dict[str, Json], height: int) -> dict[str, Json]:
    place = {"expr": f"height + {drawing.below}"}
    mark = {"type": "text", "style": "source", **source, "y": place, "tooltip": None}
    return {
        "$schema": LITE,
        "width": style.WIDTH,
        "height": height,
        "padding": style.PADDING,
        "autosize": {"type": "fit", "contains": "padding"},
        "title": head,
        "data": drawing.parts["data"],
        # The sources stand beside the drawing's layers, not among them: they share no axis.
        "layer": [
            {"encoding": drawing.parts["encoding"], "layer": drawing.parts["layer"]},
            {"data": {"values": [{}]}, "mark": mark},
        ],
    }


def _full(drawing: Drawing, head: dict[str, Json], source: dict[str, Json]) -> dict[str, Json]:
    encode = {name: {"value": value} for name, value in source.items()}
    encode["y"] = {"value": drawing.height + drawing.below}
    mark = {"type": "text", "style": "source", "interactive": False, "encode": {"update": encode}}
    return {
        "$schema": FULL,
        "width": style.INNER,
        "height": drawing.height,
        "padding": style.PADDING,
        "autosize": "pad",
        "title": head,
        **drawing.parts,
        "marks": [*drawing.parts["marks"], mark],
    }
