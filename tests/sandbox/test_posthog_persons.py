"""PostHog persons: finding them, property values, properties at a time."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from audience_mcp.sandbox import Sandbox

from .posthog_desk import Desk, Json, desk

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


async def at_time(at: Desk, customer: str, moment: datetime, **query: str) -> Json:
    path = f"{at.persons}properties_at_time/"
    told: Json = await at.get(path, distinct_id=customer, timestamp=f"{moment.isoformat()}Z", **query)
    return told


async def test_orders_are_counted_up_to_the_time(shared: Sandbox) -> None:
    buyer = shared.state.world.rows(
        """SELECT custom_id, uuid, min("at") AS first, max("at") AS last, count(*) AS orders
        FROM events JOIN profiles USING (workspace, profile_id)
        WHERE workspace = 'main' AND name = 'transaction.charge'
        GROUP BY custom_id, uuid HAVING orders > 1 ORDER BY custom_id LIMIT 1"""
    )[0]
    moments = [buyer["first"] - timedelta(seconds=1), buyer["first"], buyer["last"]]
    async with desk(shared) as at:
        told = [await at_time(at, buyer["custom_id"], moment) for moment in moments]
        by_person = await at.get(
            f"{at.persons}properties_at_time/",
            person_id=str(buyer["uuid"]),
            timestamp=f"{buyer['last'].isoformat()}Z",
            include_set_once="true",
        )
    assert [one["properties"].get("orders_count") for one in told] == [None, 1, buyer["orders"]]
    assert told[0]["point_in_time_metadata"]["query_mode"] == "distinct_id"
    assert by_person["point_in_time_metadata"]["person_id_used"] == str(buyer["uuid"])
    assert "$initial_device_type" in by_person["properties"]
    assert "$initial_device_type" not in told[2]["properties"]


async def test_a_change_is_an_event_and_is_seen_from_then_on(shared: Sandbox) -> None:
    sql = """select distinct_id, timestamp, properties.$set from events
        where event = '$set' and JSONHas(properties, '$set') order by timestamp desc limit 60"""
    changed: set[str] = set()
    async with desk(shared) as at:
        for customer, moment, text in await at.rows(sql):
            then, change = datetime.fromisoformat(moment).replace(tzinfo=None), json.loads(text)
            before = (await at_time(at, customer, then - timedelta(seconds=1)))["properties"]
            after = (await at_time(at, customer, then))["properties"]
            assert all(after[key] == value != before.get(key) for key, value in change.items())
            changed |= change.keys()
    assert {"tier", "newsletter"} <= changed


async def test_at_the_end_everything_told_is_what_a_person_is(shared: Sandbox) -> None:
    world = shared.state.world
    recent = world.rows(
        """SELECT custom_id FROM profiles WHERE workspace = 'main' AND created_at > ?::TIMESTAMP - INTERVAL 729 DAY
        AND profile_id IN (SELECT profile_id FROM events) ORDER BY custom_id LIMIT 40""",
        [world.now],
    )
    async with desk(shared) as at:
        for row in recent:
            now = (await at.get(at.persons, distinct_id=row["custom_id"]))["results"][0]
            told = await at_time(at, row["custom_id"], world.now, include_set_once="true")
            assert told["properties"] == now["properties"]


async def test_nothing_is_known_from_more_than_two_years_before(shared: Sandbox) -> None:
    world = shared.state.world
    old = world.rows(
        """SELECT custom_id, created_at FROM profiles WHERE workspace = 'main'
        AND created_at < ?::TIMESTAMP - INTERVAL 735 DAY ORDER BY custom_id LIMIT 1""",
        [world.now],
    )[0]
    async with desk(shared) as at:
        joined = (await at_time(at, old["custom_id"], old["created_at"]))["properties"]
        late = (await at_time(at, old["custom_id"], old["created_at"] + timedelta(days=731)))["properties"]
        early = await at_time(at, old["custom_id"], old["created_at"] - timedelta(seconds=1))
    assert "email" in joined and "email" not in late
    assert early["properties"] == {}


async def test_what_is_told_of_people_makes_nobody_active(shared: Sandbox) -> None:
    since = shared.state.world.since
    told = "event in ('$set', '$set_once')"
    seconds = f"select distinct_id, timestamp from events where {told} and timestamp >= '{since}' limit 50000"
    async with desk(shared) as at:
        came = {
            tuple(row)
            for row in await at.rows("select distinct_id, timestamp from events where not " + told + " limit 50000")
        }
        assert {tuple(row) for row in await at.rows(seconds)} <= came


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
