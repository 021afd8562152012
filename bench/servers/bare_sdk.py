"""The SDK's low-level server with no pipeline at all: our tool list, and each call is one GET whose text goes back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import anyio
import httpx
import mcp_types as t
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

LISTING = Path(__file__).parents[2] / "tools.json"


async def main() -> None:
    """Serve over stdio until stdin closes."""
    tools = json.loads(LISTING.read_text(encoding="utf-8"))["tools"]
    listing = t.ListToolsResult.model_validate({"tools": tools})

    async with httpx.AsyncClient(base_url=os.environ["BENCH_UPSTREAM"]) as http:

        async def list_tools(
            context: ServerRequestContext[Any], params: t.PaginatedRequestParams | None
        ) -> t.ListToolsResult:
            return listing

        async def call_tool(context: ServerRequestContext[Any], params: t.CallToolRequestParams) -> t.CallToolResult:
            reply = await http.get("/analytics/profiles/aggregates", params=params.arguments)
            return t.CallToolResult(content=[t.TextContent(type="text", text=reply.text)])

        server: Server[Any] = Server("bare", on_list_tools=list_tools, on_call_tool=call_tool)
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())


if __name__ == "__main__":
    anyio.run(main)
