"""Links of a flow diagram: the strongest first with their shares, where people leave, and the strongest way through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.kinds import counts
from audience_mcp.results.kinds.links import NODES, Flow, Link, read
from audience_mcp.results.kinds.nodes import Leaving, leaving, strongest_way
from audience_mcp.results.kinds.pages import apart
from audience_mcp.results.locate import Place, field
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import counted, cut, derived, named, percent, scalar, shown

__all__ = ["Flow", "Link", "read", "tell"]

Json = Any

_MOST_LEAVING, _MOST_GOALS, _LONGEST_WAY, _LINKS_SHARE = 3, 3, 240, 50


def tell(view: View) -> Draft | None:
    """The strongest links, as parts of their step or of all, and where most people leave."""
    flow = read(view)
    if flow is None:
        return None
    wholes: defaultdict[int | None, float] = defaultdict(int)
    for link in flow.links:
        wholes[link.step] += link.weight
    links = sorted(flow.links, key=lambda link: -link.weight)
    strongest, left, way = links[0], leaving(flow), strongest_way(flow)
    figures = [Figure("links", len(links), path=flow.path), *_beside(view.value)]
    if not flow.stepped:
        figures.append(Figure("total", derived(wholes[None]), path=flow.path))
    figures.append(Figure("strongest", scalar(strongest.weight), path=strongest.path))
    figures += [_leaving(one, flow.path) for one in left[:_MOST_LEAVING]]
    if len(way) > 1:
        names = " > ".join((way[0].source, *(link.target for link in way)))
        least = min(way, key=lambda link: link.weight)
        figures.append(Figure("strongest way", cut(names, _LONGEST_WAY), path=flow.path))
        figures.append(Figure("took it all, at most", scalar(least.weight), path=least.path))
    whole, of = wholes[strongest.step], f"step {strongest.step}" if flow.stepped else "all"
    share = f" ({shown(percent(strongest.weight, whole))}% of {of})" if whole else ""
    said = (
        f"{counted(len(links), 'link')}, the strongest from {named(strongest.source)} to {named(strongest.target)}"
        f" with {shown(scalar(strongest.weight))}{share}"
    )
    return Draft(
        "sankey",
        view.says(f"{said}{_most_leave(left)}."),
        figures,
        _table(flow, links, wholes),
        len(links),
        apart=apart(view.value, flow.key, *NODES, *_told(view.value)),
        reading=flow.reading,
    )


def _beside(value: Json) -> list[Figure]:
    """What stands beside the links: the names of the steps, and goals with their counts."""
    if not isinstance(value, dict):
        return []
    steps, goals = value.get("steps"), value.get("goals")
    told: list[Figure] = []
    if isinstance(steps, list) and steps and all(isinstance(field(one, "name"), str) for one in steps):
        names = [str(one["name"]) for one in steps]
        told.append(Figure("steps", cut(" > ".join(names), _LONGEST_WAY), path="$.steps"))
    found = counts.read(Place(goals, "$.goals")) if isinstance(goals, list) else None
    if found and found.name_field:
        told += [Figure(f"goal {one.name}", scalar(one.number), path=one.path) for one in found.entries[:_MOST_GOALS]]
    return told


def _told(value: Json) -> list[str]:
    """`goals` where all of them are among the figures."""
    goals = value.get("goals") if isinstance(value, dict) else None
    return ["goals"] if isinstance(goals, list) and len(goals) == len(_beside({"goals": goals})) else []


def _leaving(one: Leaving, path: str) -> Figure:
    step = f", step {one.step}" if one.step is not None else ""
    label = f"{'leave after' if one.path else 'no link on from'} {one.name}{step}, of {shown(derived(one.reached))}"
    return Figure(label, derived(one.number), path=one.path or path)


def _most_leave(left: list[Leaving]) -> str:
    if not left:
        return ""
    most = left[0]
    part = f"{shown(derived(most.number))} of {shown(derived(most.reached))}"
    share = f"{shown(percent(most.number, most.reached))}%"
    at = f" (step {most.step})" if most.step is not None else ""
    if most.path:
        return f"; most leave after {named(most.name)}{at}: {part} ({share})"
    return f"; most end at {named(most.name)}{at}: no link on for {part} ({share})"


def _table(flow: Flow, links: list[Link], wholes: dict[int | None, float]) -> Listing:
    def made() -> Iterator[Row]:
        for link in links:
            share = percent(link.weight, wholes[link.step])
            yield (*([link.step] if flow.stepped else []), link.source, link.target, scalar(link.weight), share)

    columns = (*(["step"] if flow.stepped else []), "from", "to", "count", "% of step" if flow.stepped else "% of all")
    order = "strongest first"
    return Listing(columns, made, len(links), flow.path, "link", sorted_by=order, keep_columns=True, share=_LINKS_SHARE)
