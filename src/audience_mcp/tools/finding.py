"""The two tools that lead to all others: search_tools finds one, call_tool runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audience_mcp.tools.own import own_tool

SEARCH_TOOLS = "search_tools"
CALL_TOOL = "call_tool"
FINDING_NAMES = frozenset({SEARCH_TOOLS, CALL_TOOL})
USUAL_FOUND, MOST_FOUND, LONGEST_QUERY = 3, 10, 500


def finding_tools(providers: Sequence[str], *, read_only: bool) -> list[dict[str, Any]]:
    """The listing of both; `providers` are the ids a provider argument may take.

    What call_tool does depends on the tool it runs, so its hints are the worst case of this run.
    """
    return [
        own_tool(
            CALL_TOOL,
            "Call a tool by name",
            "Run any tool of this server by name, listed or not, with the same checks and confirmations as a direct"
            " call. search_tools gives names and argument schemas.",
            {
                "name": {"type": "string", "minLength": 1},
                "arguments": {"type": "object", "description": "the tool's own arguments, by its inputSchema"},
            },
            required=["name"],
            reads=read_only,
            destroys=not read_only,
        ),
        own_tool(
            SEARCH_TOOLS,
            "Search for a tool",
            "Find tools by what you want to do, in plain words, e.g. who is in this segment. Comes back with the best"
            " ones, each with its inputSchema, and the names of the next; run one with call_tool.",
            {
                "query": {"type": "string", "minLength": 1, "maxLength": LONGEST_QUERY},
                "provider": {"type": "string", "enum": list(providers)},
                "limit": {"type": "integer", "minimum": 1, "maximum": MOST_FOUND, "default": USUAL_FOUND},
            },
            required=["query"],
            opens=False,
        ),
    ]
