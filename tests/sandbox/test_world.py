"""The made-up retailer: the same for a seed, plausible, and different in its two workspaces."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from audience_mcp.sandbox.world import FileRefused, World

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


AGO = "date_diff('day', e.\"at\"::DATE, DATE '2026-11-20')"


@pytest.fixture(scope="module")
def large() -> World:
    return World(7, TODAY, profiles=5000, events=200_000)


def counts(world: World, condition: str) -> Any:
    (row,) = world.rows(
        "SELECT count(*) FILTER (name = 'page.visit') AS visits, "
        "count(*) FILTER (name = 'product.addToCart') AS carts, "
        f"count(*) FILTER (name = 'transaction.charge') AS orders FROM events e JOIN profiles p USING (profile_id) "
        f"WHERE {condition}"
    )
    return row


def test_a_world_has_5000_people_and_200000_events_in_each_workspace(large: World) -> None:
    for table, count in (("profiles", 5000), ("events", 200_000)):
        rows = large.rows(f"SELECT workspace, count(*) AS n FROM {table} GROUP BY 1 ORDER BY 1")
        assert rows == [{"workspace": "main", "n": count}, {"workspace": "outlet", "n": count}]


def test_the_checkout_broke_on_mobile_for_five_days_and_recovered(large: World) -> None:
    def rate(device: str, days: str, workspace: str = "main") -> float:
        found = counts(large, f"e.workspace = '{workspace}' AND e.device {device} 'mobile' AND {AGO} BETWEEN {days}")
        return float(found["orders"] / found["carts"])

    assert rate("=", "30 AND 34") < 0.2 < 0.4 < rate("=", "35 AND 44")
    assert rate("=", "20 AND 29") > 0.4
    assert rate("<>", "30 AND 34") > 0.4
    assert rate("=", "30 AND 34", "outlet") > 0.4


@pytest.mark.parametrize(("workspace", "campaign", "day"), [("main", "flash-sale", 61), ("outlet", "clearance", 104)])
def test_a_campaign_brought_visits_and_orders_on_one_day(large: World, workspace: str, campaign: str, day: int) -> None:
    of_day = counts(large, f"e.workspace = '{workspace}' AND {AGO} = {day}")
    usual = counts(large, f"e.workspace = '{workspace}' AND {AGO} = {day + 7}")
    drawn = counts(large, f"e.workspace = '{workspace}' AND {AGO} = {day} AND campaign = '{campaign}'")
    before = counts(large, f"campaign = '{campaign}' AND {AGO} > {day}")
    assert of_day["visits"] > 2 * usual["visits"]
    assert of_day["orders"] > 2 * usual["orders"]
    assert drawn["visits"] > of_day["visits"] / 2
    assert before == {"visits": 0, "carts": 0, "orders": 0}


def test_one_persona_of_main_grows_while_the_others_hardly_do(large: World) -> None:
    rows = large.rows(
        "SELECT persona, count(*) / count(*) FILTER (created_at < DATE '2026-05-25') AS growth FROM profiles "
        "WHERE workspace = 'main' GROUP BY 1 ORDER BY 1"
    )
    growth = [row["growth"] for row in rows]
    assert growth[4] > 3 > 1.6 > max(growth[:4])


def test_people_in_germany_still_visit_but_stopped_buying(large: World) -> None:
    def per_visit(condition: str) -> float:
        found = counts(large, f"e.workspace = 'main' AND {condition}")
        return float(found["orders"] / found["visits"])

    assert per_visit(f"country = 'DE' AND {AGO} < 40") < 0.04
    assert per_visit(f"country = 'DE' AND {AGO} >= 45") > 0.12
    assert per_visit(f"country <> 'DE' AND {AGO} < 30") > 0.12


def test_the_outlet_sells_no_garden_goods_and_lives_on_telephones(large: World) -> None:
    rows = large.rows(
        "SELECT workspace, count(*) FILTER (category = 'Garden') AS garden, "
        "count(*) FILTER (device = 'mobile') / count(*) AS mobile FROM events GROUP BY 1 ORDER BY 1"
    )
    main, outlet = rows
    assert main["garden"] > 0 == outlet["garden"]
    assert outlet["mobile"] > main["mobile"] + 0.1


def test_a_world_can_be_kept_in_a_file_and_found_there_again(tmp_path: Path) -> None:
    file = tmp_path / "world.duckdb"

    def prints() -> Any:
        made = World(3, TODAY, profiles=50, events=1000, file=file)
        with made.connection() as cursor:
            return cursor.execute('SELECT count(*), max(e."at") FROM events e').fetchall()

    assert prints() == prints()


@pytest.mark.parametrize("other", [{"seed": 4}, {"events": 2000}])
def test_a_file_with_another_world_is_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    recipe: dict[str, Any] = {"seed": 3, "today": TODAY, "profiles": 50, "events": 1000}
    World(**recipe, file=tmp_path / "world.duckdb").connection().close()
    with pytest.raises(FileRefused):
        World(**{**recipe, **other}, file=tmp_path / "world.duckdb").connection()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database " * 1000)
    with pytest.raises(FileRefused):
        World(3, TODAY, profiles=50, events=1000, file=tmp_path / "notes.txt").connection()
