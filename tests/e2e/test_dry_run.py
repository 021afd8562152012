"""`dry_run`: the request as it would be sent, with nothing sent that writes and no secret shown."""

from __future__ import annotations

import json
from typing import Any

import mcp_types as t
import pytest

from audience_mcp.app import App
from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.journal import Entry

from .program import connected, error_of, running, secrets_of, text_of, told

pytestmark = pytest.mark.anyio
SOMETHING = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
FILTERS = {"properties": {"type": "OR", "values": [{"type": "AND", "values": [
    {"type": "person", "key": "tier", "value": ["gold"], "operator": "exact"}
]}]}}  # fmt: skip
PLANS: list[tuple[str, dict[str, Any]]] = [
    ("posthog_create_cohort", {"name": "Gold", "filters": FILTERS}),
    ("posthog_update_cohort", {"id": 7, "name": "Silver & “gold”"}),
    ("posthog_delete_cohort", {"id": 7}),
    ("posthog_duplicate_cohort_as_static", {"id": 7}),
    ("posthog_add_persons_to_static_cohort", {"id": 7, "person_ids": [SOMETHING]}),
    ("synerise_delete_funnel", {"funnelId": SOMETHING}),
    ("synerise_create_directory", {"name": "Spring", "analyticType": "FUNNEL"}),
    ("synerise_log_in_profile", {"identityProvider": "SYNERISE", "email": "a@example.com", "uuid": SOMETHING}),
    ("synerise_delete_analyses", {}),
]


def figures(result: t.CallToolResult) -> dict[str, Any]:
    return {figure["label"]: figure["value"] for figure in told(result)["figures"]}


def is_read(entry: Entry) -> bool:
    return entry.method == "GET" and "duplicate" not in entry.path


async def ready(client: Any) -> None:
    """The workspaces are looked up once; from here on a request would be the call's own."""
    for tool in ("posthog_list_cohorts", "synerise_list_funnels"):
        assert told(await client.call_tool(tool, {"limit": 1}))


@pytest.mark.parametrize(("tool", "arguments"), PLANS, ids=[tool for tool, _ in PLANS])
async def test_no_write_is_sent_and_the_request_is_shown_without_secrets(
    shop: Sandbox, app: App, era: str, tool: str, arguments: dict[str, Any]
) -> None:
    if tool == "synerise_delete_analyses":
        schema = app.catalog.wire(tool)["inputSchema"]
        arguments = {name: [SOMETHING] for name in schema["required"]}
    async with connected(app, era) as client:
        await ready(client)
        before = len(shop.journal)
        result = await client.call_tool(tool, {**arguments, "dry_run": True})
        assert all(is_read(entry) for entry in shop.journal[before:])
    shown = figures(result)
    assert told(result)["kind"] == "plan" and "nothing was sent" in told(result)["headline"]
    assert shown["method"] in ("GET", "POST", "PUT", "PATCH", "DELETE") and shown["url"].startswith("https://")
    for secret in secrets_of(shop):
        assert secret not in text_of(result) and secret not in json.dumps(result.structured_content)
    assert not any(isinstance(block, t.ResourceLink) for block in result.content)


@pytest.mark.parametrize(("tool", "arguments"), PLANS[:1])
async def test_the_request_shown_is_the_one_that_is_sent(
    shop: Sandbox, app: App, era: str, tool: str, arguments: dict[str, Any]
) -> None:
    async with connected(app, era) as client:
        await ready(client)
        shown = figures(await client.call_tool(tool, {**arguments, "dry_run": True}))
        assert told(await client.call_tool(tool, arguments))
    sent = next(entry for entry in reversed(shop.journal) if entry.method == "POST")
    assert shown["method"] == sent.method
    assert shown["url"] == f"https://sandbox.invalid/posthog{sent.path}"
    assert json.loads(shown["body"]) == json.loads(sent.body)


async def test_a_delete_that_goes_out_as_something_else_says_so(app: App, era: str) -> None:
    async with connected(app, era) as client:
        result = await client.call_tool("posthog_delete_cohort", {"id": 7, "dry_run": True})
    assert figures(result)["method"] == "PATCH" and json.loads(figures(result)["body"]) == {"deleted": True}
    assert any("PATCH" in note for note in told(result)["provenance"]["notes"])


async def test_a_secret_that_would_be_sent_is_shown_as_stars(app: App, era: str) -> None:
    tool, arguments = next(plan for plan in PLANS if plan[0] == "synerise_log_in_profile")
    async with connected(app, era) as client:
        shown = figures(await client.call_tool(tool, {**arguments, "dry_run": True}))
    body = json.loads(shown["body"])
    assert body["password"] == body["apiKey"] == "***" and body["email"] == "a@example.com"


async def test_a_read_only_server_plans_no_writes_either(shop: Sandbox, era: str) -> None:
    async with running(shop, read_only=True) as app, connected(app, era) as client:
        for tool, arguments in PLANS:
            assert error_of(await client.call_tool(tool, {**arguments, "dry_run": True}))["kind"] == "read_only"


async def test_a_read_has_nothing_to_plan(app: App, era: str) -> None:
    async with connected(app, era) as client:
        assert (
            error_of(await client.call_tool("posthog_list_cohorts", {"dry_run": True}))["kind"] == "invalid_arguments"
        )
