"""Calls at the same time: one renewal for all, and nobody's workspace becomes another's."""

from __future__ import annotations

import json

import anyio
import httpx
import pytest
import respx

from audience_mcp.server.dispatch import Told

from .conftest import Opens
from .desk import HOSTS, USER, Desk, good, jwt
from .sample import UUID

pytestmark = pytest.mark.anyio
COHORTS = "posthog_list_cohorts"
SYNERISE = HOSTS["synerise"]


async def together(*calls: tuple[Desk, str, dict[str, str]]) -> list[Told]:
    told: dict[int, Told] = {}

    async def one(place: int, desk: Desk, tool: str, arguments: dict[str, str]) -> None:
        told[place] = await desk.run(tool, **arguments)

    async with anyio.create_task_group() as group:
        for place, call in enumerate(calls):
            group.start_soon(one, place, *call)
    return [told[place] for place in sorted(told)]


async def test_an_end_that_many_calls_meet_at_once_is_renewed_once(desk: Desk) -> None:
    tokens = [jwt(exp=1_800_003_600, bpi=48, number=number) for number in range(9)]
    log_in = desk.edge["log_in"].mock(side_effect=[httpx.Response(200, json={"token": token}) for token in tokens])
    waiting, all_there = [0], anyio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] != f"Bearer {tokens[0]}":
            return httpx.Response(200, json={"data": []})
        waiting[0] += 1
        if waiting[0] == 20:
            all_there.set()
        await all_there.wait()
        return httpx.Response(401)

    route = desk.edge.get(url__regex="/funnels").mock(side_effect=answer)
    for told in await together(*[(desk, "synerise_list_funnels", {"search": str(n)}) for n in range(20)]):
        good(told)
    assert (log_in.call_count, route.call_count) == (2, 40)


@pytest.fixture
async def two(opens: Opens, edge: respx.MockRouter) -> Desk:
    """A key that reaches two projects."""
    edge.get(f"{HOSTS['posthog']}/api/users/@me/").respond(json={"organizations": [{"id": UUID}]})
    edge.get(url__regex="/api/organizations/").respond(
        json={"results": [{"id": 7, "name": "Meadow"}, {"id": 8, "name": "Outlet"}]}
    )
    return opens({"POSTHOG_API_KEY": "phx_sandbox5ecret"})


async def test_a_call_stays_in_the_workspace_it_began_in(two: Desk) -> None:
    began, go_on = anyio.Event(), anyio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        began.set()
        await go_on.wait()
        return httpx.Response(
            200, json={"results": [{"id": 1}], "next": "/x?offset=1" if not request.url.query else None}
        )

    route = two.edge.get(url__regex="/projects/7/cohorts/").mock(side_effect=answer)
    good(await two.run("select_workspace", workspace="Meadow"))
    told: list[Told] = []

    async def read() -> None:
        told.append(good(await two.run(COHORTS, all_pages=True)))

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        await began.wait()
        good(await two.run("select_workspace", workspace="Outlet"))
        go_on.set()
    assert route.call_count == 2 and "Meadow (7)" in told[0].text
    two.edge.get(url__regex="/projects/8/cohorts/").respond(json={"results": []})
    assert 'workspace changed from "Meadow (7)" to "Outlet (8)"' in (await two.run(COHORTS)).text


async def test_calls_in_two_workspaces_never_mix(two: Desk) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"results": [{"id": int(request.url.path.split("/")[3])}]})

    two.edge.get(url__regex="/cohorts/").mock(side_effect=answer)
    names = ["Meadow", "Outlet"] * 10
    for name, told in zip(names, await together(*[(two, COHORTS, {"workspace": name}) for name in names]), strict=True):
        number = {"Meadow": 7, "Outlet": 8}[name]
        assert two.kept(told) == {"results": [{"id": number}]} and f"{name} ({number})" in told.text


@pytest.mark.parametrize("configured", [True, False])
async def test_one_conversation_selects_while_another_writes(
    opens: Opens, two: Desk, edge: respx.MockRouter, configured: bool
) -> None:
    """A process serves both: what one looks at is no place for the other to write."""
    began, go_on = anyio.Event(), anyio.Event()
    desk = opens({"POSTHOG_API_KEY": "phx_sandbox5ecret"}, workspace=["posthog=Meadow"]) if configured else two

    async def answer(request: httpx.Request) -> httpx.Response:
        began.set()
        await go_on.wait()
        return httpx.Response(201, json={"id": 1, "name": "Mine"})

    posts = edge.post(url__regex="/cohorts/$").mock(side_effect=answer)
    reads = edge.get(url__regex="/cohorts/1/").respond(json={"id": 1, "name": "Mine", "filters": {}})
    where = {} if configured else {"workspace": "Meadow"}
    told: list[Told] = []

    async def write() -> None:
        told.append(good(await desk.run("posthog_create_cohort", name="Mine", **where)))

    async with anyio.create_task_group() as group:
        group.start_soon(write)
        await began.wait()
        good(await desk.run("select_workspace", workspace="Outlet"))
        go_on.set()
    assert "Meadow (7)" in told[0].text
    asked = await desk.refused("posthog_delete_cohort", id=1, **where)
    assert asked["kind"] == "confirmation_required" and "Meadow (7)" in asked["message"]
    good(await desk.run("select_workspace", workspace="Meadow"))
    good(await desk.run("select_workspace", workspace="Outlet"))
    gone = edge.patch(url__regex="/cohorts/1/").respond(json={"id": 1, "name": "Mine", "deleted": True})
    code = asked["remedy"].split("confirm='")[1].partition("'")[0]
    good(await desk.run("posthog_delete_cohort", id=1, confirm=code, **where))
    for call in (*posts.calls, *reads.calls, *gone.calls):
        assert "/projects/7/" in call.request.url.path
    if not configured:
        refused = await desk.refused("posthog_create_cohort", name="Mine")
        assert refused["kind"] == "workspace_not_selected" and len(posts.calls) == 1


async def test_a_pinned_program_sends_no_log_in_that_would_leave_its_workspace(
    opens: Opens, edge: respx.MockRouter
) -> None:
    other = UUID.replace("6", "7")
    edge.post(url__regex="/login/user$").respond(json={"token": jwt(exp=1_800_003_600)})
    edge.get(url__regex="/business-profile/$").respond(
        json=[{"guid": UUID, "name": "Meadow"}, {"guid": other, "name": "Outlet"}]
    )
    select = edge.post(url__regex="/login/user/profile/").respond(json={"token": jwt(exp=1_800_003_600)})
    desk = opens(USER | {"AUDIENCE_MCP_WORKSPACE": f"synerise={UUID}"}, pin_workspace=True)
    found = await desk.refused("synerise_select_workspace", businessProfileUUID=other)
    assert found["kind"] == "workspace_pinned" and select.call_count == 0
    told = good(await desk.run("synerise_select_workspace", businessProfileUUID=UUID))
    assert select.call_count == 1 and "token" not in json.dumps(told.structured["figures"])
    assert told.outcome is not None and told.outcome.handle is None
