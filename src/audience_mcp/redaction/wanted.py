"""A schema of arguments and a place in them -> a value in the type that is wanted there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Json = Any
Path = tuple[str | int, ...]


def fitted(value: Json, schema: Mapping[str, Json], path: Path) -> Json:
    """A number as text where only text is wanted, and text as a number where only a number is.

    One token stands for both: what one provider keeps as a number another keeps as text.
    """
    nodes = list(_alternatives(schema, [schema]))
    for step in path:
        nodes = list(_alternatives(schema, _parts(nodes, step)))
    types = {kind for node in nodes for kind in _listed(node.get("type"))}
    number = bool(types & {"integer", "number"})
    if isinstance(value, str):
        canonical = value.isdecimal() and len(value) < 20 and str(int(value)) == value
        return int(value) if number and "string" not in types and canonical else value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "string" in types and not number:
        return str(value)
    return value


def _parts(nodes: Iterable[Mapping[str, Json]], step: str | int) -> Iterator[Json]:
    for node in nodes:
        if isinstance(step, int):
            yield node.get("items")
        else:
            yield node.get("properties", {}).get(step, node.get("additionalProperties"))


def _alternatives(schema: Mapping[str, Json], nodes: Iterable[Json]) -> Iterator[Mapping[str, Json]]:
    """The nodes with all that they refer to, each once."""
    left, seen = list(nodes), set()
    while left:
        node = left.pop()
        if not isinstance(node, Mapping) or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        for word in ("anyOf", "oneOf", "allOf"):
            left += node.get(word, ())
        if "$ref" in node:
            left.append(schema.get("$defs", {}).get(node["$ref"].rsplit("/", 1)[-1]))


def _listed(types: Json) -> list[str]:
    return [types] if isinstance(types, str) else types or []
