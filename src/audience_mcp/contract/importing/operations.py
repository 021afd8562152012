"""What OpenAPI 3 and Swagger 2.0 write alike -> operations by path and method, their parameters, their titles."""

from __future__ import annotations

from collections.abc import Iterator

from audience_mcp.contract.importing.references import References
from audience_mcp.openapi.document import METHODS, Node


def operations(raw: Node, references: References) -> Iterator[tuple[str, str, Node, Node]]:
    """Each operation: its path, its method, the item of the path, and the operation itself."""
    paths = raw.get("paths")
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        item = references.follow(item)
        for method in METHODS:
            if isinstance(item.get(method), dict):
                yield str(path), method, item, item[method]


def parameters_by_place(item: Node, node: Node, references: References) -> dict[tuple[str, str], Node]:
    """The parameters by name and place: those of the path, and over them the operation's own."""
    merged: dict[tuple[str, str], Node] = {}
    for listed in (item.get("parameters"), node.get("parameters")):
        for one in listed if isinstance(listed, list) else ():
            parameter = references.follow(one)
            if isinstance(parameter.get("name"), str) and isinstance(parameter.get("in"), str):
                merged[(parameter["name"], parameter["in"])] = parameter
    return merged


def titles(node: Node) -> tuple[str, ...]:
    """What the document calls an operation, to find it by."""
    return tuple(node[key] for key in ("summary", "operationId") if isinstance(node.get(key), str) and node[key])
