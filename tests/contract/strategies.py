"""JSON Schema -> Hypothesis strategies for values that obey it: the part of the vocabulary our documents use."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st

Node = Mapping[str, Any]
MOST_DEPTH = 4
TEXT = string.ascii_letters + string.digits + " ._-/?&%#ąéß日"


def values(node: Node, definitions: Mapping[str, Node], depth: int = 0) -> st.SearchStrategy[Any]:
    """Values valid under `node`; below a few levels only what is required is made."""
    if "$ref" in node:
        return values(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions, depth)
    if "const" in node:
        return st.just(node["const"])
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if "properties" in node and {"anyOf", "oneOf", "allOf", "if"} & set(node):
        return _conditional(node, definitions)
    for word in ("anyOf", "oneOf"):
        if word in node:
            beside = {key: value for key, value in node.items() if key != word}
            branches = [values({**beside, **_resolved(b, definitions)}, definitions, depth) for b in node[word]]
            return st.one_of(branches)
    match node.get("type"):
        case "object":
            return _objects(node, definitions, depth)
        case "array":
            return st.lists(
                values(node["items"], definitions, depth + 1),
                min_size=node.get("minItems", 0),
                max_size=min(node.get("maxItems", 3), max(3, node.get("minItems", 0))),
            )
        case "integer":
            return st.integers(node.get("minimum", -5), min(node.get("maximum", 1000), 1000))
        case "number":
            return st.floats(node.get("minimum", -1e6), node.get("maximum", 1e6), allow_nan=False)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string":
            return _texts(node)
    return st.one_of(st.booleans(), st.integers(0, 9), st.text(TEXT, min_size=1, max_size=8))


def _objects(node: Node, definitions: Mapping[str, Node], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    properties: Mapping[str, Node] = node.get("properties", {})
    required = set(node.get("required", []))
    made = {name: values(part, definitions, depth + 1) for name, part in properties.items() if name in required}
    if depth >= MOST_DEPTH:
        return st.fixed_dictionaries(made)
    rest = {name: values(part, definitions, depth + 1) for name, part in properties.items() if name not in required}
    return st.fixed_dictionaries(made, optional=rest)


def _conditional(node: Node, definitions: Mapping[str, Node]) -> st.SearchStrategy[Any]:
    """Objects whose fields depend on one another: all fields are made, and those that do not fit are thrown away."""
    validator = jsonschema_rs.Draft202012Validator({**node, "$defs": dict(definitions)})
    made = {name: values(part, definitions, MOST_DEPTH) for name, part in node["properties"].items()}
    return st.fixed_dictionaries(made).filter(validator.is_valid)


def _texts(node: Node) -> st.SearchStrategy[str]:
    match node.get("format"):
        case "uuid":
            return st.uuids().map(str)
        case "date":
            return st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(str)
        case "date-time":
            moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
            return moments.map(lambda moment: moment.isoformat())
        case "email":
            return st.just("someone@meadow.example")
        case "uri":
            return st.just("https://meadow.example/page")
    least, most = node.get("minLength", 1), min(node.get("maxLength", 12), 12)
    return (
        st.text(TEXT, min_size=max(least, 1), max_size=max(most, least))
        .map(str.strip)
        .filter(lambda text: len(text) >= max(least, 1) and text not in (".", ".."))
    )


def _resolved(node: Node, definitions: Mapping[str, Node]) -> Node:
    return definitions[node["$ref"].rsplit("/", 1)[-1]] if "$ref" in node else node
