"""What a change of workspace means for the calls before, during and after it, and where it cannot be made."""

from __future__ import annotations

import asyncio

import anyio
import pytest
import respx

from audience_mcp.errors import WorkspacePinned
from audience_mcp.session.access import Access

from .conftest import Opens
from .reach import KEY, READ, WRITE, projects
from .rig import Rig, open_rig

pytestmark = pytest.mark.anyio


@pytest.fixture
async def rig(edge: respx.MockRouter, opened: Opens) -> Rig:
    projects(edge, p1="Meadow", p2="Outlet", p3="Lab")
    return opened(KEY)


async def change(rig: Rig, tool: str = READ, workspace: str | None = None) -> str | None:
    before = (await rig.access(tool, workspace)).changed_from
    return before.title if before else None


async def test_the_first_read_after_a_change_says_from_what_and_only_it(rig: Rig) -> None:
    await rig.session.select("Meadow")
    assert await change(rig) is None  # nothing was chosen before
    before, now = await rig.session.select("Outlet")
    assert before is not None and (before.title, now.title) == ("Meadow (1)", "Outlet (2)")
    assert [await change(rig), await change(rig)] == ["Meadow (1)", None]


async def test_of_many_reads_at_once_one_says_it(rig: Rig) -> None:
    await rig.session.select("Meadow")
    await rig.session.select("Outlet")
    told: list[Access] = []

    async def read() -> None:
        told.append(await rig.access(READ))

    async with anyio.create_task_group() as reads:
        for _ in range(10):
            reads.start_soon(read)
    assert sum(access.changed_from is not None for access in told) == 1


async def test_calls_that_the_change_does_not_concern_leave_the_word_to_the_next_read(rig: Rig) -> None:
    await rig.session.select("Meadow")
    await rig.session.select("Outlet")
    assert await change(rig, READ, "Lab") is None
    assert await change(rig, WRITE, "Meadow") is None
    assert await change(rig) == "Meadow (1)"


async def test_several_changes_are_told_as_one_and_going_back_as_none(rig: Rig) -> None:
    for name in ("Meadow", "Outlet", "Lab"):
        await rig.session.select(name)
    assert await change(rig) == "Meadow (1)"
    await rig.session.select("Meadow")
    await rig.session.select("Outlet")
    await rig.session.select("Outlet")
    assert await change(rig) == "Lab (3)"
    await rig.session.select("Meadow")
    await rig.session.select("Outlet")
    assert await change(rig) is None


@pytest.mark.parametrize("settings", [{"POSTHOG_PROJECT_ID": "1"}, {"AUDIENCE_MCP_WORKSPACE": "posthog=1"}])
async def test_leaving_a_configured_workspace_is_a_change(
    edge: respx.MockRouter, opened: Opens, settings: dict[str, str]
) -> None:
    projects(edge, p1="Meadow", p2="Outlet")
    rig = opened(KEY | settings)
    before, _ = await rig.session.select("Outlet")
    assert before is not None and before.id == "1"
    left = (await rig.access(READ)).changed_from
    assert left is not None and left.id == "1"


async def test_a_call_in_flight_keeps_the_workspace_it_began_with(rig: Rig) -> None:
    await rig.session.select("Meadow")
    begun = await rig.access(READ)
    await rig.session.select("Outlet")
    assert begun.workspace_title == "Meadow (1)"
    assert (await rig.access(READ)).workspace_title == "Outlet (2)"


async def test_calls_at_the_same_time_never_see_each_others_workspace(rig: Rig) -> None:
    await rig.session.select("Meadow")
    seen: list[tuple[str, str | None]] = []

    async def read(name: str) -> None:
        seen.append((name, (await rig.access(READ, name)).workspace_title))

    async with anyio.create_task_group() as reads:
        for name in ("Meadow (1)", "Outlet (2)", "Lab (3)") * 5:
            reads.start_soon(read, name.split()[0])
    assert all((title or "").startswith(name) for name, title in seen)
    assert (await rig.access(READ)).workspace_id == "1"


async def test_calls_that_begin_together_ask_for_the_list_once(edge: respx.MockRouter, opened: Opens) -> None:
    asked = projects(edge, p1="Meadow", p2="Outlet")
    rig = opened(KEY)
    async with anyio.create_task_group() as reads:
        for _ in range(20):
            reads.start_soon(rig.access, READ, "Outlet")
    assert asked.call_count == 1


async def test_calls_that_wait_for_a_list_that_fails_share_the_failure(edge: respx.MockRouter, opened: Opens) -> None:
    asked = edge.get("https://us.posthog.com/api/users/@me/").respond(401, json={})
    rig = opened(KEY)
    kinds: list[str] = []

    async def read() -> None:
        try:
            await rig.access(READ, "Outlet")
        except Exception as error:
            kinds.append(getattr(error, "kind", repr(error)))

    async with anyio.create_task_group() as reads:
        for _ in range(20):
            reads.start_soon(read)
    assert kinds == ["credentials_rejected"] * 20
    assert asked.call_count == 1


@pytest.mark.parametrize("settings", [{"POSTHOG_PROJECT_ID": "1"}, {"AUDIENCE_MCP_WORKSPACE": "posthog=Meadow"}])
async def test_a_pinned_workspace_cannot_be_left(
    edge: respx.MockRouter, opened: Opens, settings: dict[str, str]
) -> None:
    projects(edge, p1="Meadow", p2="Outlet", p9="1")  # one is named like the pinned one's id
    edge.get("https://us.posthog.com/api/projects/1/").respond(json={"id": 1, "name": "Meadow"})
    rig = opened(KEY | settings, pin_workspace=True)
    for reference in ("Outlet", "9"):
        for tool in (READ, WRITE):
            with pytest.raises(WorkspacePinned, match="pinned to"):
                await rig.access(tool, reference)
        with pytest.raises(WorkspacePinned):
            await rig.session.select(reference)
    await rig.session.select("1")
    for given in (None, "1", "uuid-1" if "AUDIENCE_MCP_WORKSPACE" in settings else "1"):
        assert (await rig.access(WRITE, given)).workspace_id == "1"


async def test_pinned_to_the_only_workspace_its_name_may_still_be_passed(edge: respx.MockRouter, opened: Opens) -> None:
    projects(edge, p1="Meadow")
    rig = opened(KEY, pin_workspace=True)
    assert (await rig.access(WRITE, "Meadow")).workspace_id == "1"


def test_a_session_may_be_made_before_there_is_an_event_loop_and_live_through_several() -> None:
    rig = open_rig(KEY | {"POSTHOG_PROJECT_ID": "7"})
    rig.session.status("posthog")  # makes the log-ins and their locks

    async def reads() -> list[str]:
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(rig.access, READ)
        with respx.mock() as edge:
            projects(edge, p7="Meadow")
            reached = await rig.session.reached("posthog", fresh=True)
        await rig.client.close()
        return [workspace.title for workspace in reached.workspaces]

    # Not anyio.run: with an older httpx beside it, anyio takes the test runner's idle loop for a running one.
    assert asyncio.run(reads()) == asyncio.run(reads()) == ["Meadow (7)"]
