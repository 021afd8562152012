"""Prompts and suggestions as a client of either era gets them; nobody is asked for a suggestion."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import mcp_types as t
import pytest
from mcp import Client, MCPError

from audience_mcp.app import App
from audience_mcp.sandbox import Sandbox
from e2e.program import ERAS, connected, running, small_shop, told

pytestmark = pytest.mark.anyio
TEMPLATE = "audience://results/{handle}"


@pytest.fixture(scope="module")
def shop() -> Sandbox:
    return small_shop()


@pytest.fixture
async def app(shop: Sandbox) -> AsyncIterator[App]:
    async with running(shop) as app:
        yield app


@pytest.fixture(params=ERAS, ids=["2026-07-28", "2025-11-25"])
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def suggested(client: Client, ref: Any, name: str, typed: str = "") -> list[str]:
    found = await client.complete(ref, {"name": name, "value": typed})
    assert found.completion.total == len(found.completion.values) and not found.completion.has_more
    return found.completion.values


def prompt(name: str) -> t.PromptReference:
    return t.PromptReference(type="ref/prompt", name=name)


async def test_prompts_are_listed_with_what_they_take(app: App, era: str) -> None:
    async with connected(app, era) as client:
        listed = {one.name: one for one in (await client.list_prompts()).prompts}
    assert len(listed) == 6 and all(one.title and one.description for one in listed.values())
    taken = {argument.name: argument for argument in listed["compare_segments"].arguments or []}
    assert taken["first"].required and not taken["workspace"].required
    assert all(argument.description for one in listed.values() for argument in one.arguments or [])


async def test_a_prompt_is_one_message_of_the_user(app: App, era: str) -> None:
    async with connected(app, era) as client:
        got = await client.get_prompt("persona_movements", {"persona_set": "Shopper personas"})
    (message,) = got.messages
    assert message.role == "user" and isinstance(message.content, t.TextContent)
    assert '"Shopper personas"' in message.content.text and "`faraday_get_persona_set_flow`" in message.content.text
    assert got.description


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("no_such_prompt", {}, "no prompt"),
        ("compare_segments", {"first": "a"}, "needs second"),
        ("audit_changes", {"until": "now"}, 'no argument "until"'),
    ],
)
async def test_a_prompt_that_cannot_be_written_is_a_protocol_error(
    app: App, era: str, name: str, given: dict[str, str], said: str
) -> None:
    async with connected(app, era) as client:
        with pytest.raises(MCPError) as caught:
            await client.get_prompt(name, given)
    assert caught.value.code == t.INVALID_PARAMS and said in str(caught.value)


async def test_without_a_provider_there_are_no_prompts(era: str) -> None:
    async with running() as app, connected(app, era) as client:
        assert (await client.list_prompts()).prompts == []


async def test_nothing_is_asked_for_a_suggestion(shop: Sandbox, app: App, era: str) -> None:
    before = len(shop.journal)
    async with connected(app, era) as client:
        assert await suggested(client, prompt("funnel_leak"), "workspace") == ["Meadow & Main"]  # the configured one
        assert await suggested(client, prompt("funnel_leak"), "funnel") == []
        assert await suggested(client, t.ResourceTemplateReference(type="ref/resource", uri=TEMPLATE), "handle") == []
        periods = await suggested(client, prompt("funnel_leak"), "period", "MONTH")
        assert periods == ["last month"]
        assert await suggested(client, prompt("build_cohort"), "people", "who") == []
    assert len(shop.journal) == before


async def test_what_was_seen_is_suggested(app: App, era: str) -> None:
    async with connected(app, era) as client:
        funnels = await client.call_tool("synerise_list_funnels", {})
        names = await suggested(client, prompt("funnel_leak"), "funnel")
        assert "Newsletter to purchase" in names and "Visit to purchase" in names
        starting = await suggested(client, prompt("funnel_leak"), "funnel", "visit")
        assert starting[0] == "Visit to purchase" and all("visit" in name.casefold() for name in starting)
        by_id = [name for name in names if name.count("-") == 4]
        assert by_id and (await suggested(client, prompt("funnel_leak"), "funnel", by_id[0][:8])) == [by_id[0]]
        assert await suggested(client, prompt("persona_movements"), "persona_set") == []  # another tool's names
        await client.call_tool("list_workspaces", {})
        workspaces = await suggested(client, prompt("funnel_leak"), "workspace", "meadow")
        assert set(workspaces) >= {"Meadow & Main", "Meadow & Main Outlet"}
        handle = told(funnels)["provenance"]["handle"]
        resource = t.ResourceTemplateReference(type="ref/resource", uri=TEMPLATE)
        assert handle in await suggested(client, resource, "handle", handle[:6])
        assert await suggested(client, resource, "handle", "r_nothing") == []


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        (prompt("funnel_leak"), "fnnel"),
        (prompt("nothing"), "funnel"),
        (t.ResourceTemplateReference(type="ref/resource", uri="file:///{path}"), "path"),
        (t.ResourceTemplateReference(type="ref/resource", uri=TEMPLATE), "id"),
    ],
)
async def test_a_suggestion_for_what_is_not_there_is_a_protocol_error(app: App, era: str, ref: Any, name: str) -> None:
    async with connected(app, era) as client:
        with pytest.raises(MCPError) as caught:
            await client.complete(ref, {"name": name, "value": ""})
    assert caught.value.code == t.INVALID_PARAMS
