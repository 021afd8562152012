"""An operation + its arguments -> the fields of the object that it writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audience_mcp.openapi.operation import Operation

Json = Any


def written(operation: Operation, arguments: Mapping[str, Json]) -> dict[str, Json]:
    """What goes into the body of the request, by field; empty where nothing does (a plain delete)."""
    names = [argument.name for argument in operation.arguments if argument.place == "body"]
    fields = {name: arguments[name] for name in names if name in arguments}
    return fields | dict((operation.tool.sends and operation.tool.sends.body) or {})
