"""Ask a funnel question over stdio and print the answer a model would read.

Run it with the Python that audience-mcp is installed in: `python examples/funnel_report.py`.
"""

from __future__ import annotations

import json
import sys

import anyio
import mcp_types as t
from mcp import Client, StdioServerParameters

SERVER = StdioServerParameters(command=sys.executable, args=["-m", "audience_mcp", "serve", "--sandbox"])
LAST_30_DAYS = {
    "type": "RELATIVE",
    "offset": {"type": "DAYS", "value": 0},
    "duration": {"type": "DAYS", "value": 30},
}


async def main() -> None:
    async with Client(SERVER) as client:
        listed = await client.call_tool("synerise_list_funnels", {"limit": 1})
        assert isinstance(listed, t.CallToolResult) and listed.structured_content
        handle = listed.structured_content["provenance"]["handle"]
        (content,) = (await client.read_resource(f"audience://results/{handle}")).contents
        assert isinstance(content, t.TextResourceContents)
        funnel = json.loads(content.text)["data"][0]
        answer = await client.call_tool(
            "synerise_calculate_funnel", {"funnelId": funnel["id"], "dateFilter": LAST_30_DAYS, "variables": []}
        )
        assert isinstance(answer, t.CallToolResult) and isinstance(answer.content[0], t.TextContent)
        print(answer.content[0].text)


anyio.run(main)
