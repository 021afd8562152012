"""The people of a PostHog cohort: reading them in pages and as CSV, adding and removing by hand."""

from __future__ import annotations

import csv
import io
import json
from uuid import uuid4

import pytest

from audience_mcp.sandbox import Sandbox

from .posthog_desk import Desk, desk, did, filters, person

pytestmark = pytest.mark.anyio


async def everybody(at: Desk, number: int, limit: int) -> list[list[str]]:
    """The people of a cohort page by page, following next."""
    path, pages = f"{at.cohorts}{number}/persons/?limit={limit}", []
    while path:
        page = await at.get(path)
        pages.append([one["uuid"] for one in page["results"]])
        assert "count" not in page
        path = page["next"].partition("/posthog")[2] if page["next"] else ""
    return pages


async def test_people_are_read_in_pages_until_one_is_not_full(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        saved = await at.named("Preview panel")
        pages = await everybody(at, saved["id"], 7)
        people = [one for page in pages for one in page]
        assert len(people) == len(set(people)) == saved["count"]
        exact = await everybody(at, saved["id"], saved["count"])
    assert [len(page) for page in exact] == [saved["count"], 0]


async def test_next_is_absolute_at_first_and_relative_once_an_offset_was_sent(shared: Sandbox) -> None:
    async with desk(shared) as at:
        number = (await at.named("Preview panel"))["id"]
        first = await at.get(f"{at.cohorts}{number}/persons/", limit=5)
        second = await at.get(f"{at.cohorts}{number}/persons/", limit=5, offset=5)
    assert first["next"].startswith("http://sandbox/")
    assert second["next"].startswith("/posthog/api/") and second["previous"].startswith("/posthog/api/")


async def test_people_can_be_searched_and_filtered_by_properties(shared: Sandbox) -> None:
    async with desk(shared) as at:
        path = f"{at.cohorts}{(await at.named('Newsletter readers'))['id']}/persons/"
        whole = (await at.get(path, limit=500))["results"]
        one = whole[0]["properties"]["email"]
        assert [found["name"] for found in (await at.get(path, search=one.upper()))["results"]] == [one]
        gold = (await at.get(path, limit=500, properties=json.dumps([person("tier", "exact", "gold")])))["results"]
        assert len(gold) == sum(found["properties"]["tier"] == "gold" for found in whole)
        for wrong in ({"key": "a", "type": "group"}, person("city", "regex", "(?=x)"), person("city", "gt", "x")):
            answer = await at.http.get(path, params={"properties": json.dumps([wrong])})
            assert (answer.status_code, answer.json()["attr"]) == (400, "properties")


async def test_a_person_shows_at_most_ten_distinct_ids(shared: Sandbox) -> None:
    everyone = "select count() from persons where length(distinct_ids) > 10"
    async with desk(shared) as at:
        heavy = (await at.rows(everyone))[0][0]
        shown = (await at.get(at.persons, limit=1000))["results"]
    assert heavy > 0 and max(len(one["distinct_ids"]) for one in shown) == 10


async def test_csv_holds_everybody_with_the_email_first(shared: Sandbox) -> None:
    async with desk(shared) as at:
        saved = await at.named("Newsletter readers")
        path = f"{at.cohorts}{saved['id']}/persons/"
        whole = await at.http.get(path, params={"format": "csv"})
        part = await at.http.get(path, params={"format": "csv", "limit": 3})
    rows = list(csv.DictReader(io.StringIO(whole.text)))
    assert whole.headers["content-type"].startswith("text/csv")
    assert len(rows) == saved["count"] and len(list(csv.DictReader(io.StringIO(part.text)))) == 3
    assert next(iter(rows[0])) == "properties.email" and "is_identified" not in rows[0]


async def test_people_are_added_once_and_strangers_are_passed_over(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        given = [one["uuid"] for one in (await at.get(at.persons, limit=3))["results"]]
        number = (await at.create(name="By hand", is_static=True))["id"]
        path = f"{at.cohorts}{number}/add_persons_to_static_cohort/"
        for _ in range(2):
            body = {"person_ids": [*given, str(uuid4())]}
            assert await at.send("PATCH", path, body, 200) == {"success": True}
        assert (await at.ready(number))["count"] == 3
        await at.send("PATCH", path, {"person_ids": [str(uuid4())]}, 400)
        log = (await at.get(f"{at.cohorts}{number}/activity/"))["results"]
    assert [entry["activity"] for entry in log] == ["persons_added_manually"] * 2 + ["created"]


@pytest.mark.parametrize("body", [{}, {"person_ids": []}, {"person_ids": "x"}, {"person_ids": [str(uuid4())] * 1001}])
async def test_a_list_of_persons_has_bounds(shared: Sandbox, body: dict[str, object]) -> None:
    async with desk(shared) as at:
        number = (await at.named("Preview panel"))["id"]
        error = await at.send("PATCH", f"{at.cohorts}{number}/add_persons_to_static_cohort/", body, 400)
    assert error["attr"] == "person_ids"


async def test_one_person_is_removed_and_is_then_no_member(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        saved = await at.named("Preview panel")
        path = f"{at.cohorts}{saved['id']}/"
        gone = (await at.get(f"{path}persons/", limit=1))["results"][0]["uuid"]
        remove = f"{path}remove_person_from_static_cohort/"
        assert await at.send("PATCH", remove, {"person_id": gone}, 200) == {"success": True}
        assert (await at.get(path))["count"] == saved["count"] - 1
        await at.send("PATCH", remove, {"person_id": gone}, 404)
        await at.send("PATCH", remove, {"person_id": str(uuid4())}, 404)
        await at.send("PATCH", remove, {"person_id": "MM-000001"}, 400)


async def test_a_dynamic_cohort_takes_nobody_by_hand(shared: Sandbox) -> None:
    async with desk(shared) as at:
        number = (await at.named("Newsletter readers"))["id"]
        someone = (await at.get(at.persons, limit=1))["results"][0]["uuid"]
        await at.send("PATCH", f"{at.cohorts}{number}/add_persons_to_static_cohort/", {"person_ids": [someone]}, 400)
        await at.send("PATCH", f"{at.cohorts}{number}/remove_person_from_static_cohort/", {"person_id": someone}, 400)


async def test_a_cohort_that_is_still_calculating_has_its_old_people(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        number = (await at.create(filters=filters(did("page.visit"))))["id"]
        assert (await at.get(f"{at.cohorts}{number}/persons/"))["results"] == []
        assert (await at.get(f"{at.cohorts}{number}/persons/"))["results"] != []
