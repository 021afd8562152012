"""An example value -> the schema it shows: types and field names, never the values."""

from __future__ import annotations

from typing import Any

from audience_mcp.openapi.document import Node

MOST_LEVELS = 12


def schema_of(value: Any, level: int = 0) -> Node:
    """The schema of an example; empty lists, null and what lies too deep stay open."""
    if level > MOST_LEVELS or value is None:
        return {}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, (int, float)):
        return {"type": "number"}  # 1 may stand for 1.5
    if isinstance(value, str):
        return {"type": "string"}
    if isinstance(value, list):
        return {"type": "array", "items": schema_of(value[0], level + 1) if value else {}}
    if isinstance(value, dict):
        return {"type": "object", "properties": {str(name): schema_of(part, level + 1) for name, part in value.items()}}
    return {}
