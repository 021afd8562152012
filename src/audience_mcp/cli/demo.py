"""`audience-mcp demo`: the server over stdio, a real MCP client, and a day's questions on all four providers."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

import anyio
import mcp_types as t
from mcp import Client, StdioServerParameters

from audience_mcp.cli.running import settings_of
from audience_mcp.cli.verbs import DONE, FAILED

RULE = "─" * 78


class DemoFailed(Exception):
    """A step did not come out as it should."""


class Walk:
    """Asks the questions one after the other and prints what a model would read."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.steps = 0

    async def ask(
        self, question: str, tool: str, arguments: Mapping[str, Any] | None = None, *, error: str | None = None
    ) -> dict[str, Any]:
        """Call `tool`; `error` is the kind of failure that is expected. Returns the structured answer."""
        self.steps += 1
        shown = ", ".join(f"{name}={value!r}" for name, value in (arguments or {}).items())
        print(f"\n{RULE}\n{self.steps}. {question}\n   → {tool}({shown})\n")
        result = await self._client.call_tool(tool, dict(arguments or {}))
        if not isinstance(result, t.CallToolResult):
            raise DemoFailed(f"{tool} answered with {type(result).__name__}")
        text = "\n".join(block.text for block in result.content if isinstance(block, t.TextContent))
        print(text)
        structured = result.structured_content
        if not isinstance(structured, dict):
            raise DemoFailed(f"{tool} answered without structured content")
        kind = structured["error"]["kind"] if result.is_error else None
        if kind != error:
            raise DemoFailed(f"{tool} should have ended with {error or 'an answer'}, not {kind or 'an answer'}")
        return structured

    async def data(self, answer: Mapping[str, Any]) -> Any:
        """The full data behind an answer, read by its handle as a client's program would."""
        uri = f"audience://results/{answer['provenance']['handle']}"
        contents = (await self._client.read_resource(uri)).contents
        return json.loads("".join(part.text for part in contents if isinstance(part, t.TextResourceContents)))

    async def first(self, answer: Mapping[str, Any], field: str | None = None) -> dict[str, Any]:
        """The first item of the list behind an answer (or of its `field`)."""
        value = await self.data(answer)
        items = value[field] if field else value
        if not items:
            raise DemoFailed(f"there is nothing in {answer['headline']!r}")
        item: dict[str, Any] = items[0]
        return item


async def day(walk: Walk) -> None:
    """The questions of one day."""
    await walk.ask("What can I ask, and as whom?", "get_session")
    await walk.ask("Which workspaces are there?", "list_workspaces")

    print(f"\n{RULE}\nSYNERISE: where does the checkout lose people?")
    funnels = await walk.ask("Which funnels are saved?", "synerise_list_funnels", {"limit": 5})
    funnel = {"funnelId": (await walk.first(funnels, "data"))["id"]}
    await walk.ask("How is that funnel defined?", "synerise_get_funnel", funnel)
    last_30 = {"type": "RELATIVE", "offset": {"type": "DAYS", "value": 0}, "duration": {"type": "DAYS", "value": 30}}
    await walk.ask(
        "How did it convert in the last 30 days?",
        "synerise_calculate_funnel",
        {**funnel, "dateFilter": last_30, "variables": []},
    )
    metrics = await walk.ask("Which metrics?", "synerise_list_metrics", {"limit": 3})
    metric = {"metricId": (await walk.first(metrics, "data"))["id"]}
    await walk.ask("What is its value now?", "synerise_calculate_metric", metric)

    print(f"\n{RULE}\nPOSTHOG: a cohort of loyal buyers, from a dry run to its removal")
    await walk.ask("Which cohorts exist?", "posthog_list_cohorts", {"all_pages": True})
    loyal = {
        "name": "Loyal buyers",
        "filters": {
            "properties": {
                "type": "OR",
                "values": [
                    {
                        "type": "AND",
                        "values": [
                            {
                                "type": "behavioral",
                                "value": "performed_event_multiple",
                                "key": "transaction.charge",
                                "event_type": "events",
                                "operator": "gte",
                                "operator_value": 2,
                                "time_value": 90,
                                "time_interval": "day",
                            }
                        ],
                    }
                ],
            }
        },
    }
    await walk.ask("What would creating it send?", "posthog_create_cohort", {**loyal, "dry_run": True})
    created = await walk.ask("Create it.", "posthog_create_cohort", loyal)
    cohort = {"id": (await walk.data(created))["id"]}
    await walk.ask("Is it calculated?", "posthog_get_cohort", cohort)
    await walk.ask("Who is in it?", "posthog_list_cohort_persons", {**cohort, "limit": 5})
    await walk.ask(
        "Which events happen most?",
        "posthog_run_query",
        {
            "query": {
                "kind": "HogQLQuery",
                "query": "select event, count() as times from events group by event order by times desc",
            }
        },
    )
    refused = await walk.ask("Delete it.", "posthog_delete_cohort", cohort, error="confirmation_required")
    code = refused["error"]["remedy"].split("confirm='")[1].split("'")[0]
    await walk.ask("The user agreed.", "posthog_delete_cohort", {**cohort, "confirm": code})

    print(f"\n{RULE}\nFARADAY: which personas grow?")
    sets = await walk.ask("Which persona sets?", "faraday_list_persona_sets")
    persona_set = {"persona_set_id": (await walk.first(sets))["id"]}
    await walk.ask("How did its personas move?", "faraday_get_persona_set_flow", persona_set)

    print(f"\n{RULE}\nGIOSG: what did the workflow's visitors do?")
    workflows = await walk.ask("Which workflows?", "giosg_list_workflows")
    rows = await walk.ask(
        "Its goal events.",
        "giosg_get_workflow_source_data",
        {
            "workflow_id": (await walk.first(workflows))["id"],
            "filters": [],
            "interval": {"start": "2020-01-01T00:00:00Z", "end": "2040-01-01T00:00:00Z"},
            "limit": 200,
            "basic": True,
        },
    )
    handle = rows["provenance"]["handle"]
    await walk.ask("Read three rows in full.", "read_result", {"handle": handle, "path": "$.data", "limit": 3})

    print(f"\n{RULE}\nWhat a careless caller gets")
    await walk.ask("A wrong argument.", "posthog_list_cohorts", {"limt": 5}, error="invalid_arguments")
    await walk.ask(
        "A workspace that is not there.", "posthog_list_cohorts", {"workspace": "Nowhere"}, error="workspace_unknown"
    )
    outlet = {"workspace": "Meadow & Main Outlet", "provider": "posthog"}
    await walk.ask("Another workspace for reads.", "select_workspace", outlet)
    await walk.ask("The same question there.", "posthog_list_cohorts", {"limit": 3})


def run(options: argparse.Namespace) -> int:
    """Walk through the day; 1 when a step did not come out as it should."""
    settings_of(options)  # refuses a setting that nothing knows
    server = StdioServerParameters(command=sys.executable, args=["-m", "audience_mcp", "serve", "--sandbox"])

    async def walk_through() -> int:
        async with Client(server) as client:
            tools = (await client.list_tools()).tools
            print(f"connected over stdio, protocol {client.protocol_version}: {len(tools)} tools")
            walk = Walk(client)
            await day(walk)
            print(f"\n{RULE}\n{walk.steps} calls, each as expected.")
        return DONE

    failures: list[str] = []
    try:
        code = anyio.run(walk_through)
    except* DemoFailed as group:
        failures += map(str, group.exceptions)
    for failure in failures:
        print(f"\naudience-mcp demo: {failure}", file=sys.stderr)
    return FAILED if failures else code
