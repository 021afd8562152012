"""Calculations over everybody: each answer is what SQL over the events says, and follows the overrides."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox

from .synerise_desk import REPORTS, V3, Desk, by_key, last

pytestmark = pytest.mark.anyio
CHARGE = "e.workspace = 'main' AND e.name = 'transaction.charge'"
NONE: dict[str, Any] = {"variables": []}


def counted(shared: Sandbox, condition: str, what: str = "count(*)") -> Any:
    (row,) = shared.state.world.rows(
        f"SELECT {what} AS n FROM events e JOIN profiles p USING (profile_id) WHERE {condition}"
    )
    return row["n"]


async def metric(desk: Desk, name: str, **overrides: Any) -> Any:
    identifier = await desk.id_of("metric", name)
    return (await desk.post(f"{V3}/metrics/{identifier}/calculate", {**NONE, **overrides}))["result"]


async def test_a_metric_counts_the_events_of_its_dates(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        orders = await metric(desk, "Orders")
        recalculated = await desk.post(f"{V3}/metrics/{await desk.id_of('metric', 'Orders')}/recalculate")
        everything = await metric(desk, "Orders", dateFilter={})
        absolute = await metric(
            desk,
            "Orders",
            dateFilter={"type": "ABSOLUTE", "from": "2026-10-01T00:00:00+02:00", "to": "2026-10-31T23:59:59Z"},
        )
    recent = counted(shared, f"{CHARGE} AND e.\"at\" >= DATE '2026-10-22'")
    assert orders == recalculated["result"] == recent
    assert everything == counted(shared, CHARGE) > recent
    assert absolute == counted(shared, f"{CHARGE} AND e.\"at\" BETWEEN '2026-09-30 22:00:00' AND '2026-10-31 23:59:59'")


async def test_a_metric_may_be_a_ratio_of_others(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        value = await metric(desk, "Average order value", dateFilter={})
        nothing = await metric(
            desk,
            "Average order value",
            dateFilter={"type": "ABSOLUTE", "from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"},
        )
    assert value == pytest.approx(counted(shared, CHARGE, "sum(amount) / count(*)"), abs=0.001)
    assert nothing is None


async def test_a_filter_keeps_the_profiles_that_match(shared: Sandbox) -> None:
    def where(*conditions: dict[str, Any], matching: str = "ALL") -> dict[str, Any]:
        return {"matching": matching, "conditions": list(conditions)}

    pole = {"attribute": "country", "logic": "EQUAL", "value": "PL"}
    reader = {"attribute": "newsletter", "logic": "IS_TRUE"}
    chatted = {"event": {"name": "chat.contact"}}
    async with by_key(shared) as desk:
        both = await metric(desk, "Orders", dateFilter={}, filter=where(pole, reader))
        one = await metric(desk, "Orders", dateFilter={}, filter=where(pole, reader, matching="ANY"))
        talkers = await metric(desk, "Orders", dateFilter={}, filter=where(chatted))
        silent = await metric(desk, "Orders", dateFilter={}, filter=where({**chatted, "logic": "NOT_PERFORMED"}))
        unfiltered = await metric(desk, "Orders", dateFilter={}, filter={})
    assert both == counted(shared, f"{CHARGE} AND p.country = 'PL' AND p.newsletter")
    assert one == counted(shared, f"{CHARGE} AND (p.country = 'PL' OR p.newsletter)")
    assert talkers > 0 < silent
    assert talkers + silent == unfiltered == counted(shared, CHARGE)


async def test_a_dynamic_key_takes_the_given_value_else_its_default(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        identifier = await desk.id_of("metric", "Category revenue")
        path = f"{V3}/metrics/{identifier}/calculate-dynamic"
        garden = await desk.post(path, NONE)
        gifts = await desk.post(path, {"variables": [{"name": "category", "value": "Gifts"}]})
        assert (await desk.refused("POST", path, {"variables": [{"name": "colour", "value": "red"}]}))["status"] == 400
        assert (await desk.refused("POST", path, {}))["status"] == 400
    recent = f"{CHARGE} AND e.\"at\" >= DATE '2026-10-22'"
    assert garden["result"] == counted(shared, f"{recent} AND category = 'Garden'", "coalesce(sum(amount), 0)")
    assert gifts["result"] == counted(shared, f"{recent} AND category = 'Gifts'", "coalesce(sum(amount), 0)")
    assert gifts["metricData"]["variables"] == [{"name": "category", "value": "Gifts"}]


async def test_a_funnel_loses_people_from_step_to_step(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        funnel = await desk.id_of("funnel", "Visit to purchase")
        answer = await desk.post(f"{V3}/funnels/{funnel}/calculate", {**NONE, "dateFilter": last(90)})
        previewed = await desk.post(
            f"{V3}/funnels/preview",
            {"analysis": {**await desk.definition("funnel", "Visit to purchase"), "dateFilter": last(90)}},
        )
    people = [step["profiles"] for step in answer["calculationResult"]]
    assert people[0] > people[1] > people[2] > people[3] > 0
    assert people[0] == counted(
        shared,
        "e.workspace = 'main' AND e.name = 'page.visit' AND e.\"at\" >= DATE '2026-08-23'",
        "count(DISTINCT profile_id)",
    )
    assert [(pair["from"], pair["to"]) for pair in answer["timeBetweenSteps"]] == [(1, 2), (2, 3), (3, 4)]
    assert all(pair["averageSeconds"] > 0 for pair in answer["timeBetweenSteps"])
    assert previewed == answer


async def test_a_funnel_with_a_limit_counts_any_chain_that_keeps_to_it(shared: Sandbox) -> None:
    steps = [{"name": "product.addToCart"}, {"name": "transaction.charge"}]
    async with by_key(shared) as desk:
        answer = await desk.post(
            f"{V3}/funnels/preview",
            {"analysis": {"title": "Quick", "steps": steps, "completedWithin": {"type": "MINUTES", "value": 30}}},
        )
    pairs = shared.state.world.rows(
        "SELECT count(DISTINCT c.profile_id) AS n FROM events c JOIN events b ON c.profile_id = b.profile_id "
        "AND c.name = 'product.addToCart' AND b.name = 'transaction.charge' AND b.\"at\" > c.\"at\" "
        'AND b."at" <= c."at" + INTERVAL 30 MINUTE WHERE c.workspace = \'main\''
    )
    assert answer["calculationResult"][1]["profiles"] == pairs[0]["n"] > 0


async def test_a_funnel_by_periods_adds_people_per_period(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        funnel = await desk.id_of("funnel", "Visit to purchase")
        answer = await desk.post(
            f"{V3}/funnels/{funnel}/calculate", {**NONE, "aggregateDataBy": {"type": "WEEKS", "value": 1}}
        )
    first = answer["calculationResult"][0]
    assert len(first["items"]) == 5
    assert sum(item["profiles"] for item in first["items"]) >= first["profiles"]


async def test_an_interval_splits_a_metric_and_a_report_and_changes_no_total(shared: Sandbox) -> None:
    weekly = {**NONE, "dateFilter": last(28), "aggregateDataBy": {"type": "WEEKS", "value": 1}}
    async with by_key(shared) as desk:
        orders = await desk.id_of("metric", "Orders")
        metric_answer = await desk.post(f"{V3}/metrics/{orders}/calculate", weekly)
        report = await desk.id_of("report", "Revenue by category")
        rows = (await desk.post(f"{REPORTS}/{report}/calculate", weekly))["data"]
        whole = (await desk.post(f"{REPORTS}/{report}/calculate", {**NONE, "dateFilter": last(28)}))["data"]
    items = metric_answer["metricData"]["items"]
    assert len(items) == 5  # the first week and the last are parts
    assert sum(item["value"] for item in items) == metric_answer["result"] > 0
    assert {row["date"] for row in rows} <= {item["date"] for item in items}
    for category in whole:
        mine = [row["Orders"] for row in rows if row["category"] == category["category"]]
        assert sum(mine) == category["Orders"]


async def test_a_segment_may_be_of_people_who_went_through_a_funnel(shared: Sandbox) -> None:
    funnel = {
        "steps": [{"name": "product.addToCart"}, {"name": "transaction.charge"}],
        "completedWithin": {"type": "HOURS", "value": 1},
    }
    condition = {"funnel": funnel}
    async with by_key(shared) as desk:

        async def size(**more: Any) -> Any:
            segment = {"title": "Through", "filter": {"conditions": [{**condition, **more}]}}
            body = {"analysis": {"title": "x", "segments": [segment], "dateFilter": last(90)}}
            return (await desk.post(f"{V3}/segmentations/preview", body))["totalContacts"]

        through, not_through = await size(), await size(logic="NOT_PERFORMED")
        body = {"analysis": {"title": "x", **funnel, "dateFilter": last(90)}}
        counted_by_funnel = (await desk.post(f"{V3}/funnels/preview", body))["calculationResult"][1]["profiles"]
        unknown = {"title": "x", "filter": {"conditions": [{"funnel": {**funnel, "strict": True}}]}}
        error = await desk.refused(
            "POST", f"{V3}/segmentations/preview", {"analysis": {"title": "x", "segments": [unknown]}}
        )
    assert through == counted_by_funnel > 0
    assert through + not_through == 200
    assert error["status"] == 400


async def test_a_trend_has_an_item_for_every_period_also_the_empty_ones(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        trend = await desk.id_of("trend", "Visits and purchases")
        daily = await desk.post(f"{V3}/trends/{trend}/calculate", NONE)
        weekly = await desk.post(
            f"{V3}/trends/{trend}/calculate",
            {**NONE, "aggregateDataBy": {"type": "WEEKS", "value": 1}, "dateFilter": {}},
        )
        too_fine = {**NONE, "aggregateDataBy": {"type": "SECONDS", "value": 1}}
        assert (await desk.refused("POST", f"{V3}/trends/{trend}/calculate", too_fine))["status"] == 400
    assert [legend["title"] for legend in daily["legends"]] == ["Visit", "Purchase"]
    assert [item["date"][:10] for item in daily["items"]][::29] == ["2026-10-22", "2026-11-20"]
    assert sum(item["values"][1] for item in weekly["items"]) == counted(shared, CHARGE)
    assert daily["name"] == "Visits and purchases"


async def test_a_histogram_sums_up_to_its_metric(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        histogram = await desk.id_of("histogram", "Orders and revenue by week")
        answer = await desk.post(f"{V3}/histograms/{histogram}/calculate", {**NONE, "dateFilter": last(30)})
        preview = await desk.post(
            f"{V3}/histograms/preview", {"analysis": await desk.definition("histogram", "Visits by day")}
        )
        assert sum(item["values"][0] for item in answer["items"]) == await metric(desk, "Orders")
        total = sum(item["values"][1] or 0 for item in answer["items"])
        assert total == pytest.approx(await metric(desk, "Revenue"))
    assert len(preview["items"]) == 84


async def test_the_metrics_of_a_histogram_can_be_looked_up(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        usable = await desk.get(f"{V3}/metrics/histogram-metrics")
        names = {item["name"] for item in (await desk.get("/analytics/profiles/metrics"))["data"]}
    assert {item["name"] for item in usable} == names


async def test_a_report_has_a_row_for_each_group(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        report = await desk.id_of("report", "Revenue by category")
        rows = (await desk.post(f"{REPORTS}/{report}/recalculate"))["data"]
        everything = (await desk.post(f"{REPORTS}/{report}/calculate", {**NONE, "dateFilter": {}}))["data"]
    assert {row["category"] for row in rows} == {"Garden", "Kitchen", "Clothing", "Gifts", "Bedroom"}
    assert [row["Revenue"] for row in rows] == sorted((row["Revenue"] for row in rows), reverse=True)
    assert sum(row["Orders"] for row in everything) == counted(shared, CHARGE)


async def test_groups_without_a_value_are_left_out_when_nulls_are_not_allowed(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        definition = await desk.definition("report", "Campaign revenue")
        saved = await desk.id_of("report", "Campaign revenue")  # saved without nulls
        strict = (await desk.post(f"{REPORTS}/{saved}/recalculate"))["data"]
        loose = (await desk.post(f"{REPORTS}/preview", {"analysis": definition}))["data"]
        text = await desk.http.post(f"{REPORTS}/preview/csv", json={"analysis": definition, "allowNull": False})
    assert None not in {row["campaign"] for row in strict}
    assert None in {row["campaign"] for row in loose}
    assert text.headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(text.text)))
    assert [row["campaign"] for row in table] == [row["campaign"] for row in strict]


async def test_a_sankey_shows_flows_around_its_event(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        definition = await desk.definition("sankey", "Around the purchase")
        flows = (await desk.post(f"{V3}/sankeys/preview", {"analysis": {**definition, "dateFilter": last(90)}}))[
            "results"
        ]
    assert {flow["step"] for flow in flows} == {-3, -2, -1, 0, 1}
    assert {flow["target"] for flow in flows if flow["step"] == -1} == {"transaction.charge"}
    assert {flow["source"] for flow in flows if flow["step"] == 0} == {"transaction.charge"}


async def test_a_sankey_puts_the_rarest_events_of_a_place_together(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        definition = await desk.definition("sankey", "Around the purchase")
        flows = (await desk.post(f"{V3}/sankeys/preview", {"analysis": {**definition, "limit": 2}}))["results"]
    for step in (-3, -2, 1):
        names = {flow["source"] for flow in flows if flow["step"] == step}
        assert len(names - {"(start)", "(other)"}) <= 2
    assert "(other)" in {flow["source"] for flow in flows}


async def test_segments_and_the_rest_are_all_of_the_profiles(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        identifier = await desk.id_of("segmentation", "Value of customers")
        answer = await desk.post(f"{V3}/segmentations/{identifier}/calculate-dynamic", NONE)
        definition = await desk.definition("segmentation", "Value of customers")
        people = await desk.post(f"{V3}/segmentations/preview/profiles", {"analysis": definition})
        previewed = await desk.post(f"{V3}/segmentations/preview", {"analysis": definition})
    sizes = [segment["contacts"] for segment in answer["calculationResults"]]
    assert sum(sizes) == answer["totalContacts"]
    assert answer["totalContacts"] + answer["excludedContacts"] == 200
    assert [len(profiles) for profiles in people] == [min(20, size) for size in sizes]
    assert previewed == answer


async def test_variables_move_people_between_segments(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        path = f"{V3}/segmentations/{await desk.id_of('segmentation', 'Of one country')}/calculate-dynamic"
        poles = await desk.post(path, {"variables": [{"name": "country", "value": "PL"}]})
    (row,) = shared.state.world.rows("SELECT count(*) AS n FROM profiles WHERE workspace = 'main' AND country = 'PL'")
    assert poles["totalContacts"] == row["n"]


@pytest.mark.parametrize(
    ("hours", "condition"),
    [
        (
            {"type": "DAILY", "from": "09:00:00.000", "to": "12:00:00.000", "days": []},
            "e.\"at\"::TIME BETWEEN '09:00' AND '12:00'",
        ),
        ({"type": "WEEKLY", "nestingType": "IN_PLACE", "days": [{"day": 6}, {"day": 7}]}, 'isodow(e."at") >= 6'),
        (
            {
                "type": "MONTHLY",
                "days": [],
                "rules": [{"type": "DAY_OF_MONTH", "inverted": True, "days": [{"day": 1}]}],
            },
            'e."at"::DATE = last_day(e."at"::DATE)',
        ),
        (
            {"type": "MONTHLY", "rules": [{"type": "DAY_OF_WEEK", "weeks": [{"week": 1, "days": [{"day": 1}]}]}]},
            'day(e."at") <= 7 AND isodow(e."at") = 1',
        ),
    ],
)
async def test_a_date_filter_may_keep_certain_hours_only(
    shared: Sandbox, hours: dict[str, Any], condition: str
) -> None:
    async with by_key(shared) as desk:
        visits = await metric(desk, "Visits", dateFilter={**last(180), "filter": hours})
    assert visits == counted(shared, f"e.workspace = 'main' AND e.name = 'page.visit' AND {condition}") > 0


@pytest.mark.parametrize(
    ("offset", "duration", "first", "last_day"),
    [
        (("DAYS", 0), ("DAYS", 1), "2026-11-20", "2026-11-20"),
        (("DAYS", 1), ("DAYS", 1), "2026-11-19", "2026-11-19"),
        (("WEEKS", 1), ("WEEKS", 1), "2026-11-09", "2026-11-15"),
        (("MONTHS", 1), ("MONTHS", 1), "2026-10-01", "2026-10-31"),
        (("MONTHS", 0), ("MONTHS", 1), "2026-11-01", "2026-11-20"),
        (("MONTHS", 1), ("MONTHS", 3), "2026-08-01", "2026-10-31"),
        (("YEARS", 0), ("YEARS", 1), "2026-01-01", "2026-11-20"),
    ],
)
async def test_a_relative_date_filter_counts_back_from_the_last_day(
    shared: Sandbox, offset: tuple[str, int], duration: tuple[str, int], first: str, last_day: str
) -> None:
    spans = {
        name: {"type": unit, "value": value} for name, (unit, value) in (("offset", offset), ("duration", duration))
    }
    async with by_key(shared) as desk:
        identifier = await desk.id_of("metric", "Visits")
        answer = await desk.post(
            f"{V3}/metrics/{identifier}/calculate", {**NONE, "dateFilter": {"type": "RELATIVE", **spans}}
        )
    found = answer["metricData"]["dateFilter"]
    assert (found["from"][:10], found["to"][:10]) == (first, last_day)


@pytest.mark.parametrize(
    ("logic", "value", "sql"),
    [
        ("NOT_EQUAL", "Gifts", "category IS DISTINCT FROM 'Gifts'"),
        ("CONTAIN", "oth", "category LIKE '%oth%'"),
        ("NOT_CONTAIN", "oth", "category NOT LIKE '%oth%'"),
        ("STARTS_WITH", "Ga", "category LIKE 'Ga%'"),
        ("ENDS_WITH", "room", "category LIKE '%room'"),
        ("REGEXP", "^G", "category LIKE 'G%'"),
        ("IN", ["Gifts", "Garden"], "category IN ('Gifts', 'Garden')"),
        ("NOT_IN", ["Gifts"], "category <> 'Gifts'"),
    ],
)
async def test_text_operators_mean_what_they_say(shared: Sandbox, logic: str, value: Any, sql: str) -> None:
    event = {"name": "transaction.charge", "conditions": [{"attribute": "category", "logic": logic, "value": value}]}
    async with by_key(shared) as desk:
        answer = await desk.post(f"{V3}/metrics/preview", {"analysis": {"title": "x", "event": event}})
    assert answer["result"] == counted(shared, f"{CHARGE} AND {sql}")


@pytest.mark.parametrize(
    ("logic", "sql"), [("LESS", "<"), ("MORE", ">"), ("LESS_OR_EQUAL", "<="), ("MORE_OR_EQUAL", ">=")]
)
async def test_number_operators_mean_what_they_say(shared: Sandbox, logic: str, sql: str) -> None:
    event = {"name": "transaction.charge", "conditions": [{"attribute": "amount", "logic": logic, "value": 64}]}
    async with by_key(shared) as desk:
        answer = await desk.post(f"{V3}/metrics/preview", {"analysis": {"title": "x", "event": event}})
    assert answer["result"] == counted(shared, f"{CHARGE} AND amount {sql} 64")


async def test_a_value_of_a_request_never_becomes_sql(shared: Sandbox) -> None:
    hostile = "x' OR TRUE --"
    event = {
        "name": "transaction.charge",
        "conditions": [{"attribute": "category", "logic": "EQUAL", "value": hostile}],
    }
    async with by_key(shared) as desk:
        answer = await desk.post(f"{V3}/metrics/preview", {"analysis": {"title": hostile, "event": event}})
        broken = {**event, "conditions": [{"attribute": "category", "logic": "REGEXP", "value": "("}]}
        error = await desk.refused("POST", f"{V3}/metrics/preview", {"analysis": {"title": "x", "event": broken}})
    assert answer["result"] == 0
    assert error["status"] == 400


async def test_metrics_that_refer_to_each_other_in_a_circle_are_refused(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as desk:
        simple = await desk.definition("metric", "Orders")
        made = await desk.post("/analytics/profiles/metrics", {"analysis": simple})
        loop = {"title": "Loop", "formula": {"operator": "ADD", "operands": [{"metric": made}, 1]}}
        await desk.http.put(f"/analytics/profiles/metrics/{made}", json={"analysis": loop})
        error = await desk.refused("POST", f"{V3}/metrics/preview", {"analysis": loop})
    assert error["status"] == 400


async def test_recommendation_metrics_are_listed(shared: Sandbox) -> None:
    async with by_key(shared) as desk:
        metrics = await desk.get("/metrics/v2/available")
        assert await desk.get("/metrics/v2/available-ids") == [item["id"] for item in metrics]
