"""PostHog cohorts as objects: listing, creating, changing, deleting, copying, and what is written down about it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox

from .conftest import small
from .posthog_desk import desk, did, filters, person

pytestmark = pytest.mark.anyio
SQL = {"kind": "HogQLQuery", "query": "select id as person_id from persons limit 5"}


async def test_each_project_starts_with_cohorts_of_every_type(shared: Sandbox) -> None:
    for workspace in ("main", "outlet"):
        async with desk(shared, workspace) as at:
            cohorts = (await at.get(at.cohorts))["results"]
        assert len(cohorts) >= 4
        assert {one["cohort_type"] for one in cohorts} == {"static", "person_property", "behavioral", "analytical"}
        assert all(one["count"] is not None and not one["errors_calculating"] for one in cohorts)


async def test_cohorts_are_listed_newest_first_in_pages(shared: Sandbox) -> None:
    async with desk(shared) as at:
        whole = await at.get(at.cohorts)
        first = await at.get(at.cohorts, limit=2)
        last = (await at.http.get(first["next"])).json()
    numbers = [one["id"] for one in whole["results"]]
    assert numbers == sorted(numbers, reverse=True)
    assert first["count"] == whole["count"] == len(numbers)
    assert [one["id"] for one in first["results"] + last["results"]] == numbers[:4]


async def test_the_list_is_narrowed_by_type_owner_and_name(shared: Sandbox) -> None:
    async with desk(shared) as at:
        static = (await at.get(at.cohorts, type="static"))["results"]
        dynamic = (await at.get(at.cohorts, type="dynamic"))["results"]
        assert all(one["is_static"] for one in static) and not any(one["is_static"] for one in dynamic)
        assert (await at.get(at.cohorts, created_by_id=999))["count"] == 0
        usable = (await at.get(at.cohorts, hide_behavioral_cohorts="true"))["results"]
        assert {one["cohort_type"] for one in usable} == {"static", "person_property"}
        basic = (await at.get(at.cohorts, basic="true"))["results"][0]
        assert "filters" not in basic and "query" not in basic
        by_part = (await at.get(at.cohorts, search="buyers"))["results"]
        assert {(one["name"], one["search_match_type"]) for one in by_part} == {
            ("Frequent buyers", "exact"),
            ("Lapsed buyers", "exact"),
        }
        misspelt = (await at.get(at.cohorts, search="Gold membres"))["results"]
        assert [(one["name"], one["search_match_type"]) for one in misspelt] == [("Gold members", "similar")]
        assert (await at.http.get(at.cohorts, params={"search": "x" * 201})).status_code == 400


async def test_the_saved_cohorts_have_the_same_ids_whatever_is_asked_first(shared: Sandbox, sandbox: Sandbox) -> None:
    async with desk(shared) as at:
        saved = {one["name"]: one["id"] for one in (await at.get(at.cohorts))["results"]}
    async with desk(sandbox) as at:  # nothing was listed here yet
        assert (await at.create(status=400, filters={"properties": {}}))["attr"] == "filters"
        first = await at.create(name="First", filters=filters(person("tier", "exact", ["gold"])))
        listed = {one["name"]: one["id"] for one in (await at.get(at.cohorts))["results"]}
        made = [entry["item_id"] for entry in (await at.get(f"{at.cohorts}activity/"))["results"]]
    assert first["id"] == max(saved.values()) + 1
    assert listed == {**saved, "First": first["id"]}
    assert made[0] == str(first["id"])


async def test_a_saved_cohort_has_people_before_anybody_looked_at_it(shared: Sandbox) -> None:
    async with desk(shared) as at:
        gold = await at.named("Gold members")
    inside = json.dumps([{"type": "cohort", "key": "id", "value": gold["id"]}])
    async with desk(small()) as at:
        found = (await at.get(at.persons, properties=inside, limit=1000))["results"]
    assert len(found) == gold["count"] > 0


async def test_a_new_cohort_is_counted_after_it_was_answered(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        made = await at.create(name="Readers", filters=filters(did("newsletter.open")))
        busy = await at.get(f"{at.cohorts}{made['id']}/")
        ready = await at.get(f"{at.cohorts}{made['id']}/")
    assert (made["is_calculating"], made["count"], made["cohort_type"]) == (True, None, "behavioral")
    assert busy["is_calculating"]
    assert not ready["is_calculating"] and ready["count"] > 0 and ready["last_calculation"]


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"filters": filters(did("x")), "query": SQL, "is_static": True}, None),
        ({"filters": {"properties": []}}, "filters"),
        ({"filters": {}}, "filters"),
        ({"query": SQL}, "query"),
        ({"query": {"kind": "TrendsQuery"}, "is_static": True}, "query"),
        ({"filters": filters(did("x")), "cohort_type": "person_property"}, "cohort_type"),
        ({"filters": filters({**did("x"), "colour": "red"})}, "filters"),
        ({"filters": filters(did("x", "performed_event_multiple"))}, "filters"),
        ({"filters": filters(person("tier", "resembles", "gold"))}, "filters"),
        ({"filters": filters({"type": "cohort", "key": "id", "value": 12345})}, "filters"),
        ({"name": "x" * 401}, "name"),
    ],
)
async def test_a_definition_that_cannot_be_is_refused_with_the_field_named(
    shared: Sandbox, fields: dict[str, Any], attr: str | None
) -> None:
    async with desk(shared) as at:
        error = await at.create(400, **fields)
    assert (error["type"], error["attr"]) == ("validation_error", attr)


async def test_what_is_wrong_inside_filters_is_told_by_its_place(shared: Sandbox) -> None:
    async with desk(shared) as at:
        unknown = await at.create(400, filters=filters({**did("x"), "colour": "red"}))
        missing = await at.create(400, filters=filters(did("x", "performed_event_multiple")))
        flat = await at.create(400, filters={"properties": {"type": "AND", "values": [did("x")]}})
    assert "properties.values.0.values.0 has unknown keys: colour" in unknown["detail"]
    assert "operator_value is required" in missing["detail"]
    assert flat["attr"] == "filters"


async def test_a_body_that_is_not_json_cannot_be_parsed(shared: Sandbox) -> None:
    async with desk(shared) as at:
        broken = await at.http.post(at.cohorts, content=b"{", headers={"content-type": "application/json"})
        form = await at.http.post(at.cohorts, content=b"name=x", headers={"content-type": "text/plain"})
    assert (broken.status_code, broken.json()["code"]) == (400, "parse_error")
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")


async def test_new_filters_replace_the_old_ones_and_count_anew(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        saved = await at.named("Newsletter readers")
        changed = await at.change(saved["id"], filters=filters(did("transaction.charge", days=7)))
        assert changed["is_calculating"] and changed["cohort_type"] == "behavioral"
        assert (await at.ready(saved["id"]))["count"] < saved["count"]
        history = await at.get(f"{at.cohorts}{saved['id']}/calculation_history/")
        renamed = await at.change(saved["id"], name="Weekly buyers")
    assert [one["is_successful"] for one in history["results"]] == [True, True]
    assert renamed["name"] == "Weekly buyers" and not renamed["is_calculating"]


async def test_stored_filters_hold_what_the_server_added_and_are_not_taken_back(shared: Sandbox) -> None:
    async with desk(shared) as at:
        saved = await at.named("Gold members")
        leaf = saved["filters"]["properties"]["values"][0]["values"][0]
        await at.change(saved["id"], 400, filters=saved["filters"])
    assert leaf["bytecode"] and leaf["conditionHash"]


async def test_a_deleted_cohort_leaves_the_list_and_comes_back(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        number = (await at.named("Lapsed buyers"))["id"]
        before = (await at.get(at.cohorts))["count"]
        assert (await at.change(number, deleted=True))["deleted"]
        assert (await at.get(at.cohorts))["count"] == before - 1
        assert (await at.get(f"{at.cohorts}{number}/"))["deleted"]
        await at.change(number, deleted=False)
        assert (await at.get(at.cohorts))["count"] == before
        log = (await at.get(f"{at.cohorts}{number}/activity/"))["results"]
    assert [entry["activity"] for entry in log] == ["restored", "deleted", "created"]


async def test_a_hard_delete_is_a_405_without_a_body(shared: Sandbox) -> None:
    async with desk(shared) as at:
        answer = await at.http.delete(f"{at.cohorts}{(await at.named('Gold members'))['id']}/")
    assert (answer.status_code, answer.content) == (405, b"")


async def test_what_is_in_use_cannot_be_deleted_or_become_behavioral(shared: Sandbox) -> None:
    async with desk(shared) as at:
        flagged, referred = await at.named("Gold members"), await at.named("Frequent buyers")
        assert "early-access-sale" in (await at.change(flagged["id"], 400, deleted=True))["detail"]
        assert "Loyal circle" in (await at.change(referred["id"], 400, deleted=True))["detail"]
        error = await at.change(flagged["id"], 400, filters=filters(did("page.visit")))
    assert error["code"] == "behavioral_cohort_found"


async def test_cohorts_cannot_refer_to_each_other_in_a_loop(shared: Sandbox) -> None:
    async with desk(shared) as at:
        inner, outer = await at.named("Frequent buyers"), await at.named("Loyal circle")
        loop = filters({"type": "cohort", "key": "id", "value": outer["id"]})
        assert "loop" in (await at.change(inner["id"], 400, filters=loop))["detail"]


async def test_the_criteria_of_a_static_cohort_stay(shared: Sandbox) -> None:
    async with desk(shared) as at:
        number = (await at.named("Preview panel"))["id"]
        await at.change(number, 400, query={**SQL, "query": "select id from persons"})


async def test_a_copy_as_static_keeps_the_members_and_is_made_by_a_get(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        source = await at.named("Frequent buyers")
        copy = await at.get(f"{at.cohorts}{source['id']}/duplicate_as_static_cohort/")
        ready = await at.ready(copy["id"])
        assert (ready["name"], ready["is_static"]) == ("Frequent buyers (static copy)", True)
        assert ready["count"] == source["count"]
        again = await at.http.get(f"{at.cohorts}{copy['id']}/duplicate_as_static_cohort/")
    assert again.status_code == 400


async def test_the_change_log_is_paged_by_number_and_counts_in_total(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        number = (await at.create(name="One"))["id"]
        await at.change(number, name="Two")
        first = await at.get(f"{at.cohorts}activity/", limit=2)
        second = (await at.http.get(first["next"])).json()
        unknown = await at.http.get(f"{at.cohorts}77/activity/")
    assert [entry["activity"] for entry in first["results"]] == ["updated", "created"]
    change = first["results"][0]["detail"]["changes"][0]
    assert (change["field"], change["before"], change["after"]) == ("name", "One", "Two")
    assert second["total_count"] == first["total_count"] > 4
    assert second["previous"] and second["results"] != first["results"]
    assert (unknown.status_code, unknown.content) == (404, b"")


async def test_calculations_are_paged_by_bare_query_strings(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        number = (await at.named("Newsletter readers"))["id"]
        await at.change(number, filters=filters(did("page.visit")))
        await at.ready(number)
        first = await at.get(f"{at.cohorts}{number}/calculation_history/", limit=1)
        second = await at.get(f"{at.cohorts}{number}/calculation_history/{first['next']}")
    assert (first["next"], first["count"]) == ("?limit=1&offset=1", 2)
    assert second["next"] is None and second["previous"] == "?limit=1&offset=0"


async def test_a_calculation_that_fails_is_told_by_the_cohort_and_its_history(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        made = await at.create(name="Broken", is_static=True, query={**SQL, "query": "select event from events"})
        found = await at.ready(made["id"])
        history = (await at.get(f"{at.cohorts}{made['id']}/calculation_history/"))["results"]
    assert found["errors_calculating"] == 1 and "person_id" in found["last_error_message"]
    assert not history[0]["is_successful"] and history[0]["error"] == found["last_error_message"]
