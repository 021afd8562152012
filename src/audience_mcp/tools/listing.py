"""Operation -> the tool exactly as `tools/list` shows it."""

from __future__ import annotations

from typing import Any

from audience_mcp.openapi.document import Document, Entry, Node
from audience_mcp.openapi.operation import Operation
from audience_mcp.tools.catalog import META_KEY
from audience_mcp.tools.schema import listed


def wire_tool(document: Document, entry: Entry, operation: Operation) -> Node:
    """The tool of one operation: name, title, description, input schema, hints and provenance."""
    return {
        "name": operation.name,
        "title": operation.title,
        "description": operation.description,
        "inputSchema": listed(document, entry, operation),
        "annotations": hints_of(operation),
        "_meta": {META_KEY: provenance(operation)},
    }


def hints_of(operation: Operation) -> dict[str, Any]:
    """The four MCP hints, all explicit (DESIGN section 7)."""
    access, hints = operation.access, operation.tool.hints
    if access == "read":
        destructive, idempotent = False, True
    elif access == "session":
        destructive, idempotent = False, False
    else:
        if hints is None:
            raise ValueError(f"{operation.name}: a write needs x-tool.hints")
        destructive, idempotent = hints.destructive, hints.idempotent
    return {
        "title": operation.title,
        "readOnlyHint": access == "read",
        "destructiveHint": destructive,
        "idempotentHint": idempotent,
        "openWorldHint": True,
    }


def provenance(operation: Operation) -> dict[str, Any]:
    """What the tool is made from, and how sure we are of its path."""
    meta: dict[str, Any] = {
        "provider": operation.provider,
        "toolset": operation.toolset,
        "method": operation.method,
        "path": operation.path,
        "access": operation.access,
        "contract": operation.tool.contract,
    }
    if operation.deprecated:
        meta["deprecated"] = True
    return meta
