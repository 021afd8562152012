"""Changes told and taken back, on the sandbox; its own journal of requests is the witness."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audience_mcp.call.asker import NoAsker
from audience_mcp.sandbox import Sandbox

from .conftest import Opens
from .shop import Shop, code_in, filters, open_shop

pytestmark = pytest.mark.anyio
OUTLET = "Meadow & Main Outlet"
# What the sandbox, like the provider, works out or counts by itself.
OF_THE_SERVER = {"count", "is_calculating", "last_calculation", "version", "pending_version"}
OF_SYNERISE = {"updatedAt", "modifier"}
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text('Gold é"\\', min_size=1, max_size=8),
        "description": st.text(max_size=8),
        "filters": st.lists(st.sampled_from(["gold", "silver", "new"]), min_size=1, max_size=2).map(
            lambda v: filters(*v)
        ),
        "deleted": st.booleans(),
    },
).filter(bool)


async def cohort_of(shop: Shop, number: int) -> dict[str, Any]:
    """The cohort without what the server works out."""
    found = await shop.data("posthog_get_cohort", id=number)
    return {name: value for name, value in found.items() if name not in OF_THE_SERVER}


async def a_funnel(shop: Shop) -> dict[str, Any]:
    """A saved funnel that still exists."""
    listed = await shop.data("synerise_list_funnels")
    found: dict[str, Any] = await shop.data("synerise_get_funnel", funnelId=listed["data"][0]["id"])
    return found


async def test_the_answer_of_a_write_says_how_to_undo_it_and_the_list_shows_it(shop: Shop) -> None:
    number = await shop.cohort()
    told = await shop.good("posthog_update_cohort", id=number, name="Gold and silver", is_static=False)
    row = (await shop.changes())[0]
    assert f"undo_change(change='{row['change']}')" in told.text
    assert f"undo_change(change='{row['change']}')" in str(told.structured["provenance"]["notes"])
    assert (row["tool"], row["object"], row["id"]) == ("posthog_update_cohort", "Gold and silver", str(number))
    assert row["changed"] == "name" and row["undo"] == "yes" and "Meadow & Main" in row["workspace"]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=FIELDS)
async def test_an_undone_update_leaves_the_object_exactly_as_it_was(sandbox: Sandbox, fields: dict[str, Any]) -> None:
    shop = open_shop(sandbox)
    number = await shop.cohort(description="as it was")
    before = await cohort_of(shop, number)
    await shop.good("posthog_update_cohort", id=number, **fields)
    changed = await cohort_of(shop, number) != before
    told = await shop.told("undo_change", change=await shop.newest())
    if changed:
        assert not told.is_error, told.text
    else:
        assert told.structured["error"]["kind"] == "conflict", told.text
    assert await cohort_of(shop, number) == before
    await shop.app.close()


async def test_a_whole_replacement_is_undone_whole(shop: Shop) -> None:
    before = await a_funnel(shop)
    definition = {**before["analysis"], "title": "Shorter", "steps": before["analysis"]["steps"][:2]}
    await shop.good("synerise_update_funnel", funnelId=before["id"], analysis=definition)
    told = await shop.good("undo_change", change=await shop.newest())
    after = await shop.data("synerise_get_funnel", funnelId=before["id"])
    assert {k: v for k, v in after.items() if k not in OF_SYNERISE} == {
        k: v for k, v in before.items() if k not in OF_SYNERISE
    }
    assert "updatedAt" in told.text  # what is not as it was before is named


async def test_a_soft_delete_is_taken_back_in_place(shop: Shop) -> None:
    number = await shop.cohort()
    before = await cohort_of(shop, number)
    await shop.good("posthog_delete_cohort", id=number)
    assert (await cohort_of(shop, number))["deleted"] is True
    told = await shop.good("undo_change", change=await shop.newest())
    assert await cohort_of(shop, number) == before and str(number) in told.text


async def test_a_deleted_object_comes_back_as_a_copy_and_the_answer_says_what_that_means(shop: Shop) -> None:
    before = await a_funnel(shop)
    assert "can only make a copy" in (await shop.told("synerise_delete_funnel", funnelId=before["id"])).text
    told = await shop.good("synerise_delete_funnel", funnelId=before["id"])
    change = await shop.newest()
    assert f"undo_change(change='{change}'), as a copy with a new id" in told.text
    assert (await shop.changes())[0]["undo"] == "as a copy with a new id"
    told = await shop.good("undo_change", change=change)
    new = (await shop.changes())[0]["id"]
    assert new != before["id"] and new in told.text and before["id"] in told.text
    assert "new id" in told.text and "stays broken" in told.text
    copy = await shop.data("synerise_get_funnel", funnelId=new)
    assert copy["analysis"] == before["analysis"] and copy["name"] == before["name"]
    assert (await shop.refused("undo_change", change=change))["kind"] == "conflict"  # not two of them


@pytest.mark.parametrize("kind", ["segmentation", "expression", "report", "aggregate", "trend", "histogram", "metric"])
async def test_every_kind_of_analysis_can_be_made_again(shop: Shop, kind: str) -> None:
    listed = await shop.data(f"synerise_list_{kind}s")
    name = f"{kind}Id"
    before = await shop.data(f"synerise_get_{kind}", **{name: listed["data"][-1]["id"]})
    await shop.good(f"synerise_delete_{kind}", **{name: before["id"]})
    told = await shop.good("undo_change", change=await shop.newest())
    copy = await shop.data(f"synerise_get_{kind}", **{name: (await shop.changes())[0]["id"]})
    assert copy["analysis"] == before["analysis"]
    # This one is asked for by the create and not shown by the read.
    unseen = kind in ("segmentation", "expression")
    assert ("isVisibleForClientProfile is not shown by the provider: false is sent" in told.text) is unseen


async def test_what_an_update_needs_and_the_provider_does_not_show_stays_and_is_named(shop: Shop) -> None:
    listed = await shop.data("synerise_list_segmentations")
    before = await shop.data("synerise_get_segmentation", segmentationId=listed["data"][0]["id"])
    definition = {**before["analysis"], "title": "Renamed"}
    await shop.good(
        "synerise_update_segmentation", segmentationId=before["id"], analysis=definition, isVisibleForClientProfile=True
    )
    told = await shop.good("undo_change", change=await shop.newest())
    assert "isVisibleForClientProfile cannot be brought back: the provider does not show it" in told.text
    assert b'"isVisibleForClientProfile": true' in shop.writes()[-1].body
    assert (await shop.data("synerise_get_segmentation", segmentationId=before["id"]))["analysis"] == before["analysis"]


async def test_what_was_created_is_deleted_and_only_once_the_user_agrees(shop: Shop) -> None:
    number = await shop.cohort(name="Made by mistake")
    change, writes = await shop.newest(), len(shop.writes())
    first = await shop.told("undo_change", change=change)
    assert "Made by mistake" in first.text and len(shop.writes()) == writes
    code = code_in(first)
    assert (await shop.refused("undo_change", change=change, confirm="6b-no"))["kind"] == "confirmation_required"
    told = await shop.told("undo_change", change=change, confirm=code)
    assert not told.is_error and "which it created, is deleted" in told.text and len(shop.writes()) == writes + 1
    assert (await cohort_of(shop, number))["deleted"] is True


async def test_what_somebody_else_changed_since_is_shown_and_left_alone(shop: Shop, opens: Opens) -> None:
    number = await shop.cohort()
    await shop.good("posthog_update_cohort", id=number, name="Silver", filters=filters("silver"))
    change = await shop.newest()
    somebody = opens()
    await somebody.good("posthog_update_cohort", id=number, name="Theirs")
    writes = len(shop.writes())
    found = await shop.refused("undo_change", change=change)
    assert found["kind"] == "conflict" and len(shop.writes()) == writes
    assert '"Silver", "Theirs"' in found["message"]
    handle = found["remedy"].split("'")[1]
    both = shop.app.store.get(handle).answer().value
    assert [both[state]["name"] for state in ("before the change", "as it was left", "as it is now")] == [
        "Gold", "Silver", "Theirs",
    ]  # fmt: skip
    assert (await shop.refused("undo_change", change=change, dry_run=True))["kind"] == "conflict"
    await somebody.good("posthog_update_cohort", id=number, name="Silver")
    await shop.good("undo_change", change=change)
    assert (await cohort_of(shop, number))["name"] == "Gold"


async def test_an_undo_can_be_undone_and_a_change_is_not_undone_twice(shop: Shop) -> None:
    number = await shop.cohort()
    await shop.good("posthog_update_cohort", id=number, name="Silver")
    first = await shop.newest()
    await shop.good("undo_change", change=first)
    second = await shop.newest()
    found = await shop.refused("undo_change", change=first)
    assert found["kind"] == "conflict" and second in found["message"]
    assert [row["undo"] for row in (await shop.changes())[:2]] == ["yes", f"undone by {second}"]
    await shop.good("undo_change", change=second)
    assert (await cohort_of(shop, number))["name"] == "Silver"
    await shop.good("undo_change", change=first)
    assert (await cohort_of(shop, number))["name"] == "Gold"


async def test_two_undos_at_once_make_one_copy(shop: Shop) -> None:
    before = await a_funnel(shop)
    await shop.good("synerise_delete_funnel", funnelId=before["id"])
    change, writes = await shop.newest(), len(shop.writes())
    told = []

    async def undo() -> None:
        told.append(await shop.told("undo_change", change=change))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(undo)
    assert sorted(one.is_error for one in told) == [False, True, True, True]
    assert len(shop.writes()) == writes + 1


async def test_what_cannot_be_undone_says_so_before_and_after(shop: Shop) -> None:
    made = await shop.data("synerise_create_directory", name="Spring", analyticType="FUNNEL")
    plan = await shop.good("synerise_delete_directory", directoryId=made["id"], dry_run=True)
    asked = await shop.told("synerise_delete_directory", directoryId=made["id"])
    done = await shop.good("synerise_delete_directory", directoryId=made["id"])
    for told in (plan, asked):
        assert "is read by no documented operation, so it cannot be undone" in told.text
    assert "cannot be undone" in done.text
    row = (await shop.changes())[0]
    assert row["undo"].startswith("no: ") and row["changed"] == "deleted" and row["id"] == made["id"]
    found = await shop.refused("undo_change", change=row["change"])
    assert found["kind"] == "conflict" and "cannot be undone" in found["message"]


async def test_a_directory_that_was_created_can_be_deleted_again(shop: Shop) -> None:
    await shop.good("synerise_create_directory", name="Spring", analyticType="FUNNEL")
    await shop.good("undo_change", change=await shop.newest())
    names = [item["name"] for item in await shop.data("synerise_list_directories", analyticType="FUNNEL")]
    assert "Spring" not in names


async def test_a_write_that_failed_is_no_change(shop: Shop) -> None:
    before = await shop.changes()
    assert await shop.refused("posthog_create_cohort", name="x", filters=filters("gold"), query={"kind": "ActorsQuery"})
    assert await shop.changes() == before


async def test_a_change_nobody_knows_is_not_found(shop: Shop) -> None:
    assert (await shop.refused("undo_change", change="c_zzzzzzzzzz"))["kind"] == "not_found"


async def test_a_read_only_server_tells_changes_and_undoes_none(opens: Opens) -> None:
    shop = opens(read_only=True)
    assert await shop.changes() == []
    assert (await shop.refused("undo_change", change="c_zzzzzzzzzz"))["kind"] == "read_only"
    listed = {tool["name"] for tool in shop.app.catalog.listing()}
    assert "list_changes" in listed and "undo_change" not in listed


async def test_an_undo_runs_in_the_workspace_of_its_change(shop: Shop) -> None:
    number = int((await shop.data("posthog_create_cohort", name="Theirs", workspace=OUTLET))["id"])
    await shop.good("posthog_update_cohort", id=number, name="Renamed", workspace=OUTLET)
    await shop.good("undo_change", change=await shop.newest())
    assert (await shop.data("posthog_get_cohort", id=number, workspace=OUTLET))["name"] == "Theirs"
    assert f"/cohorts/{number}/" in shop.writes()[-1].path and shop.writes()[-1].workspace != shop.writes()[0].workspace
    assert [row["tool"] for row in await shop.changes(workspace=OUTLET)] == ["posthog_update_cohort"] * 2 + [
        "posthog_create_cohort"
    ]
    assert await shop.changes(workspace="Meadow & Main") == []


async def test_always_asks_before_an_undo_too(opens: Opens) -> None:
    class Yes(NoAsker):
        def __init__(self) -> None:
            self.asked: list[str] = []

        async def yes(self, key: str, message: str) -> bool | None:
            self.asked.append(message)
            return True

    shop, person = opens({"AUDIENCE_MCP_CONFIRM": "always"}), Yes()
    made = await shop.told("posthog_create_cohort", person, name="Gold", filters=filters("gold"))
    number = shop.kept(made)["id"]
    assert not (await shop.told("posthog_update_cohort", person, id=number, name="Silver")).is_error
    change = await shop.newest()
    assert (await shop.refused("undo_change", change=change))["kind"] == "confirmation_required"
    assert not (await shop.told("undo_change", person, change=change)).is_error
    assert len(person.asked) == 3 and "undo_change can restore it" in person.asked[1]
