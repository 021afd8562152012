"""Links of a flow diagram: from where, to where, how many; the strongest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.kinds.pages import apart
from audience_mcp.results.locate import Place, number, rows, step
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import counted, cut, named, scalar, shown

Json = Any

_LISTS = ("links", "edges", "flows")
_NODES = ("nodes", "steps")
_ENDS = (("source", "target"), ("from", "to"), ("sourceId", "targetId"), ("start", "end"))
_COUNTS = ("value", "count", "weight", "total", "users", "profiles", "visits")
_LONGEST = 60


class Link(NamedTuple):
    """One link: names of its ends, its strength, and where that stands."""

    source: str
    target: str
    weight: int | float
    path: str
    step: Json = None


def tell(view: View) -> Draft | None:
    """A list of objects with two ends and a number, beside a list of nodes or alone."""
    place, nodes = _find(view)
    links = _read(place, nodes) if place else None
    if place is None or not links:
        return None
    links.sort(key=lambda link: -link.weight)
    strongest, total = links[0], sum(link.weight for link in links)
    told = [
        Figure("links", len(links), path=place.path),
        Figure("total", scalar(total), path=place.path),
        Figure("strongest", scalar(strongest.weight), path=strongest.path),
    ]
    said = (
        f"{counted(len(links), 'link')}, the strongest from {named(strongest.source)} to {named(strongest.target)}"
        f" with {shown(scalar(strongest.weight))}."
    )
    return Draft(
        "sankey",
        view.says(said),
        told,
        _table(links, place.path),
        len(links),
        apart=apart(view.value, place.key, *_NODES),
    )


def _find(view: View) -> tuple[Place | None, list[Json]]:
    value = view.value
    if isinstance(value, dict):
        nodes: list[Json] = next((value[name] for name in _NODES if isinstance(value.get(name), list)), [])
        name = next((name for name in _LISTS if isinstance(value.get(name), list)), None)
        if name:
            return Place(value[name], step("$", name), name), nodes
        return rows(value, view.reading.items), nodes
    return rows(value, view.reading.items), []


def _read(place: Place, nodes: list[Json]) -> list[Link] | None:
    items = place.value
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    ends = next((pair for pair in _ENDS if pair[0] in items[0] and pair[1] in items[0]), None)
    count = next((name for name in _COUNTS if all(_is_count(item.get(name)) for item in items)), None)
    if ends is None or count is None:
        return None
    names = _node_names(nodes)
    links: list[Link] = []
    for at, item in enumerate(items):
        source, target = (_end(item.get(end), nodes, names) for end in ends)
        if source is None or target is None:
            return None
        links.append(Link(source, target, item[count], step(step(place.path, at), count), scalar(item.get("step"))))
    return links


def _node_names(nodes: list[Json]) -> dict[str, str]:
    """Ids of nodes -> their names."""
    return {
        node["id"]: name
        for node in nodes
        if isinstance(node, dict) and isinstance(node.get("id"), str) and (name := _name(node))
    }


def _end(value: Json, nodes: list[Json], names: dict[str, str]) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        node = nodes[value] if 0 <= value < len(nodes) else value
        return _name(node) or cut(str(scalar(value)), _LONGEST)
    if isinstance(value, str):
        return cut(names.get(value, value), _LONGEST)
    return _name(value)


def _name(node: Json) -> str | None:
    if isinstance(node, dict):
        node = next((node[key] for key in ("name", "label", "title", "id") if isinstance(node.get(key), str)), None)
    return cut(node, _LONGEST) if isinstance(node, str) else None


def _is_count(value: Json) -> bool:
    return number(value) and value >= 0


def _table(links: list[Link], path: str) -> Listing:
    steps = ["step"] if all(isinstance(link.step, int) for link in links) else []

    def made() -> Iterator[Row]:
        for link in links:
            yield (*([link.step] if steps else []), link.source, link.target, scalar(link.weight))

    columns = (*steps, "from", "to", "count")
    return Listing(columns, made, len(links), path, "link", sorted_by="strongest first", keep_columns=True)
