"""The least arguments each operation takes, made from its own schema."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from audience_mcp.openapi.operation import Operation
from audience_mcp.providers import PROVIDERS
from audience_mcp.tools.catalog import Catalog, Offer

UUID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
TEXTS = {
    "uuid": UUID,
    "date-time": "2026-11-01T00:00:00Z",
    "date": "2026-11-01",
    "email": "robin@example.org",
    "uri": "https://meadow.example/",
}


@cache
def catalog() -> Catalog:
    """Every tool there is."""
    return Catalog(Offer(tuple(provider.id for provider in PROVIDERS)))


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation that is a tool."""
    return tuple(o for p in PROVIDERS for o in catalog().operations(p.id) if not o.tool.internal)


def operation(tool: str) -> Operation:
    """The operation behind a tool."""
    return catalog().call_target(tool).operation


@cache
def _least(tool: str) -> dict[str, Any]:
    schema = catalog().call_target(tool).schema
    made = {name: _plain(schema["properties"][name], schema) for name in schema.get("required", [])}
    return catalog().call_target(tool).checker.check(made)


def least(tool: str, **more: Any) -> dict[str, Any]:
    """The least arguments of a tool that pass its own check."""
    return {**_least(tool), **more}


def _plain(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    if "$ref" in node:
        return _plain(schema["$defs"][node["$ref"].rsplit("/", 1)[-1]], schema)
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return node["enum"][0]
    for word in ("anyOf", "oneOf"):
        if word in node:
            return _plain(node[word][0], schema)
    match node.get("type"):
        case "object":
            return {name: _plain(node["properties"][name], schema) for name in node.get("required", [])}
        case "array":
            return [_plain(node["items"], schema) for _ in range(node.get("minItems", 0))]
        case "integer" | "number":
            return node.get("minimum", 1)
        case "boolean":
            return True
    return TEXTS.get(node.get("format", ""), "sample")
