"""People by lifecycle and stickiness and behind a trend, against the world's own rows; keys are always refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.posthog.access import COOKIE, FULL, SESSION

from .checked import client
from .posthog_desk import Desk, desk

pytestmark = pytest.mark.anyio
VISIT = json.dumps([{"id": "page.visit", "type": "events"}])
ACTIVE = """SELECT DISTINCT custom_id FROM events JOIN profiles USING (workspace, profile_id)
    WHERE workspace = ? AND name = 'page.visit' AND date_trunc(?, "at") = date_trunc(?, ?::TIMESTAMP)"""


async def people(at: Desk, name: str, **query: Any) -> set[str]:
    page = await at.get(f"{at.persons}{name}/", limit=1000, **query)
    found = page["results"][0]
    assert found["count"] == len(found["people"]) and page["next"] is None
    return {person["properties"]["customer_id"] for person in found["people"]}


@pytest.mark.parametrize("name", ["lifecycle", "stickiness", "trends"])
async def test_a_key_is_refused_whatever_it_may_do(shared: Sandbox, name: str) -> None:
    async with desk(shared, key=FULL.value) as at:
        answer = await at.http.get(f"{at.persons}{name}/", params={"events": VISIT})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


async def test_a_browser_is_known_by_its_cookie_too(shared: Sandbox) -> None:
    async with client(shared, "posthog", cookies={COOKIE: SESSION.value}) as http:
        path = f"/api/projects/{shared.state.world.workspace('main').posthog_project}/persons/trends/"
        assert (await http.get(path, params={"entity_id": "page.visit"})).status_code == 200


@pytest.mark.parametrize(("interval", "back"), [("day", 3), ("week", 10), ("month", 40)])
async def test_the_lifecycle_sorts_everybody_who_is_or_was_there(shared: Sandbox, interval: str, back: int) -> None:
    world = shared.state.world
    target = world.now - timedelta(days=back)
    kinds = ("new", "returning", "resurrecting", "dormant")
    async with desk(shared, key=SESSION.value) as at:
        parts = {
            kind: await people(
                at,
                "lifecycle",
                events=VISIT,
                interval=interval,
                target_date=target.isoformat(),
                date_from="-90d",
                lifecycle_type=kind,
            )
            for kind in kinds
        }
        shift = timedelta(days=1) if interval == "week" else timedelta()  # PostHog's weeks start on Sunday
        moved = ACTIVE.replace('"at"', f'"at" + INTERVAL {shift.days} DAY')
        active = at.ids(moved, interval, interval, target + shift)
        step = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=target.day)}[interval]
        before = at.ids(moved, interval, interval, target + shift - step)
        joined = at.ids(
            f"""SELECT custom_id FROM profiles WHERE workspace = ? AND date_trunc('{interval}', created_at
            + INTERVAL {shift.days} DAY) = date_trunc('{interval}', ?::TIMESTAMP)""",
            target + shift,
        )
        recent = at.ids(
            f"""SELECT custom_id FROM profiles WHERE workspace = ? AND date_trunc('{interval}', created_at
            + INTERVAL {shift.days} DAY) = date_trunc('{interval}', ?::TIMESTAMP)""",
            target + shift - step,
        )
    assert parts["new"] | parts["returning"] | parts["resurrecting"] == active != set()
    assert sum(len(parts[kind]) for kind in kinds[:3]) == len(active)
    assert parts["new"] == active & joined
    assert parts["returning"] == (active - joined) & (before | recent)
    assert parts["dormant"] == before - active != set()


async def test_outside_its_dates_a_lifecycle_has_nobody(shared: Sandbox) -> None:
    async with desk(shared, key=SESSION.value) as at:
        for target, expected in (("-3d", True), ("-30d", False)):
            found = await people(at, "lifecycle", events=VISIT, target_date=target, lifecycle_type="resurrecting")
            assert bool(found) is expected


@pytest.mark.parametrize(
    "query",
    [
        {"events": VISIT, "lifecycle_type": "new"},
        {"events": VISIT, "target_date": "-1d"},
        {"events": VISIT, "target_date": "soon", "lifecycle_type": "new"},
        {"target_date": "-1d", "lifecycle_type": "new"},
    ],
)
async def test_the_lifecycle_refuses_in_a_body_of_its_own(shared: Sandbox, query: dict[str, str]) -> None:
    async with desk(shared, key=SESSION.value) as at:
        answer = await at.http.get(f"{at.persons}lifecycle/", params=query)
    assert answer.status_code == 400 and set(answer.json()) == {"message", "detail"}


@pytest.mark.parametrize("interval", ["hour", "day", "month"])
async def test_stickiness_counts_the_intervals_of_each_person(shared: Sandbox, interval: str) -> None:
    counted = f"""SELECT custom_id FROM events JOIN profiles USING (workspace, profile_id)
        WHERE workspace = ? AND name = 'page.visit' AND "at" >= ?::DATE - 60
        GROUP BY custom_id HAVING count(DISTINCT date_trunc('{interval}', "at")) = ?"""
    query = {"entity_id": "page.visit", "entity_type": "events", "date_from": "-60d", "interval": interval}
    async with desk(shared, key=SESSION.value) as at:
        for days in (1, 2, 3):
            found = await people(at, "stickiness", stickiness_days=days, **query)
            assert found == at.ids(counted, shared.state.world.today, days)
            assert found or days == 3
        assert await people(at, "stickiness", **query) == set()


async def test_a_trend_has_people_with_how_often_they_did_it(shared: Sandbox) -> None:
    world = shared.state.world
    expected = world.rows(
        """SELECT custom_id, count(*) AS times FROM events JOIN profiles USING (workspace, profile_id)
        WHERE workspace = 'main' AND name = 'product.view' AND category = 'Kitchen' AND country = 'GB'
            AND "at" >= ?::DATE - 30 GROUP BY custom_id""",
        [world.today],
    )
    narrowed = [{"key": "category", "value": "Kitchen"}, {"key": "country", "type": "person", "value": "GB"}]
    async with desk(shared, key=SESSION.value) as at:
        page = await at.get(
            f"{at.persons}trends/",
            entityId="product.view",
            type="events",
            date_from="-30d",
            properties=json.dumps(narrowed),
            limit=1000,
        )
        broken = await people(
            at,
            "trends",
            entity_id="product.view",
            date_from="-30d",
            properties=json.dumps(narrowed[1:]),
            breakdown="category",
            breakdown_value="Kitchen",
        )
    found = page["results"][0]["people"]
    told = {one["properties"]["customer_id"]: one["value_at_data_point"] for one in found}
    assert told == {row["custom_id"]: row["times"] for row in expected} != {}
    assert list(told.values()) == sorted(told.values(), reverse=True)
    assert broken == set(told)


async def test_a_trend_of_the_month_looks_back_from_its_end(shared: Sandbox) -> None:
    async with desk(shared, key=SESSION.value) as at:
        day = {"entity_id": "page.visit", "date_from": "-2d", "date_to": "-2d"}
        one, week, month = [
            await people(at, "trends", entity_math=math, **day) for math in ("total", "weekly_active", "monthly_active")
        ]
        assert one == at.ids(ACTIVE, "day", "day", shared.state.world.now - timedelta(days=2))
    assert one < week < month


async def test_filters_search_samples_and_pages_narrow_a_trend(shared: Sandbox) -> None:
    async with desk(shared, key=SESSION.value) as at:
        query = {"entity_id": "page.visit", "date_from": "all"}
        everybody = await people(at, "trends", **query)
        gold = await at.named("Gold members")
        inside = json.dumps([{"type": "cohort", "key": "id", "value": gold["id"]}])
        assert len(await people(at, "trends", properties=inside, **query)) <= gold["count"]
        by_sql = json.dumps([{"type": "hogql", "key": "properties.$device_type = 'mobile'"}])
        assert set() < await people(at, "trends", properties=by_sql, **query) < everybody
        assert set() < await people(at, "trends", sampling_factor=0.5, **query) < everybody
        assert await people(at, "trends", sampling_factor=0, **query) == set()
        assert set() < await people(at, "trends", search="nowak", **query) < everybody
        first = await at.get(f"{at.persons}trends/", limit=10, **query)
        second = (await at.http.get(first["next"])).json()
        pages = [[one["uuid"] for one in page["results"][0]["people"]] for page in (first, second)]
        assert len({*pages[0], *pages[1]}) == 20
        action = json.dumps([{"id": 1, "type": "actions"}])
        assert await people(at, "trends", actions=action, date_from="all") == await people(
            at, "trends", entity_id="transaction.charge", date_from="all"
        )


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"entity_id": "99", "entity_type": "actions"},
        {"entity_id": "page.visit", "entity_math": "sum"},
        {"entity_id": "page.visit", "date_from": "once upon a time"},
        {"entity_id": "page.visit", "properties": json.dumps([{"key": "x", "type": "session", "value": 1}])},
        {"entity_id": "page.visit", "breakdown": "x", "breakdown_type": "group", "breakdown_value": "y"},
    ],
)
async def test_what_a_trend_cannot_be_made_of_is_refused(shared: Sandbox, query: dict[str, str]) -> None:
    async with desk(shared, key=SESSION.value) as at:
        answer = await at.http.get(f"{at.persons}trends/", params=query)
    assert (answer.status_code, answer.json()["type"]) == (400, "validation_error")
