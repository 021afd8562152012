"""Compare the cohorts of two PostHog projects, each call naming its own workspace.

Run it with the Python that audience-mcp is installed in: `python examples/cohort_sizes.py`.
"""

from __future__ import annotations

import sys

import anyio
import mcp_types as t
from mcp import Client, StdioServerParameters

SERVER = StdioServerParameters(command=sys.executable, args=["-m", "audience_mcp", "serve", "--sandbox", "--read-only"])


async def main() -> None:
    async with Client(SERVER) as client:
        for workspace in ("Meadow & Main", "Meadow & Main Outlet"):
            answer = await client.call_tool("posthog_list_cohorts", {"workspace": workspace, "all_pages": True})
            assert isinstance(answer, t.CallToolResult) and isinstance(answer.content[0], t.TextContent)
            print(answer.content[0].text, end="\n\n")


anyio.run(main)
