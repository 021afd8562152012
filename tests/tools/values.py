"""JSON Schema -> Hypothesis strategies for values that often obey it: the part of the vocabulary arguments use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Node = Mapping[str, Any]
DEEPEST = 4
ANYTHING: st.SearchStrategy[Any] = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))
FORMATS: Mapping[str, st.SearchStrategy[str]] = {
    "uuid": st.uuids().map(str),
    "date": st.dates().map(str),
    "date-time": st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='seconds')}Z"),
}


def values(node: Node, definitions: Node, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values shaped by `node`; below a few levels only what is required."""
    if "$ref" in node:
        return values(definitions[node["$ref"].removeprefix("#/$defs/")], definitions, depth)
    if "const" in node:
        return st.just(node["const"])
    if "enum" in node:
        return st.sampled_from(node["enum"])
    for word in ("anyOf", "oneOf"):
        if word in node and "type" not in node:
            return st.one_of([values(branch, definitions, depth) for branch in node[word]])
    match node.get("type"):
        case "object":
            return _objects(node, definitions, depth)
        case "array":
            return st.lists(
                values(node.get("items", {}), definitions, depth + 1),
                min_size=node.get("minItems", 0),
                max_size=max(2, node.get("minItems", 0)),
            )
        case "integer":
            return st.integers(node.get("minimum"), node.get("maximum"))
        case "number":
            return st.floats(node.get("minimum"), node.get("maximum"), allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string":
            if "pattern" in node:
                return st.from_regex(node["pattern"])
            free = st.text(min_size=node.get("minLength", 0), max_size=max(8, node.get("minLength", 0)))
            return FORMATS.get(node.get("format", ""), free)
    return ANYTHING


def _objects(node: Node, definitions: Node, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    required = node.get("required", [])
    made = {name: values(part, definitions, depth + 1) for name, part in node.get("properties", {}).items()}
    needed = {name: strategy for name, strategy in made.items() if name in required}
    spare = {} if depth >= DEEPEST else {name: strategy for name, strategy in made.items() if name not in required}
    return st.fixed_dictionaries(needed, optional=spare)
