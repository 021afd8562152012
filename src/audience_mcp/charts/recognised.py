"""An answer of a known kind -> what can be drawn of it, by the same readings as its summary."""

from __future__ import annotations

from audience_mcp.charts import moments
from audience_mcp.charts.forms import Line, Lines, Ribbon, Ribbons, Steps
from audience_mcp.results import points
from audience_mcp.results.draft import View
from audience_mcp.results.kinds import funnels, links, personas, segments
from audience_mcp.results.locate import rows
from audience_mcp.results.wording import scalar

VALUE, COUNT = "value", "count"


def lines(view: View) -> Lines | None:
    """Personas over days, a series over its axis, or segments; None where the answer is none of them."""
    kind = view.reading.kind
    if kind == "flow":
        return _personas(view)
    if kind == "series":
        return _points(view)
    return _segments(view) if kind == "segments" else None


def steps(view: View) -> Steps | None:
    """The steps of a funnel."""
    funnel = funnels.read(view)
    if funnel is None:
        return None
    names = [step.name or f"step {at + 1}" for at, step in enumerate(funnel.steps)]
    return Steps(names, [step.count for step in funnel.steps], COUNT, funnel.path)


def ribbons(view: View) -> Ribbons | None:
    """The links of a flow diagram."""
    flow = links.read(view)
    if flow is None:
        return None
    found = [Ribbon(link.start, link.end, link.source, link.target, link.weight, link.step) for link in flow.links]
    return Ribbons(found, flow.stepped, COUNT, flow.path, flow.sizes)


def _personas(view: View) -> Lines | None:
    found = personas.read(view)
    if found is None:
        return None
    dates = sorted({day.date for persona in found for day in persona.days})
    axis = moments.read([*dates])
    if axis is None:
        return None
    told = [(persona.called, {day.date: day.count for day in persona.days}) for persona in found]
    drawn = [Line(name, [days.get(date) for date in dates]) for name, days in told]
    return Lines("time", "day", axis.marks, [*axis.places], drawn, "members", "$", parts=True)


def _points(view: View) -> Lines | None:
    place = rows(view.value, view.reading.items)
    found = points.read(place, view.value) if place else None
    if found is None:
        return None
    drawn = [Line(series.name, series.values) for series in found.series]
    measure = drawn[0].name if len(drawn) == 1 else VALUE
    axis = moments.read(found.marks) if found.timed else None
    if axis is None:
        marks = [str(scalar(mark)) for mark in found.marks]
        return Lines("label", found.axis, marks, [], drawn, measure, found.path)
    name = f"{found.axis} ({axis.zone})" if axis.zone else found.axis
    return Lines("time", name, axis.marks, [*axis.places], drawn, measure, found.path)


def _segments(view: View) -> Lines | None:
    found = segments.read(view)
    if found is None:
        return None
    names = [entry.name or f"segment {at + 1}" for at, entry in enumerate(found.entries)]
    line = Line(COUNT, [entry.number for entry in found.entries])
    return Lines("label", "segment", names, [], [line], COUNT, found.path)
