"""A result's view, where it comes from and what was asked for -> a chart: its specification and what to say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from audience_mcp.charts.choosing import choose
from audience_mcp.charts.forms import Drawing, Options
from audience_mcp.charts.frame import framed, name_of
from audience_mcp.charts.source import Source
from audience_mcp.results.draft import View
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.summarize import told

Json = Any


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: `specification` is Vega-Lite or Vega JSON, data and all, without colours; `title` is its name.

    `provenance` is the result's, with the time that the answer itself says it covers.
    """

    kind: str
    title: str
    drawing: Drawing
    specification: dict[str, Json]
    provenance: Provenance


def specify(view: View, provenance: Provenance, options: Options) -> Chart:
    """The chart of a result.

    Raises:
        InvalidArguments: There is no such column, or the data does not make the chart.
    """
    kind, drawing = choose(Source(view), options)
    title = options.title or name_of(view)
    answer, _ = told(view)
    dated = replace(provenance, window=provenance.window or answer.window, zone=provenance.zone or answer.zone)
    return Chart(kind, title, drawing, framed(drawing, view, dated, title), dated)
