"""Which workspace a call runs in: its own argument, a selection (reads only), a configured one, or the only one."""

from __future__ import annotations

import httpx
import pytest
import respx

from audience_mcp.errors import ProviderUnavailable, WorkspaceNotSelected, WorkspaceUnknown

from .conftest import Opens
from .reach import GIOSG, KEY, READ, WRITE, organization, projects
from .rig import Clock, Rig

pytestmark = pytest.mark.anyio


async def ran_in(rig: Rig, tool: str = READ, workspace: str | None = None) -> str | None:
    return (await rig.access(tool, workspace)).workspace_id


@pytest.mark.parametrize("reference", ["2", " 2 ", "OUTLET", "outlet", "uuid-2", "UUID-2", "2@", "uuid-2@"])
async def test_a_call_names_its_workspace_by_id_name_alias_or_id_with_label(
    edge: respx.MockRouter, opened: Opens, reference: str
) -> None:
    projects(edge, p1="Meadow", p2="Outlet")
    rig = opened(KEY)
    assert await ran_in(rig, READ, reference) == await ran_in(rig, WRITE, reference) == "2"


async def test_a_name_that_looks_like_anothers_id_does_not_shadow_it(edge: respx.MockRouter, opened: Opens) -> None:
    projects(edge, p1="2", p2="Outlet")
    assert await ran_in(opened(KEY), READ, "2") == "2"


async def test_a_name_that_fits_two_is_told_with_both(edge: respx.MockRouter, opened: Opens) -> None:
    projects(edge, p1="Meadow", p2="meadow", p3="Outlet")
    with pytest.raises(WorkspaceUnknown, match="fits 2 projects: Meadow = 1@; meadow = 2@") as caught:
        await ran_in(opened(KEY), READ, "MEADOW")
    assert "Pass the id" in caught.value.remedy


async def test_an_unknown_name_is_told_with_the_nearest(edge: respx.MockRouter, opened: Opens) -> None:
    projects(edge, p1="Meadow & Main", p2="Outlet")
    with pytest.raises(WorkspaceUnknown, match="Did you mean 'Meadow & Main'") as caught:
        await ran_in(opened(KEY), READ, "meadow and main")
    assert "Outlet (2)" in caught.value.remedy


async def test_the_only_workspace_serves_reads_and_writes(edge: respx.MockRouter, opened: Opens) -> None:
    projects(edge, p1="Meadow")
    rig = opened(KEY)
    assert await ran_in(rig, READ) == await ran_in(rig, WRITE) == "1"


async def test_several_and_none_chosen_are_told_by_name(edge: respx.MockRouter, opened: Opens) -> None:
    projects(edge, **{f"p{number}": f"Shop {number}" for number in range(1, 16)})
    rig = opened(KEY)
    for tool in (READ, WRITE):
        with pytest.raises(WorkspaceNotSelected) as caught:
            await ran_in(rig, tool)
        assert "Shop 1 (1); Shop 2 (2)" in caught.value.remedy and "and 3 more" in caught.value.remedy
        assert ("select_workspace" in caught.value.remedy) == (tool == READ)


async def test_a_selection_serves_reads_and_never_a_write(edge: respx.MockRouter, opened: Opens) -> None:
    projects(edge, p1="Meadow", p2="Outlet")
    rig = opened(KEY)
    await rig.session.select("Outlet")
    assert await ran_in(rig, READ) == "2"
    with pytest.raises(WorkspaceNotSelected, match="a selection serves reads only"):
        await ran_in(rig, WRITE)
    assert await ran_in(rig, WRITE, "Outlet") == "2"


async def test_a_configured_workspace_serves_writes_while_a_selection_serves_reads(
    edge: respx.MockRouter, opened: Opens
) -> None:
    projects(edge, p1="Meadow", p2="Outlet")
    rig = opened(KEY, workspace=["posthog=Meadow"])
    assert await ran_in(rig, READ) == "1"
    await rig.session.select("2")
    assert (await ran_in(rig, READ), await ran_in(rig, WRITE)) == ("2", "1")
    assert [used and used.title for used in rig.session.in_use("posthog")] == ["Outlet (2)", "Meadow (1)"]


async def test_a_configured_workspace_is_told_before_anybody_was_asked(edge: respx.MockRouter, opened: Opens) -> None:
    rig = opened(KEY, workspace=["posthog=Meadow"])
    assert [used and used.title for used in rig.session.in_use("posthog")] == ["Meadow", "Meadow"]
    assert not edge.calls


async def test_a_configured_workspace_that_does_not_exist_stops_calls_but_not_a_selection(
    edge: respx.MockRouter, opened: Opens
) -> None:
    projects(edge, p1="Meadow", p2="Outlet")
    rig = opened(KEY, workspace=["posthog=Medow"])
    with pytest.raises(WorkspaceUnknown, match="Did you mean 'Meadow'"):
        await ran_in(rig, READ)
    await rig.session.select("Outlet")
    assert await ran_in(rig, READ) == "2"


async def test_one_workspace_is_not_the_only_one_while_another_credential_cannot_be_asked(
    edge: respx.MockRouter, opened: Opens, clock: Clock
) -> None:
    projects(edge, p1="Meadow")
    edge.get("https://eu.posthog.com/api/users/@me/").respond(503)
    rig = opened(KEY | {"POSTHOG_API_KEY__EU": "phx_sandboxEu", "POSTHOG_REGION__EU": "eu"})
    with pytest.raises(WorkspaceNotSelected, match=r"Not all could be asked: .*503"):
        await ran_in(rig, WRITE)
    with pytest.raises(WorkspaceUnknown, match="Not all could be asked"):
        await ran_in(rig, WRITE, "Outlet")
    projects(edge, "https://eu.posthog.com")
    clock.pass_by(20)  # a host that fails again and again is left alone for so long
    assert await ran_in(rig, WRITE) == "1"


async def test_what_could_not_be_asked_is_asked_again_by_the_next_call(edge: respx.MockRouter, opened: Opens) -> None:
    rig = opened(KEY)
    edge.get("https://us.posthog.com/api/users/@me/").mock(side_effect=httpx.ConnectError("no route"))
    with pytest.raises(ProviderUnavailable):
        await ran_in(rig)
    projects(edge, p1="Meadow")
    assert await ran_in(rig) == "1"


async def test_a_miss_asks_the_provider_again_but_not_all_the_time(
    edge: respx.MockRouter, opened: Opens, clock: Clock
) -> None:
    asked = projects(edge, p1="Meadow")
    rig = opened(KEY)
    await ran_in(rig)
    projects(edge, p1="Meadow", p2="Outlet")
    with pytest.raises(WorkspaceUnknown):
        await ran_in(rig, READ, "Outlet")
    assert asked.call_count == 1
    clock.pass_by(21)
    assert await ran_in(rig, READ, "Outlet") == "2"


async def test_the_list_of_workspaces_is_kept_for_ten_minutes(
    edge: respx.MockRouter, opened: Opens, clock: Clock
) -> None:
    asked = projects(edge, p1="Meadow")
    rig = opened(KEY)
    for seconds in (0, 300, 299, 1):
        clock.pass_by(seconds)
        await ran_in(rig)
    assert asked.call_count == 2
    await rig.session.reached("posthog", fresh=True)
    assert asked.call_count == 3


async def test_a_name_without_a_provider_is_looked_for_at_all_of_them(edge: respx.MockRouter, opened: Opens) -> None:
    projects(edge, p1="Meadow", p2="Outlet")
    organization(edge, "org-9", "Chat")
    rig = opened(KEY | GIOSG)
    before, now = await rig.session.select("chat")
    assert before is None and (now.provider, now.id) == ("giosg", "org-9")


@pytest.mark.parametrize("name", ["Meadow", "Outlet"])
async def test_a_name_that_several_providers_have_needs_the_provider(
    edge: respx.MockRouter, opened: Opens, name: str
) -> None:
    projects(edge, p1="Meadow", p2="Outlet", p3="Outlet")  # twice at one provider is no less ambiguous
    organization(edge, "org-9", name)
    rig = opened(KEY | GIOSG)
    with pytest.raises(WorkspaceUnknown, match=rf"posthog {name} = \d@.*giosg {name} = org-9@") as caught:
        await rig.session.select(name)
    assert "Pass provider" in caught.value.remedy
    assert (await rig.session.select(name, "giosg"))[1].id == "org-9"


async def test_a_provider_that_fails_does_not_stop_a_selection_at_another(
    edge: respx.MockRouter, opened: Opens
) -> None:
    edge.get("https://us.posthog.com/api/users/@me/").respond(401, json={})
    organization(edge, "org-9", "Chat")
    rig = opened(KEY | GIOSG)
    assert (await rig.session.select("Chat"))[1].id == "org-9"
    with pytest.raises(WorkspaceUnknown, match="No provider has a workspace 'Outlet'\\. Not all"):
        await rig.session.select("Outlet")
