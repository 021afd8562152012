"""Every kind of failure that a client can meet here: one shape, a remedy, and nothing sent that should not be."""

from __future__ import annotations

from typing import Any

import pytest

from audience_mcp.app import App
from audience_mcp.sandbox import Sandbox

from .program import connected, error_of, running, small_shop, text_of, told

pytestmark = pytest.mark.anyio
NOBODY = "00000000-0000-4000-8000-000000000000"
FUNNEL = {"funnelId": NOBODY}
MOVE = {"analyticId": NOBODY, "newDir": NOBODY, "analyticType": "FUNNEL"}


FAILURES: list[tuple[str, str, dict[str, Any]]] = [
    ("invalid_arguments", "posthog_list_cohorts", {"limt": 5}),
    ("invalid_arguments", "posthog_get_cohort", {}),
    ("invalid_arguments", "posthog_run_query", {"query": {"kind": "HogQLQuery", "query": "select from"}}),
    ("invalid_arguments", "describe_argument", {"tool": "posthog_list_cohorts", "argument": "x"}),
    ("workspace_unknown", "posthog_list_cohorts", {"workspace": "Nowhere"}),
    ("workspace_unknown", "select_workspace", {"workspace": "Meadow & Main"}),
    ("not_found", "posthog_get_cohort", {"id": 1}),
    ("not_found", "synerise_get_funnel", FUNNEL),
    ("not_found", "posthog_delete_cohort", {"id": 1}),
    ("result_expired", "read_result", {"handle": "r_aaaaaaaaaaaaaaaa"}),
    ("confirmation_required", "posthog_delete_cohort", {"id": 2048101}),
    ("contract_unconfirmed", "synerise_move_analysis", MOVE),
]
LIMITED: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("not_offered_by_provider", "posthog_list_cohorts", {}, {"providers": ("giosg",)}),
    ("read_only", "posthog_create_cohort", {"name": "n"}, {"read_only": True}),
    ("response_too_large", "posthog_list_persons", {}, {"max_response_mb": 0.001}),
    ("workspace_pinned", "posthog_list_cohorts", {"workspace": "Meadow & Main Outlet"}, {"pin_workspace": True}),
]


@pytest.mark.parametrize(("kind", "tool", "arguments"), FAILURES)
async def test_a_failure_says_what_where_and_what_next(
    app: App, era: str, kind: str, tool: str, arguments: dict[str, Any]
) -> None:
    async with connected(app, era) as client:
        assert told(await client.call_tool("posthog_list_cohorts", {"limit": 1}))  # the shop opens
        result = await client.call_tool(tool, arguments)
    error = error_of(result)
    assert error["kind"] == kind and error["message"] and error["remedy"] and error["retry_after_s"] is None
    if tool.startswith(("posthog", "synerise")) and kind != "invalid_arguments":
        assert error["provider"] == tool.partition("_")[0]
    if kind in ("not_found", "confirmation_required"):
        assert "Meadow & Main" in error["workspace"] and "sandbox.invalid" in text_of(result)
        assert error["status"] == (404 if kind == "not_found" else None)


@pytest.mark.parametrize(("kind", "tool", "arguments", "settings"), LIMITED)
async def test_what_a_person_limited_at_start_stays_limited(
    shop: Sandbox, era: str, kind: str, tool: str, arguments: dict[str, Any], settings: dict[str, Any]
) -> None:
    async with running(shop, **settings) as app, connected(app, era) as client:
        error = error_of(await client.call_tool(tool, arguments))
    assert (error["kind"], error["provider"]) == (kind, "posthog") and error["message"] and error["remedy"]


async def test_a_write_without_a_workspace_of_its_own_is_not_led_by_a_selection(era: str) -> None:
    shop = small_shop()
    async with running(shop) as app, connected(app, era) as client:
        chosen = {"workspace": "Meadow & Main Outlet", "provider": "posthog"}
        assert "Outlet" in told(await client.call_tool("select_workspace", chosen))["headline"]
        read = told(await client.call_tool("posthog_list_cohorts", {"limit": 1}))
        assert "Outlet" in read["provenance"]["workspace"]
        assert any("changed from" in note for note in read["provenance"]["notes"])
        written = told(await client.call_tool("posthog_create_cohort", {"name": "Mine", "is_static": True}))
        assert "Outlet" not in written["provenance"]["workspace"]
        assert [entry.workspace for entry in shop.journal if entry.method == "POST"] == ["main"]


async def test_a_result_that_expired_names_the_call_to_repeat(shop: Sandbox, era: str) -> None:
    now = [1_800_000_000.0]
    async with running(shop, clock=lambda: now[0]) as app, connected(app, era) as client:
        kept = told(await client.call_tool("posthog_list_cohorts", {"limit": 3}))["provenance"]["handle"]
        now[0] += 48 * 3600
        error = error_of(await client.call_tool("read_result", {"handle": kept}))
        assert error["kind"] == "result_expired"
        assert 'Call posthog_list_cohorts again with the arguments {"limit":3}' in error["remedy"]


async def test_the_path_a_guess_took_is_told_apart_from_a_wrong_id(app: App, era: str) -> None:
    last_week = {"type": "RELATIVE", "offset": {"type": "DAYS", "value": 0}, "duration": {"type": "DAYS", "value": 7}}
    asked = {**FUNNEL, "dateFilter": last_week, "variables": []}
    async with connected(app, era) as client:
        assert error_of(await client.call_tool("synerise_calculate_funnel", asked))["kind"] == "not_found"
