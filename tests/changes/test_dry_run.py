"""A dry run of a write: the object as it is, what would differ, what would be gone; and no write is sent."""

from __future__ import annotations

from typing import Any

import pytest

from audience_mcp.server.dispatch import Told

from .conftest import Opens
from .shop import Shop, filters

pytestmark = pytest.mark.anyio
NOBODY = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def figures(told: Told) -> dict[str, Any]:
    return {figure["label"]: figure["value"] for figure in told.structured["figures"]}


def rows(told: Told) -> list[list[Any]]:
    found: list[list[Any]] = told.structured["table"]["rows"]
    return found


async def plan(shop: Shop, tool: str, /, **arguments: Any) -> Told:
    """A dry run, and the witness that it changed nothing."""
    writes = len(shop.writes())
    told = await shop.good(tool, **arguments, dry_run=True)
    assert len(shop.writes()) == writes
    return told


async def test_an_update_is_shown_beside_what_is_there(shop: Shop) -> None:
    number = await shop.cohort(description="as it is")
    told = await plan(
        shop, "posthog_update_cohort", id=number, name="Silver", filters=filters("gold", "new"), description="as it is"
    )
    assert rows(told) == [
        ["name", "Gold", "Silver"],
        ["filters.properties.values[0].values[0].value[1]", "nothing", "new"],
    ]
    assert "name, filters would differ" in told.structured["headline"] and '"Gold"' in told.structured["headline"]
    kept = shop.kept(told)
    assert kept["now"]["name"] == "Gold" and kept["request"]["method"] == "PATCH"
    assert "is_static" in figures(told)["not sent, stays as it is"]
    assert "Gold" in figures(told)["as it is now"] and "can restore it" in figures(told)["undo"]


async def test_what_the_provider_adds_to_a_definition_is_no_difference(shop: Shop) -> None:
    number = await shop.cohort()
    stored = (await shop.data("posthog_get_cohort", id=number))["filters"]
    assert "bytecode" in str(stored)
    told = await plan(shop, "posthog_update_cohort", id=number, filters=filters("gold"))
    assert "no field would differ" in told.structured["headline"] and "table" not in told.structured


async def test_a_whole_replacement_names_what_the_request_does_not_mention(shop: Shop) -> None:
    listed = await shop.data("synerise_list_reports")
    report = await shop.data("synerise_get_report", reportId=listed["data"][0]["id"])
    definition = {name: part for name, part in report["analysis"].items() if name != "groupBy"}
    told = await plan(shop, "synerise_update_report", reportId=report["id"], analysis=definition)
    assert figures(told)["not sent, may be lost (the whole is replaced)"] == "allowNull"
    assert "directoryId" in figures(told)["not sent, because no argument sets it"]
    assert [row[0] for row in rows(told)] == ["analysis.groupBy"] and rows(told)[0][2] == "gone"


async def test_a_delete_shows_all_that_would_be_gone(shop: Shop) -> None:
    listed = await shop.data("synerise_list_trends")
    trend = listed["data"][0]
    told = await plan(shop, "synerise_delete_trend", trendId=trend["id"])
    assert trend["name"] in told.structured["headline"] and "would be gone" in told.structured["headline"]
    assert {row[0] for row in rows(told)} <= {*trend, "analysis"} and {row[2] for row in rows(told)} == {"gone"}
    assert "copy" in figures(told)["undo"]


async def test_a_soft_delete_shows_the_field_it_sets(shop: Shop) -> None:
    number = await shop.cohort()
    told = await plan(shop, "posthog_delete_cohort", id=number)
    assert rows(told) == [["deleted", False, True]] and figures(told)["method"] == "PATCH"


async def test_what_is_no_field_of_the_object_is_not_compared_with_it(shop: Shop) -> None:
    number = await shop.cohort(is_static=True, filters=None)
    told = await plan(shop, "posthog_add_persons_to_static_cohort", id=number, person_ids=[NOBODY])
    assert [row[0] for row in rows(told)] == ["person_ids"] and "cannot be undone" in figures(told)["undo"]


async def test_an_object_that_is_not_there_is_said_to_be_missing(shop: Shop) -> None:
    told = await plan(shop, "posthog_update_cohort", id=1, name="x")
    assert figures(told)["as it is now"] == "does not exist" and figures(told)["method"] == "PATCH"
    writes = len(shop.writes())
    assert (await shop.refused("posthog_update_cohort", id=1, name="x"))["kind"] == "not_found"
    assert len(shop.writes()) == writes


async def test_an_object_that_no_operation_reads_is_said_to_be_unread(shop: Shop) -> None:
    told = await plan(shop, "synerise_rename_directory", directoryId=NOBODY, newName="x")
    assert figures(told)["as it is now"] == "is read by no documented operation"


async def test_a_create_has_nothing_to_be_compared_with(shop: Shop) -> None:
    told = await plan(shop, "posthog_create_cohort", name="Gold", filters=filters("gold"))
    assert "as it is now" not in figures(told) and told.outcome is not None and told.outcome.handle is None


async def test_many_analyses_are_listed_by_name_first(opens: Opens) -> None:
    shop = opens({"AUDIENCE_MCP_UNCONFIRMED": "allow"})
    kinds = ("funnel", "segmentation", "trend", "metric", "histogram", "report", "aggregate", "expression", "sankey")
    doomed: dict[str, list[str]] = {f"{kind}Ids": [] for kind in kinds}
    named = []
    for kind in ("metric", "sankey"):
        first = await shop.data(f"synerise_list_{kind}s")
        definition = (await shop.data(f"synerise_get_{kind}", **{f"{kind}Id": first["data"][0]["id"]}))["analysis"]
        for number in (1, 2):
            title = f"Doomed {kind} {number}"
            doomed[f"{kind}Ids"].append(
                await shop.data(f"synerise_create_{kind}", analysis={**definition, "title": title})
            )
            named.append(title)
    doomed["funnelIds"] = [NOBODY]
    told = await plan(shop, "synerise_delete_analyses", **doomed)
    assert [row[1] for row in rows(told)] == ["does not exist", *named]
    doomed["funnelIds"] = []
    writes = len(shop.writes())
    first_step = await shop.refused("synerise_delete_analyses", **doomed)
    assert all(f'"{title}"' in first_step["message"] for title in named) and len(shop.writes()) == writes
    done = await shop.good("synerise_delete_analyses", **doomed)
    assert "4 changes kept: list_changes names them" in done.text
    change = next(row for row in await shop.changes() if row["object"] == "Doomed sankey 1")
    assert change["tool"] == "synerise_delete_analyses" and change["changed"] == "deleted"
    again = await shop.good("undo_change", change=change["change"])
    assert "Doomed sankey 1" in again.text and "has the new id" in again.text
