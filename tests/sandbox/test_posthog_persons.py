"""PostHog persons: finding them, property values, properties at a time, and what only sessions may ask."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audience_mcp.sandbox import Sandbox

from .posthog_desk import desk

pytestmark = pytest.mark.anyio


async def test_persons_are_found_by_email_distinct_id_and_text(shared: Sandbox) -> None:
    row = shared.state.world.rows("SELECT * FROM profiles WHERE workspace = 'main' ORDER BY profile_id LIMIT 1")[0]
    async with desk(shared) as at:
        by_email = (await at.get(at.persons, email=row["email"]))["results"]
        by_id = (await at.get(at.persons, distinct_id=row["custom_id"]))["results"]
        by_text = (await at.get(at.persons, search=row["email"][:-4]))["results"]
        assert [one["uuid"] for one in by_email] == [one["uuid"] for one in by_id] == [str(row["uuid"])]
        assert str(row["uuid"]) in {one["uuid"] for one in by_text}
        assert (await at.get(at.persons, email=row["email"].upper()))["results"] == []
        first = await at.get(at.persons, limit=50)
    assert first["results"] == sorted(first["results"], key=lambda one: str(one["created_at"]), reverse=True)


async def test_one_person_is_read_by_uuid_or_number_but_not_by_distinct_id(shared: Sandbox) -> None:
    async with desk(shared) as at:
        someone = (await at.get(at.persons, limit=1))["results"][0]
        assert await at.get(f"{at.persons}{someone['uuid']}/") == someone
        number = shared.state.world.rows("SELECT profile_id FROM profiles WHERE uuid = ?", [someone["uuid"]])[0]
        assert await at.get(f"{at.persons}{number['profile_id']}/") == someone
        distinct = await at.http.get(f"{at.persons}{someone['distinct_ids'][0]}/")
        nobody = await at.http.get(f"{at.persons}00000000-0000-4000-8000-000000000000/")
    assert (distinct.status_code, nobody.status_code) == (400, 404)


async def test_values_of_a_property_are_a_bare_list_the_most_frequent_first(shared: Sandbox) -> None:
    tiers = shared.state.world.rows(
        "SELECT tier AS name, count(*) AS count FROM profiles WHERE workspace = 'main' GROUP BY 1 ORDER BY 2 DESC"
    )
    async with desk(shared) as at:
        assert await at.get(f"{at.persons}values/", key="tier") == tiers
        assert await at.get(f"{at.persons}values/", key="tier", value="OL") == [
            one for one in tiers if "ol" in one["name"]
        ]
        assert await at.get(f"{at.persons}values/", key="$virt_revenue") == []
        for unknown in ("shoe_size", '"', "\\"):
            assert await at.get(f"{at.persons}values/", key=unknown) == []


async def test_properties_at_a_time_are_those_of_the_events_until_then(shared: Sandbox) -> None:
    world = shared.state.world
    buyer = world.rows(
        """SELECT custom_id, uuid, min("at") AS first, max("at") AS last, count(*) AS orders
        FROM events JOIN profiles USING (workspace, profile_id)
        WHERE workspace = 'main' AND name = 'transaction.charge'
        GROUP BY custom_id, uuid HAVING orders > 1 ORDER BY custom_id LIMIT 1"""
    )[0]
    moments = [buyer["first"] - timedelta(seconds=1), buyer["first"], buyer["last"]]
    path = f"{world.workspace('main').posthog_project}/persons/properties_at_time/"
    async with desk(shared) as at:
        told = [
            await at.get(f"/api/projects/{path}", distinct_id=buyer["custom_id"], timestamp=f"{moment.isoformat()}Z")
            for moment in moments
        ]
        by_person = await at.get(
            f"/api/projects/{path}",
            person_id=str(buyer["uuid"]),
            timestamp=f"{buyer['last'].isoformat()}Z",
            include_set_once="true",
        )
    assert [one["properties"].get("orders_count") for one in told] == [None, 1, buyer["orders"]]
    assert told[0]["point_in_time_metadata"]["query_mode"] == "distinct_id"
    assert by_person["point_in_time_metadata"]["person_id_used"] == str(buyer["uuid"])
    assert {"$initial_device_type", "email"} <= by_person["properties"].keys()
    assert "$initial_device_type" not in told[2]["properties"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"timestamp": "2026-09-01T00:00:00Z"}, 400),
        (
            {
                "timestamp": "2026-09-01T00:00:00Z",
                "distinct_id": "a",
                "person_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
            },
            400,
        ),
        ({"distinct_id": "MM-000001"}, 400),
        ({"timestamp": "yesterday", "distinct_id": "MM-000001"}, 400),
        ({"timestamp": "2026-09-01T00:00:00Z", "distinct_id": "nobody"}, 404),
    ],
)
async def test_properties_at_a_time_refuse_in_one_sentence(shared: Sandbox, query: dict[str, str], status: int) -> None:
    async with desk(shared) as at:
        answer = await at.http.get(f"{at.persons}properties_at_time/", params=query)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]


async def test_freeing_a_distinct_id_is_accepted_without_a_body(shared: Sandbox) -> None:
    async with desk(shared) as at:
        answer = await at.http.post(f"{at.persons}reset_person_distinct_id/", json={"distinct_id": "old"})
        assert (answer.status_code, answer.content) == (202, b"")
        error = await at.send("POST", f"{at.persons}reset_person_distinct_id/", {"properties": {}}, 400)
    assert (error["code"], error["attr"]) == ("required", "distinct_id")


@pytest.mark.parametrize("name", ["lifecycle", "stickiness", "trends"])
async def test_some_endpoints_refuse_every_personal_key(shared: Sandbox, name: str) -> None:
    async with desk(shared) as at:
        answer = await at.http.get(f"{at.persons}{name}/")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
