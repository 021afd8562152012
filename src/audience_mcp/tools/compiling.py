"""Documents -> the compiled files: `tools.json` (what is listed), one catalog file per provider (what is called), and
the names of the core."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from audience_mcp import __version__
from audience_mcp.openapi.document import Document, load
from audience_mcp.openapi.reader import read
from audience_mcp.providers.base import Provider
from audience_mcp.tools.listing import wire_tool
from audience_mcp.tools.own import own_tools
from audience_mcp.tools.presets import CORE_FILE
from audience_mcp.tools.schema import whole

PROTOCOL = "2026-07-28"
LISTING = "tools.json"
COMPILED = Path(__file__).parents[1] / "compiled"


def compile_all(providers: Iterable[type[Provider]], root: Path) -> dict[Path, str]:
    """The text of every compiled file by its path: `root`/tools.json and the packaged catalog.

    Raises:
        ValueError: A document breaks the vocabulary.
    """
    known = tuple(providers)
    tools = own_tools(tuple(provider.id for provider in known))
    files: dict[Path, str] = {}
    core: list[str] = []
    for provider in known:
        compiled, listed, marked = compile_document(load(provider.document_path), provider.id)
        tools += listed
        core += marked
        files[COMPILED / f"{provider.id}.json"] = _lines(compiled)
    files[COMPILED / CORE_FILE] = json.dumps(sorted(core), indent=1) + "\n"
    listing = {
        "name": "audience-mcp",
        "version": __version__,
        "protocol": PROTOCOL,
        "tools": sorted(tools, key=lambda tool: str(tool["name"])),
    }
    files[root / LISTING] = json.dumps(listing, ensure_ascii=False, indent=1) + "\n"
    return files


def compile_document(document: Document, provider: str) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """What is called, what is listed, and the names of the provider's core.

    Raises:
        ValueError: The document breaks the vocabulary.
    """
    operations: dict[str, Any] = {}
    listed: list[dict[str, Any]] = []
    core: list[str] = []
    servers = [*document.raw.get("servers", [])]
    for entry, operation in zip(document.entries(), read(document, provider), strict=True):
        if operation.id in operations:
            raise ValueError(f"{provider}: two operations are named {operation.id}")
        operations[operation.id] = {
            "operation": operation.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "schema": whole(document, entry, operation),
        }
        servers += [server for server in entry.servers if server not in servers]
        if not operation.tool.internal:
            listed.append(wire_tool(document, entry, operation))
        if operation.tool.core:
            core.append(operation.name)
    compiled = {
        "servers": [
            {"url": server["url"], "base": server.get("x-base", "api"), "region": server.get("x-region")}
            for server in servers
        ],
        "operations": operations,
    }
    return compiled, listed, core


def _lines(compiled: dict[str, Any]) -> str:
    """JSON with one operation a line, so that a change shows as that operation's line."""
    compact = {"ensure_ascii": False, "separators": (",", ":")}
    rows = ",\n".join(
        f"{json.dumps(name)}:{json.dumps(entry, **compact)}"  # type: ignore[arg-type]
        for name, entry in compiled["operations"].items()
    )
    servers = json.dumps(compiled["servers"], **compact)  # type: ignore[arg-type]
    return f'{{"servers":{servers},\n"operations":{{\n{rows}\n}}}}\n'
