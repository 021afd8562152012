"""The made-up retailer: the same for a seed, plausible, and different in its two workspaces."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from audience_mcp.sandbox.world import World

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def world() -> World:
    return World(7, TODAY, profiles=400, events=12_000)


def test_the_same_seed_and_day_give_the_same_events() -> None:
    def fingerprint(seed: int) -> Any:
        made = World(seed, TODAY, profiles=50, events=1000)
        return made.rows("SELECT md5(string_agg(e::VARCHAR, '' ORDER BY event_id)) AS print FROM events e")

    assert fingerprint(3) == fingerprint(3)
    assert fingerprint(3) != fingerprint(4)


def test_each_workspace_has_as_many_profiles_and_events_as_asked_for(world: World) -> None:
    for table, count in (("profiles", 400), ("events", 12_000)):
        rows = world.rows(f"SELECT workspace, count(*) AS n FROM {table} GROUP BY 1 ORDER BY 1")
        assert rows == [{"workspace": "main", "n": count}, {"workspace": "outlet", "n": count}]


def test_events_fill_the_180_days_that_end_today(world: World) -> None:
    (row,) = world.rows('SELECT min(e."at")::DATE AS first, max(e."at")::DATE AS last FROM events e')
    assert TODAY - timedelta(days=179) <= row["first"] < TODAY - timedelta(days=170)
    assert row["last"] == TODAY


def test_nobody_acts_before_joining(world: World) -> None:
    early = world.rows('SELECT 1 FROM events e JOIN profiles p USING (profile_id) WHERE e."at" < p.created_at')
    assert early == []


def test_event_ids_follow_time(world: World) -> None:
    late = world.rows(
        'SELECT 1 FROM (SELECT e."at" AS moment, lag(e."at") OVER (PARTITION BY workspace ORDER BY event_id) AS before '
        "FROM events e) WHERE moment < before"
    )
    assert late == []


@pytest.mark.parametrize("workspace", ["main", "outlet"])
def test_fewer_people_get_to_each_further_step_of_the_shop(world: World, workspace: str) -> None:
    rows = world.rows("SELECT name, count(*) AS n FROM events WHERE workspace = ? GROUP BY 1", [workspace])
    count = {row["name"]: row["n"] for row in rows}
    assert count["product.view"] > count["product.addToCart"] > count["transaction.charge"] > 0
    assert {"page.visit", "newsletter.open", "app.session", "chat.contact"} <= count.keys()


def test_weekends_are_busier(world: World) -> None:
    rows = world.rows('SELECT isodow(e."at") >= 6 AS weekend, count(*) AS n FROM events e GROUP BY 1')
    count = {row["weekend"]: row["n"] for row in rows}
    assert count[True] / 2 > 1.15 * count[False] / 5


def test_only_carts_and_purchases_have_amounts(world: World) -> None:
    rows = world.rows("SELECT DISTINCT name FROM events WHERE amount IS NOT NULL ORDER BY 1")
    assert [row["name"] for row in rows] == ["product.addToCart", "transaction.charge"]


def test_the_outlet_sells_cheaper_and_to_more_of_its_visitors(world: World) -> None:
    rows = world.rows(
        "SELECT workspace, avg(amount) FILTER (name = 'transaction.charge') AS basket, "
        "count(*) FILTER (name = 'transaction.charge') / count(*) FILTER (name = 'product.view') AS rate "
        "FROM events GROUP BY 1 ORDER BY 1"
    )
    main, outlet = rows
    assert outlet["basket"] < main["basket"]
    assert outlet["rate"] > main["rate"]


def test_people_have_one_of_five_personas_and_a_unique_address(world: World) -> None:
    (row,) = world.rows("SELECT count(DISTINCT persona) AS personas, count(DISTINCT email) AS addresses FROM profiles")
    assert row == {"personas": 5, "addresses": 800}


def test_identifiers_of_a_workspace_are_fixed_for_a_seed(world: World) -> None:
    again = World(7, date(2020, 1, 1), profiles=1, events=1)
    assert again.workspaces == world.workspaces
    assert World(8, TODAY, profiles=1, events=1).workspaces != world.workspaces
    assert world.rows("SELECT key, synerise_guid FROM workspaces ORDER BY key") == [
        {"key": one.key, "synerise_guid": one.synerise_guid} for one in world.workspaces
    ]
