"""Destructive calls: asked through the client, or in two steps with a code that is good for one act."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import mcp_types as t
import pytest
from mcp import Client

from audience_mcp.app import App
from audience_mcp.sandbox import Sandbox

from .program import connected, data, error_of, linked, running, text_of, told

pytestmark = pytest.mark.anyio
CODE = "confirm='"
OUTLET = "Meadow & Main Outlet"
START = 1_800_000_000.0


async def cohort(client: Client, name: str = "To go") -> int:
    """A new cohort of the test's own."""
    created = await client.call_tool("posthog_create_cohort", {"name": name, "is_static": True})
    number: int = json.loads(await linked(client, created))["id"]
    while (await data(client, "posthog_get_cohort", {"id": number}))["is_calculating"]:
        pass  # the provider is still changing it; it is done after a few looks
    return number


async def is_deleted(client: Client, number: int) -> bool:
    return bool((await data(client, "posthog_get_cohort", {"id": number}))["deleted"])


async def code_of(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    """The code that the first step gives."""
    error = error_of(await client.call_tool(tool, arguments))
    assert error["kind"] == "confirmation_required"
    return str(error["remedy"].split(CODE)[1].split("'")[0])


def writes(shop: Sandbox) -> int:
    return sum(entry.method in ("PATCH", "PUT", "DELETE") for entry in shop.journal)


def saying(action: str, **content: Any) -> Callable[[str], t.ElicitResult]:
    return lambda message: t.ElicitResult(action=action, content=content or None)  # type: ignore[arg-type]


async def test_a_client_that_can_ask_asks_its_user_and_the_act_is_done(shop: Sandbox, app: App, era: str) -> None:
    asked: list[str] = []

    def yes(message: str) -> t.ElicitResult:
        asked.append(message)
        return t.ElicitResult(action="accept", content={"ok": True})

    async with connected(app, era, yes) as client:
        number = await cohort(client, "Nobody's favourite")
        before = writes(shop)
        assert told(await client.call_tool("posthog_delete_cohort", {"id": number}))
        assert len(asked) == 1 and "Nobody's favourite" in asked[0] and str(number) in asked[0]
        assert "Meadow & Main" in asked[0] and "PostHog" in asked[0]
        assert writes(shop) == before + 1 and json.loads(shop.journal[-1].body) == {"deleted": True}
        assert await is_deleted(client, number)


@pytest.mark.parametrize(
    "answer",
    [saying("decline"), saying("cancel"), saying("accept"), saying("accept", ok=False)],
    ids=["declines", "cancels", "says nothing", "unticks"],
)
async def test_a_user_who_does_not_agree_is_obeyed(
    shop: Sandbox, app: App, era: str, answer: Callable[[str], t.ElicitResult]
) -> None:
    async with connected(app, era, answer) as client:
        number = await cohort(client)
        before = writes(shop)
        error = error_of(await client.call_tool("posthog_delete_cohort", {"id": number}))
        assert error["kind"] == "declined" and writes(shop) == before and not await is_deleted(client, number)


async def test_a_client_that_answers_the_question_with_an_error_gets_the_two_steps(shop: Sandbox, app: App) -> None:
    def broken(message: str) -> t.ElicitResult:
        raise RuntimeError("no window to show the form in")

    async with running(shop) as app, connected(app, "legacy", broken) as client:
        number = await cohort(client)
        assert await code_of(client, "posthog_delete_cohort", {"id": number})


async def test_a_client_that_cannot_ask_gets_two_steps(shop: Sandbox, app: App, era: str) -> None:
    async with connected(app, era) as client:
        number = await cohort(client, "Nobody's favourite")
        before = writes(shop)
        first = await client.call_tool("posthog_delete_cohort", {"id": number})
        assert "Nobody's favourite" in error_of(first)["message"] and writes(shop) == before
        confirm = error_of(first)["remedy"].split(CODE)[1].split("'")[0]
        assert told(await client.call_tool("posthog_delete_cohort", {"id": number, "confirm": confirm}))
        assert writes(shop) == before + 1
        second = await client.call_tool("posthog_delete_cohort", {"id": number, "confirm": confirm})
        assert error_of(second)["kind"] == "confirmation_required" and writes(shop) == before + 1


DELETE: tuple[str, dict[str, Any]] = ("posthog_delete_cohort", {})
UPDATE: tuple[str, dict[str, Any]] = ("posthog_update_cohort", {"deleted": True})


@pytest.mark.parametrize(("act", "other_act"), [(DELETE, UPDATE), (UPDATE, DELETE)], ids=["delete", "update"])
async def test_a_code_is_worthless_for_anything_but_its_act(
    shop: Sandbox, app: App, era: str, act: tuple[str, dict[str, Any]], other_act: tuple[str, dict[str, Any]]
) -> None:
    tool, extra = act
    async with running(shop) as other, connected(app, era) as client:
        one, two = await cohort(client), await cohort(client)
        confirm = await code_of(client, tool, {"id": one, **extra})
        unlike = [
            (tool, {"id": two, **extra}),
            (tool, {"id": one, **extra, "workspace": OUTLET}),
            (other_act[0], {"id": one, **other_act[1]}),
            (UPDATE[0], {"id": one, "deleted": True, "name": "another argument"}),
        ]
        before = writes(shop)
        for name, arguments in unlike:
            error = error_of(await client.call_tool(name, {**arguments, "confirm": confirm}))
            assert error["kind"] in ("confirmation_required", "not_found")
        for wrong in (confirm[:-1], confirm.upper(), f"f{confirm}", "", "0", "yes", "-", "true"):
            error = error_of(await client.call_tool(tool, {"id": one, **extra, "confirm": wrong}))
            assert error["kind"] == "confirmation_required"
        async with connected(other, era) as stranger:  # another process seals with another key
            error = error_of(await stranger.call_tool(tool, {"id": one, **extra, "confirm": confirm}))
            assert error["kind"] == "confirmation_required"
        assert writes(shop) == before


async def test_a_code_is_worthless_once_the_object_changed(shop: Sandbox, app: App, era: str) -> None:
    async with connected(app, era) as client:
        number = await cohort(client)
        confirm = await code_of(client, "posthog_delete_cohort", {"id": number})
        assert told(await client.call_tool("posthog_update_cohort", {"id": number, "name": "Needed after all"}))
        before = writes(shop)
        error = error_of(await client.call_tool("posthog_delete_cohort", {"id": number, "confirm": confirm}))
        assert error["kind"] == "confirmation_required" and "Needed after all" in error["message"]
        assert writes(shop) == before


@pytest.mark.parametrize(("later", "good"), [(599, True), (601, False), (-1, False)])
async def test_a_code_is_good_for_ten_minutes(shop: Sandbox, era: str, later: float, good: bool) -> None:
    now = [START]
    async with running(shop, clock=lambda: now[0]) as app, connected(app, era) as client:
        number = await cohort(client)
        confirm = await code_of(client, "posthog_delete_cohort", {"id": number})
        now[0] += later
        assert (await client.call_tool("posthog_delete_cohort", {"id": number, "confirm": confirm})).is_error != good


async def test_an_update_that_deletes_is_confirmed_and_another_is_not(app: App, era: str) -> None:
    async with connected(app, era) as client:
        number = await cohort(client)
        assert told(
            await client.call_tool("posthog_update_cohort", {"id": number, "name": "Renamed", "deleted": False})
        )
        confirm = await code_of(client, "posthog_update_cohort", {"id": number, "deleted": True})
        assert told(
            await client.call_tool("posthog_update_cohort", {"id": number, "deleted": True, "confirm": confirm})
        )
        assert await is_deleted(client, number)


async def test_never_asks_nothing(shop: Sandbox, era: str) -> None:
    async with running(shop, confirm="never") as app, connected(app, era) as client:
        assert told(await client.call_tool("posthog_delete_cohort", {"id": await cohort(client)}))


async def test_always_asks_for_every_write_and_refuses_where_it_cannot(shop: Sandbox, era: str) -> None:
    new = {"name": "Asked for", "is_static": True}
    asked: list[str] = []

    def yes(message: str) -> t.ElicitResult:
        asked.append(message)
        return t.ElicitResult(action="accept", content={"ok": True})

    async with running(shop, confirm="always") as app:
        async with connected(app, era) as client:
            assert told(await client.call_tool("posthog_list_cohorts", {"limit": 1}))
            before = len(shop.journal)
            refused = await client.call_tool("posthog_create_cohort", new)
            assert error_of(refused)["kind"] == "confirmation_required" and CODE not in text_of(refused)
            assert len(shop.journal) == before
        async with connected(app, era, yes) as client:
            assert told(await client.call_tool("posthog_create_cohort", new)) and len(asked) == 1
