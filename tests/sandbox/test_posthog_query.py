"""HogQL in the PostHog sandbox: simple selects are answered, everything else is refused."""

from __future__ import annotations

from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox

from .posthog_desk import Json, desk

pytestmark = pytest.mark.anyio


async def asked(shared: Sandbox, hogql: str, status: int = 200, **more: Any) -> Json:
    async with desk(shared) as at:
        body = {"query": {"kind": "HogQLQuery", "query": hogql, **more}}
        return await at.send("POST", f"{at.project}/query/", body, status)


def counted(shared: Sandbox, sql: str) -> list[list[Any]]:
    return [list(row.values()) for row in shared.state.world.rows(sql)]


async def test_a_select_answers_columns_types_and_rows_of_that_project(shared: Sandbox) -> None:
    answer = await asked(
        shared,
        "select event, count() from events where event not in ('$set', '$set_once') group by event order by event",
    )
    assert answer["columns"] == ["event", "count()"]
    assert answer["types"] == [["event", "String"], ["count()", "Int64"]]
    expected = "SELECT name, count(*) FROM events WHERE workspace = 'main' GROUP BY name ORDER BY name"
    assert answer["results"] == counted(shared, expected)
    assert answer["hasMore"] is False and answer["error"] is None


@pytest.mark.parametrize(
    ("hogql", "sql"),
    [
        (
            "select toDate(timestamp) as day, uniq(person_id) from events where timestamp > now() - interval 7 day"
            " group by day order by day",
            """SELECT "at"::DATE::VARCHAR, count(DISTINCT profile_id) FROM events
            WHERE workspace = 'main' AND "at" > TIMESTAMP '2026-11-20 23:59:59.999999' - INTERVAL 7 DAY
            GROUP BY 1 ORDER BY 1""",
        ),
        (
            "select properties.$device_type, sum(properties.amount) from events where event = 'transaction.charge'"
            " group by properties.$device_type order by 1",
            """SELECT device, sum(amount) FROM events WHERE workspace = 'main' AND name = 'transaction.charge'
            GROUP BY 1 ORDER BY 1""",
        ),
        (
            "select e.person.properties.country as country, countIf(event = 'chat.contact') from events as e"
            " group by country order by country",
            """SELECT country, count(*) FILTER (name = 'chat.contact') FROM events
            JOIN profiles USING (workspace, profile_id) WHERE workspace = 'main' GROUP BY 1 ORDER BY 1""",
        ),
        (
            "with buyers as (select person_id, count() as n from events where event = 'transaction.charge'"
            " group by person_id) select n, count() from buyers group by n order by n",
            """SELECT n, count(*) FROM (SELECT count(*) AS n FROM events WHERE workspace = 'main'
            AND name = 'transaction.charge' GROUP BY profile_id) GROUP BY n ORDER BY n""",
        ),
        (
            "select count() from persons where properties['tier'] = 'gold' or properties.birth_year > 1990",
            "SELECT count(*) FROM profiles WHERE workspace = 'main' AND (tier = 'gold' OR birth_year > 1990)",
        ),
        (
            "select toStartOfWeek(timestamp) as week, quantile(0.5)(properties.amount) from events"
            " where event = 'transaction.charge' and timestamp >= subtractDays(now(), 21) group by week order by week",
            """SELECT (date_trunc('week', "at" + INTERVAL 1 DAY) - INTERVAL 1 DAY)::DATE::VARCHAR, median(amount)
            FROM events WHERE workspace = 'main' AND name = 'transaction.charge'
            AND "at" >= TIMESTAMP '2026-11-20 23:59:59.999999' - INTERVAL 21 DAY GROUP BY 1 ORDER BY 1""",
        ),
        (
            "select multiIf(properties.amount >= 100, 'big', properties.amount >= 40, 'fair', 'small') as size, count()"
            " from events where event = 'transaction.charge' and isNotNull(person.properties.city)"
            " group by size order by 1",
            """SELECT CASE WHEN amount >= 100 THEN 'big' WHEN amount >= 40 THEN 'fair' ELSE 'small' END, count(*)
            FROM events WHERE workspace = 'main' AND name = 'transaction.charge' GROUP BY 1 ORDER BY 1""",
        ),
        (
            "select count() from events where event = 'page.visit' and person_id in cohort 'Gold members'",
            """SELECT count(*) FROM events JOIN profiles USING (workspace, profile_id)
            WHERE workspace = 'main' AND name = 'page.visit' AND tier = 'gold'""",
        ),
        (
            "select uniq(person_id) from events where person_id not in cohort 2048101",
            """SELECT count(DISTINCT profile_id) FROM events JOIN profiles USING (workspace, profile_id)
            WHERE workspace = 'main' AND tier <> 'gold'""",
        ),
        (
            "select count() from events where event = '$set' and properties.$set.tier = 'gold'"
            " and timestamp < '2020-01-01'",
            "SELECT 0",
        ),
        ("select 'it\\'s', 1 + 1 -- a remark", "SELECT 'it''s', 2"),
    ],
)
async def test_figures_are_those_of_the_world(shared: Sandbox, hogql: str, sql: str) -> None:
    assert (await asked(shared, hogql))["results"] == counted(shared, sql)


async def test_a_hundred_rows_come_unless_the_query_limits_itself(shared: Sandbox) -> None:
    usual = await asked(shared, "select event, timestamp from events")
    more = await asked(shared, "select event, timestamp from events limit 150")
    assert (len(usual["results"]), usual["hasMore"]) == (100, True)
    assert (len(more["results"]), more["hasMore"]) == (150, False)


async def test_placeholders_are_filled_from_values_and_filters(shared: Sandbox) -> None:
    answer = await asked(
        shared,
        "select count() from events where event = {name} and {filters}",
        values={"name": "page.visit"},
        filters={"dateRange": {"date_from": "-10d"}},
    )
    expected = """SELECT count(*) FROM events WHERE workspace = 'main' AND name = 'page.visit'
        AND "at" >= TIMESTAMP '2026-11-20 23:59:59.999999' - INTERVAL 10 DAY"""
    assert answer["results"] == counted(shared, expected)
    await asked(shared, "select {nothing}", 400)


async def test_cohort_members_can_be_joined(shared: Sandbox) -> None:
    async with desk(shared) as at:
        gold = await at.named("Gold members")
        rows = await at.rows(
            "select count(), countIf(p.properties.tier = 'gold') from cohort_people as c"
            f" join persons as p on p.id = c.person_id where c.cohort_id = {gold['id']}"
        )
    assert rows == [[gold["count"], gold["count"]]]


@pytest.mark.parametrize(
    "hogql",
    [
        "drop table events",
        "delete from events",
        "with gone as (delete from events returning *) select count() from gone",
        "select 1; select 2",
        "insert into cohort_people values (1, null)",
        "set memory_limit = '1TB'",
        "attach '/tmp/x.db'",
        "copy events to '/tmp/events.csv'",
        "install httpfs",
        "select * from '/etc/passwd'",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from glob('*')",
        "select * from profiles",
        "select * from facts",
        "select * from main.events",
        "select * from information_schema.tables",
        "select * from duckdb_settings()",
        "select getenv('HOME')",
        "select current_setting('threads')",
        "select pg_sleep(1)",
        "select * from range(10)",
        "select unnest([1, 2])",
        "describe events",
        "show tables",
        "pivot events on event",
        "select count() from events tablesample 10%",
        "select nothing from events",
        "select count() from events where person_id in cohort 'nobody'",
        "select count( from events",
        "select event::timestamptz from events",
        "",
    ],
)
async def test_anything_but_one_select_over_the_projects_tables_is_refused(shared: Sandbox, hogql: str) -> None:
    error = await asked(shared, hogql, 400)
    assert (error["type"], error["code"]) == ("validation_error", "invalid_input")


async def test_after_all_refusals_nothing_has_changed(shared: Sandbox) -> None:
    total = counted(shared, "SELECT count(*) FROM events WHERE workspace = 'main'")
    did = "select count() from events where not startsWith(event, '$')"
    assert (await asked(shared, did))["results"] == total


async def test_other_kinds_of_query_are_refused(shared: Sandbox) -> None:
    async with desk(shared) as at:
        error = await at.send("POST", f"{at.project}/query/", {"query": {"kind": "TrendsQuery", "query": "x"}}, 400)
    assert error["attr"] is not None
