"""A client of either era: what it is listed, what an answer holds, and how the rest is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import httpx
import mcp_types as t
import pytest
from mcp import Client, MCPError

from audience_mcp.app import App
from audience_mcp.builtin.grammar import WHOLE_GRAMMAR_TOKENS
from audience_mcp.results.budget import estimate
from audience_mcp.sandbox import Sandbox

from .program import connected, data, error_of, link_of, linked, running, text_of, told

pytestmark = pytest.mark.anyio
TOOLS_JSON = Path(__file__).parents[2] / "tools.json"
LISTS = ("synerise_list_funnels", "posthog_list_cohorts", "faraday_list_persona_sets", "giosg_list_workflows")


def wire(tool: t.Tool) -> dict[str, Any]:
    return tool.model_dump(mode="json", by_alias=True, exclude_none=True)


async def test_everything_is_listed_exactly_as_tools_json_says_on_one_page(app: App, era: str) -> None:
    async with connected(app, era) as client:
        listing = await client.list_tools()
        assert listing.next_cursor is None
        names = [tool.name for tool in listing.tools]
        assert names == sorted(names) and len(names) == len(set(names))
        assert [wire(tool) for tool in listing.tools] == json.loads(TOOLS_JSON.read_text(encoding="utf-8"))["tools"]
        assert client.instructions and len(client.instructions) < 2000
        assert "SANDBOX" in client.instructions


@pytest.mark.parametrize("tool", LISTS)
async def test_an_answer_says_the_same_as_text_and_as_an_object(app: App, era: str, tool: str) -> None:
    async with connected(app, era) as client:
        result = await client.call_tool(tool, {})
        text, answer = text_of(result), told(result)
    first, *_, last = text.splitlines()
    assert first == answer["headline"] and first.startswith("SANDBOX: ")
    for figure in answer["figures"]:
        assert f"- {figure['label']}: {figure['value']}" in text
    for row in answer["table"]["rows"]:
        assert all(str(cell) in text for cell in row if isinstance(cell, str | int) and not isinstance(cell, bool))
    source = answer["provenance"]
    assert last.startswith("Source: ")
    for fact in ("provider", "workspace", "region", "operation", "fetched", "handle", "shape"):
        assert source[fact] in last
    assert source["operation"] == tool and "Meadow & Main" in source["workspace"] and source["sandbox"] is True
    assert f"{source['rows']} rows; {source['bytes']} bytes" in last


@pytest.mark.parametrize("tool", LISTS)
async def test_the_link_of_an_answer_leads_to_exactly_what_the_provider_sent(
    shop: Sandbox, app: App, era: str, tool: str
) -> None:
    async with connected(app, era) as client:
        result = await client.call_tool(tool, {})
        seen = shop.journal[-1]
        full = await linked(client, result)
        link = link_of(result)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(shop.app), base_url="http://shop") as witness:
        again = await witness.request(
            seen.method, f"/{seen.provider}{seen.path}?{seen.query}", headers=seen.headers, content=seen.body
        )
    assert full == again.text and link.size == len(again.content) == told(result)["provenance"]["bytes"]
    assert link.mime_type == "application/json" and link.name == told(result)["provenance"]["handle"]


async def test_a_name_in_no_catalog_is_a_protocol_error(app: App, era: str) -> None:
    async with connected(app, era) as client:
        for name in ("posthog_drop_everything", "", "get_session\n"):
            with pytest.raises(MCPError) as refused:
                await client.call_tool(name, {})
            assert refused.value.error.code == t.INVALID_PARAMS


@pytest.mark.parametrize(
    ("offer", "tool", "kind"),
    [
        ({"providers": ("posthog",)}, "synerise_list_funnels", "not_offered_by_provider"),
        ({"toolsets": ("posthog.persons", "giosg")}, "posthog_list_cohorts", "not_offered_by_provider"),
        ({"read_only": True}, "posthog_create_cohort", "read_only"),
        ({"read_only": True}, "posthog_duplicate_cohort_as_static", "read_only"),
        ({"read_only": True}, "synerise_log_in_workspace", "read_only"),
    ],
)
async def test_what_is_not_offered_is_neither_listed_nor_called(
    shop: Sandbox, era: str, offer: dict[str, Any], tool: str, kind: str
) -> None:
    async with running(shop, **offer) as app, connected(app, era) as client:
        assert tool not in {listed.name for listed in (await client.list_tools()).tools}
        before = len(shop.journal)
        error = error_of(await client.call_tool(tool, {"id": 1}))
        assert (error["kind"], error["provider"]) == (kind, tool.partition("_")[0])
        assert len(shop.journal) == before


async def test_with_nothing_configured_get_session_alone_is_listed_and_says_how(era: str) -> None:
    async with running() as app, connected(app, era) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["get_session"]
        assert client.instructions and "--sandbox" in client.instructions
        text = text_of(await client.call_tool("get_session", {}))
        for hint in ("--sandbox", "SYNERISE_API_KEY", "POSTHOG_API_KEY", "FARADAY_API_KEY", "GIOSG_API_TOKEN"):
            assert hint in text
        assert error_of(await client.call_tool("posthog_list_cohorts", {}))["kind"] == "not_offered_by_provider"


async def test_calls_in_flight_never_see_each_others_workspace(shop: Sandbox, era: str) -> None:
    places = ["Meadow & Main", "Meadow & Main Outlet"] * 6
    ran_in: dict[int, str] = {}
    async with running(shop) as app, connected(app, era) as client:

        async def ask(number: int, place: str) -> None:
            answer = told(await client.call_tool(LISTS[number // 2 % len(LISTS)], {"workspace": place}))
            ran_in[number] = answer["provenance"]["workspace"].partition(" (")[0]

        async with anyio.create_task_group() as tasks:
            for number, place in enumerate(places):
                tasks.start_soon(ask, number, place)
                if number % 4 == 0:
                    tasks.start_soon(client.call_tool, "select_workspace", {"workspace": "20482"})
    assert [ran_in[number] for number in range(len(places))] == places


async def test_read_result_pages_give_every_item_once(app: App, era: str) -> None:
    async with connected(app, era) as client:
        listed = await client.call_tool("posthog_list_persons", {"limit": 40})
        names = [person["uuid"] for person in json.loads(await linked(client, listed))["results"]]
        page = {"handle": told(listed)["provenance"]["handle"], "path": "$.results", "fields": ["uuid"]}
        read: list[str] = []
        while len(read) < len(names):
            answer = told(await client.call_tool("read_result", {**page, "start": len(read), "limit": 15}))
            read += [row[0]["uuid"] for row in answer["table"]["rows"]]
        assert read == names and len(names) == 40
        beyond = told(await client.call_tool("read_result", {**page, "start": 40}))
        assert "table" not in beyond


async def test_what_read_result_left_out_is_read_by_the_call_it_names(app: App, era: str) -> None:
    async with connected(app, era) as client:
        listed = await client.call_tool("posthog_list_persons", {"limit": 20})
        page = {"handle": told(listed)["provenance"]["handle"], "path": "$.results"}
        first = told(await client.call_tool("read_result", page))
        shown = len(first["table"]["rows"])
        assert shown < 20 and f"start={shown}" in first["left_out"][0]
        following = told(await client.call_tool("read_result", {**page, "start": shown}))
        persons = json.loads(await linked(client, listed))["results"]
        assert following["table"]["rows"][0][0]["uuid"] == persons[shown]["uuid"]


async def test_a_list_of_workspaces_too_long_for_a_summary_is_read_like_any_other(shop: Sandbox, era: str) -> None:
    async with running(shop, result_tokens=300) as app, connected(app, era) as client:
        listed = await client.call_tool("list_workspaces", {})
        assert any("read_result" in way for way in told(listed)["left_out"])
        everything = json.loads(await linked(client, listed))
        assert {row["provider"] for row in everything} == {"synerise", "posthog", "faraday", "giosg"}
        assert link_of(listed).size == len((await linked(client, listed)).encode())


async def test_the_whole_grammar_of_a_deep_argument_is_shown(app: App, era: str) -> None:
    async with connected(app, era) as client:
        asked = {"tool": "posthog_create_cohort", "argument": "filters"}
        result = await client.call_tool("describe_argument", asked)
        shown = {row[0]: row[1] for row in told(result)["table"]["rows"]}
        whole = app.catalog.call_target("posthog_create_cohort").schema
        assert shown["schema"] == whole["properties"]["filters"]
        assert shown["$defs"].items() <= whole["$defs"].items()
        assert "left_out" not in told(result) and estimate(text_of(result)) <= WHOLE_GRAMMAR_TOKENS
        assert {"performed_event", "performed_event_multiple", "stopped_performing_event"} <= set(
            json.dumps(shown).replace('"', " ").split()
        )


@pytest.mark.parametrize("budget", [200, 800])
async def test_both_forms_of_every_answer_stay_within_the_budget(shop: Sandbox, budget: int) -> None:
    async with running(shop, result_tokens=budget) as app, connected(app, "auto") as client:
        for tool, arguments in await _large(client):
            result = await client.call_tool(tool, arguments)
            assert estimate(text_of(result)) <= budget, tool
            assert estimate(json.dumps(told(result))) <= budget, tool
            assert told(result)["headline"] and told(result)["provenance"]["complete"] in (True, False, None)


async def _large(client: Client) -> list[tuple[str, dict[str, Any]]]:
    """Calls with much to tell."""
    workflow = (await data(client, "giosg_list_workflows"))[0]["id"]
    interval = {"start": "2020-01-01T00:00:00Z", "end": "2040-01-01T00:00:00Z"}
    events = {"workflow_id": workflow, "filters": [], "interval": interval, "limit": 500, "basic": True}
    query = {"kind": "HogQLQuery", "query": "select * from events limit 2000"}
    persons = await client.call_tool("posthog_list_persons", {"limit": 150})
    return [
        ("posthog_list_persons", {"limit": 150}),
        ("posthog_run_query", {"query": query}),
        ("giosg_get_workflow_source_data", events),
        ("read_result", {"handle": told(persons)["provenance"]["handle"]}),
        ("list_workspaces", {}),
        ("get_session", {}),
    ]
