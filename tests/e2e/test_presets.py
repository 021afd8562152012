"""`--tools`: what is listed, and that all the rest is reached the same way, with the same questions and refusals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import mcp_types as t
import pytest
from mcp import Client, MCPError

from audience_mcp.app import App
from audience_mcp.cli.costs import MOST_TOKENS, cost
from audience_mcp.providers import PROVIDERS
from audience_mcp.sandbox import Sandbox
from audience_mcp.tools.own import OWN_NAMES

from .command import Ran
from .program import connected, error_of, link_of, linked, running, text_of, told

pytestmark = pytest.mark.anyio
FINDING = {"search_tools", "call_tool"}
SEARCH = FINDING | {
    "list_workspaces",
    "select_workspace",
    "get_session",
    "read_result",
    "query_results",
}


@pytest.fixture(scope="module")
async def searching(shop: Sandbox) -> AsyncIterator[App]:
    """The program with `--tools search`; its index is made once for all tests."""
    async with running(shop, tools="search") as app:
        yield app


@asynccontextmanager
async def serving(shop: Sandbox, era: str, preset: str, **settings: Any) -> AsyncIterator[Client]:
    async with running(shop, tools=preset, **settings) as app, connected(app, era) as client:
        yield client


async def listed(client: Client) -> dict[str, t.Tool]:
    return {tool.name: tool for tool in (await client.list_tools()).tools}


def wire(tool: t.Tool) -> dict[str, Any]:
    return tool.model_dump(mode="json", by_alias=True, exclude_none=True)


async def called(client: Client, name: str, arguments: dict[str, Any] | None = None) -> t.CallToolResult:
    """A tool run by its name, as a client does that has only call_tool."""
    return await client.call_tool("call_tool", {"name": name, "arguments": arguments or {}})


async def seen(client: Client, number: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await linked(client, await called(client, "posthog_get_cohort", {"id": number})))
    return found


async def cohort(client: Client) -> int:
    created = await called(client, "posthog_create_cohort", {"name": "To go", "is_static": True})
    number: int = json.loads(await linked(client, created))["id"]
    while (await seen(client, number))["is_calculating"]:
        pass  # done after a few looks
    return number


async def is_deleted(client: Client, number: int) -> bool:
    return bool((await seen(client, number))["deleted"])


async def test_search_lists_exactly_the_way_to_find_tools_and_to_read_results(searching: App, era: str) -> None:
    async with connected(searching, era) as client:
        tools = await listed(client)
        assert set(tools) == SEARCH and list(tools) == sorted(tools)
        assert sum(cost(wire(tool)) for tool in tools.values()) < MOST_TOKENS["search"]
        assert client.instructions and "search_tools" in client.instructions and "call_tool" in client.instructions


async def test_core_lists_a_few_of_each_provider_and_all_our_own(shop: Sandbox, era: str) -> None:
    async with serving(shop, era, "core") as client:
        tools = await listed(client)
    assert set(tools) >= OWN_NAMES | FINDING
    of = {provider.id: [name for name in tools if name.startswith(f"{provider.id}_")] for provider in PROVIDERS}
    assert all(2 <= len(names) <= 12 for names in of.values())
    assert sum(map(len, of.values())) + len(OWN_NAMES | FINDING) == len(tools)
    assert sum(cost(wire(tool)) for tool in tools.values()) < MOST_TOKENS["core"]


async def test_all_lists_what_it_always_did(shop: Sandbox, app: App, era: str) -> None:
    async with connected(app, era) as client:
        assert not FINDING & set(await listed(client))
        assert not (await client.call_tool("search_tools", {"query": "funnels"})).is_error  # known all the same


async def test_the_lists_follow_the_providers_and_read_only(shop: Sandbox, era: str) -> None:
    async with serving(shop, era, "core", providers=("faraday",), read_only=True) as client:
        tools = await listed(client)
        assert {name.partition("_")[0] for name in set(tools) - OWN_NAMES - FINDING} == {"faraday"}
        assert "export_result" not in tools
        hints = tools["call_tool"].annotations
        assert hints and hints.read_only_hint and not hints.destructive_hint
    async with serving(shop, era, "core") as client:
        hints = (await listed(client))["call_tool"].annotations
        assert hints and hints.destructive_hint and hints.open_world_hint and not hints.read_only_hint


async def test_a_tool_is_found_and_run_as_if_it_had_been_called_itself(searching: App, era: str) -> None:
    async with connected(searching, era) as client:
        search = told(await client.call_tool("search_tools", {"query": "list the saved histograms"}))
        name, _, _, schema = search["table"]["rows"][0]
        assert name == "synerise_list_histograms" and "search" in schema["properties"]
        result = await called(client, name, {"limit": 2})
        direct = await client.call_tool(name, {"limit": 2})
        assert told(result)["headline"] == told(direct)["headline"]
        assert told(result)["provenance"]["operation"] == name
        assert link_of(result) and await linked(client, result) == await linked(client, direct)
        handle = told(result)["provenance"]["handle"]
        assert handle in told(await client.call_tool("read_result", {"handle": handle}))["provenance"]["handle"]


async def test_our_own_tools_run_through_it_too(searching: App, era: str) -> None:
    async with connected(searching, era) as client:
        assert "4 of 4 providers" in text_of(await called(client, "get_session"))
        grammar = await called(client, "describe_argument", {"tool": "search_tools", "argument": "query"})
        assert not grammar.is_error
        assert told(await called(client, "search_tools", {"query": "personas"}))["kind"] == "tools"


async def test_wrong_arguments_are_told_as_the_tools_own(searching: App, era: str) -> None:
    async with connected(searching, era) as client:
        error = error_of(await called(client, "posthog_list_cohorts", {"limt": 5}))
        assert error == error_of(await client.call_tool("posthog_list_cohorts", {"limt": 5}))
        assert error["kind"] == "invalid_arguments" and error["message"].startswith("posthog_list_cohorts ")


async def test_a_wrong_name_is_an_argument_inside_and_a_protocol_error_outside(searching: App, era: str) -> None:
    async with connected(searching, era) as client:
        error = error_of(await called(client, "posthog_list_cohort"))
        assert error["kind"] == "invalid_arguments"
        assert "posthog_list_cohorts" in error["message"] and "search_tools" in error["remedy"]
        assert error_of(await called(client, "call_tool"))["kind"] == "invalid_arguments"
        assert error_of(await client.call_tool("call_tool", {}))["kind"] == "invalid_arguments"
        for name in ("posthog_list_cohort", "search_tool", "callTool"):
            with pytest.raises(MCPError) as caught:
                await client.call_tool(name, {})
            assert caught.value.code == t.INVALID_PARAMS


async def test_a_client_that_can_ask_is_asked_before_a_delete(searching: App, era: str) -> None:
    asked: list[str] = []

    def answer(message: str) -> t.ElicitResult:
        asked.append(message)
        return t.ElicitResult(action="accept", content={"ok": len(asked) > 1})

    async with connected(searching, era, answer) as client:
        number = await cohort(client)
        refused = error_of(await called(client, "posthog_delete_cohort", {"id": number}))
        assert refused["kind"] == "declined" and not await is_deleted(client, number)
        done = await called(client, "posthog_delete_cohort", {"id": number})
        assert not done.is_error and await is_deleted(client, number)
    assert len(asked) == 2 and all('"To go"' in message for message in asked)


async def test_else_the_code_is_sealed_over_the_inner_tool_and_its_arguments(searching: App, era: str) -> None:
    async with connected(searching, era) as client:
        number, other = await cohort(client), await cohort(client)
        error = error_of(await called(client, "posthog_delete_cohort", {"id": number}))
        assert error["kind"] == "confirmation_required"
        code = error["remedy"].split("confirm='")[1].split("'")[0]
        wrong = error_of(await called(client, "posthog_delete_cohort", {"id": other, "confirm": code}))
        assert wrong["kind"] == "confirmation_required" and not await is_deleted(client, other)
        update = {"id": number, "deleted": True, "confirm": code}
        assert error_of(await called(client, "posthog_update_cohort", update))["kind"] == "confirmation_required"
        done = await client.call_tool("posthog_delete_cohort", {"id": number, "confirm": code})  # the same act, direct
        assert not done.is_error and await is_deleted(client, number)


async def test_read_only_and_toolsets_hold_inside(shop: Sandbox, era: str) -> None:
    writes = sum(entry.method != "GET" for entry in shop.journal)
    async with serving(shop, era, "search", read_only=True) as client:
        for name, arguments in (
            ("posthog_delete_cohort", {"id": 1}),
            ("posthog_create_cohort", {"name": "n", "is_static": True}),
            ("export_result", {"handle": "r_x", "format": "csv"}),
        ):
            assert error_of(await called(client, name, arguments))["kind"] == "read_only"
        search = told(await client.call_tool("search_tools", {"query": "delete a cohort"}))
        names = [row[0] for row in search["table"]["rows"]]
        assert names and "posthog_delete_cohort" not in names
    async with serving(shop, era, "core", toolsets=("posthog.query",)) as client:
        assert error_of(await called(client, "posthog_list_cohorts"))["kind"] == "not_offered_by_provider"
    assert sum(entry.method != "GET" for entry in shop.journal) == writes


def test_the_preset_is_a_setting_and_a_flag(typed: Callable[..., Ran]) -> None:
    words = ("search_tools", '{"query": "who changed the cohort"}', "call_tool", '{"name": "get_session"}')
    found = typed("call", *words, "--sandbox", "--tools", "core")
    assert found.code == 0 and "posthog_list_cohort_activity" in found.out and "4 of 4 providers" in found.out
    wrong = typed("call", "get_session", AUDIENCE_MCP_TOOLS="few")
    assert wrong.code == 2 and "AUDIENCE_MCP_TOOLS must be one of all, core, search" in wrong.err
