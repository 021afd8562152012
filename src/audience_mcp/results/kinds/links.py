"""An answer -> the links of a flow diagram: from where, to where, how many, and how that was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeGuard

from audience_mcp.results.draft import View
from audience_mcp.results.locate import Place, number, rows, step
from audience_mcp.results.wording import cut, scalar

Json = Any

NODES = ("nodes", "steps")
_LISTS = ("links", "edges", "flows")
_ENDS = (("source", "target"), ("from", "to"), ("sourceId", "targetId"), ("start", "end"))
_COUNTS = ("value", "count", "weight", "total", "users", "profiles", "visits")
_LONGEST = 60


class Link(NamedTuple):
    """One link: names of its ends, its weight, its step where it has one; it is item `at` of the list at `items`.

    `start` and `end` tell apart ends that have one name: the same text is the same node of the diagram.
    """

    source: str
    target: str
    weight: int | float
    step: int | None
    start: str
    end: str
    items: str
    at: int
    field: str

    @property
    def path(self) -> str:
        """Where the weight stands."""
        return step(step(self.items, self.at), self.field)


class Flow(NamedTuple):
    """Links in the answer's order, from the list at `path`; `stepped` where every one of them has a step.

    `sizes` are the counts that nodes themselves carry, by the text that `start` and `end` hold.
    """

    links: list[Link]
    path: str
    reading: str
    stepped: bool
    key: str | None
    sizes: Mapping[str, int | float]


class _End(NamedTuple):
    name: str
    key: str
    node: Json = None


def read(view: View) -> Flow | None:
    """A list of objects with two ends and a number, beside a list of nodes or alone."""
    place, nodes = _find(view)
    items = place.value if place else None
    if place is None or not items or not all(isinstance(item, dict) for item in items):
        return None
    fields = next((pair for pair in _ENDS if pair[0] in items[0] and pair[1] in items[0]), None)
    count = next((name for name in _COUNTS if all(_is_count(item.get(name)) for item in items)), None)
    if fields is None or count is None:
        return None
    known = {node["id"]: node for node in nodes if isinstance(node, dict) and isinstance(node.get("id"), str)}
    ends: list[tuple[_End, _End]] = []
    met: dict[str | int, _End | None] = {}
    for item in items:
        source, target = (_met(item.get(field), nodes, known, met) for field in fields)
        if source is None or target is None:
            return None
        ends.append((source, target))
    steps = _steps(items, ends)
    own = bool(steps) and isinstance(items[0].get("step"), int)
    links = [
        Link(
            source.name,
            target.name,
            item[count],
            steps[at] if steps else None,
            f"{steps[at]}:{source.key}" if own else source.key,
            f"{steps[at] + 1}:{target.key}" if own else target.key,
            place.path,
            at,
            count,
        )
        for at, (item, (source, target)) in enumerate(zip(items, ends, strict=True))
    ]
    reading = f"from = {fields[0]}, to = {fields[1]}, count = {count}"
    if steps:
        reading += f", step = {'' if own else 'nodes.'}step"
    return Flow(links, place.path, reading, bool(steps), place.key, {} if own else _sizes(ends, count))


def _find(view: View) -> tuple[Place | None, list[Json]]:
    value = view.value
    if not isinstance(value, dict):
        return rows(value, view.reading.items), []
    nodes: list[Json] = next((value[name] for name in NODES if isinstance(value.get(name), list)), [])
    name = next((name for name in _LISTS if isinstance(value.get(name), list)), None)
    return (Place(value[name], step("$", name), name) if name else rows(value, view.reading.items)), nodes


def _met(value: Json, nodes: list[Json], known: Mapping[str, Json], met: dict[str | int, _End | None]) -> _End | None:
    """An end, read once for all links that it has."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return _end(value, nodes, known)
    if value not in met:
        met[value] = _end(value, nodes, known)
    return met[value]


def _end(value: Json, nodes: list[Json], known: Mapping[str, Json]) -> _End | None:
    if isinstance(value, int) and not isinstance(value, bool):
        node = nodes[value] if 0 <= value < len(nodes) else None
        return _End(_name(node) or cut(str(scalar(value)), _LONGEST), str(scalar(value)), node)
    if isinstance(value, str):
        node = known.get(value)
        return _End(_name(node) or cut(value, _LONGEST), value, node)
    name = _name(value)
    return _End(name, name) if name else None


def _name(node: Json) -> str | None:
    if isinstance(node, dict):
        node = next((node[key] for key in ("name", "label", "title", "id") if isinstance(node.get(key), str)), None)
    return cut(node, _LONGEST) if isinstance(node, str) else None


def _steps(items: list[Json], ends: list[tuple[_End, _End]]) -> list[int]:
    """The step of each link: its own, else its source node's where the target is one further; none where unknown."""
    if all(_is_whole(item.get("step")) for item in items):
        return [item["step"] for item in items]
    steps: list[int] = []
    for source, target in ends:
        before, after = (end.node.get("step") if isinstance(end.node, dict) else None for end in (source, target))
        if not _is_whole(before) or after != before + 1:
            return []
        steps.append(before)
    return steps


def _sizes(ends: list[tuple[_End, _End]], count: str) -> dict[str, int | float]:
    nodes = {end.key: end.node for pair in ends for end in pair if isinstance(end.node, dict)}
    found: dict[str, Json] = {key: node.get("count", node.get(count)) for key, node in nodes.items()}
    return {key: size for key, size in found.items() if _is_count(size)}


def _is_whole(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and number(value)


def _is_count(value: Json) -> bool:
    return number(value) and value >= 0
