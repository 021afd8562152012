"""Calculations for one profile: values, periods, cards, and membership in segmentations."""

from __future__ import annotations

from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox

from .synerise_desk import V3, by_key

pytestmark = pytest.mark.anyio
AGGREGATES = "/analytics/profiles/aggregates"
EXPRESSIONS = "/analytics/profiles/expressions"
SEGMENTATIONS = "/analytics/profiles/segmentations"


@pytest.fixture
def buyer(shared: Sandbox) -> dict[str, Any]:
    """The profile of the main workspace that spent the most."""
    rows = shared.state.world.rows(
        "SELECT p.profile_id, p.uuid::VARCHAR AS uuid, p.email, p.custom_id, p.tier, "
        "round(sum(e.amount), 2) AS spend, count(*) AS orders, arg_max(e.category, e.event_id) AS latest "
        "FROM events e JOIN profiles p USING (profile_id) "
        "WHERE e.name = 'transaction.charge' AND e.workspace = 'main' GROUP BY ALL ORDER BY spend DESC LIMIT 1"
    )
    return rows[0]


@pytest.mark.parametrize(
    ("identifier", "column"),
    [("id", "profile_id"), ("uuid", "uuid"), ("email", "email"), ("custom_identify", "custom_id")],
)
async def test_a_profile_is_found_by_each_identifier(
    shared: Sandbox, buyer: dict[str, Any], identifier: str, column: str
) -> None:
    async with by_key(shared) as desk:
        aggregate = await desk.id_of("aggregate", "Total spend")
        body = {"identifierValue": str(buyer[column])}
        answer = await desk.post(f"{AGGREGATES}/{aggregate}/calculate/by/{identifier}", body)
    expected = {
        "clientId": buyer["profile_id"],
        "aggregateId": aggregate,
        "name": "Total spend",
        "result": buyer["spend"],
    }
    assert answer == expected


async def test_a_profile_of_another_workspace_is_not_found(shared: Sandbox, buyer: dict[str, Any]) -> None:
    async with by_key(shared, "__OUTLET") as desk:
        aggregate = await desk.id_of("aggregate", "Total spend")
        body = {"identifierValue": str(buyer["profile_id"])}
        assert (await desk.refused("POST", f"{AGGREGATES}/{aggregate}/calculate/by/id", body))["status"] == 404
        assert (await desk.refused("POST", f"{AGGREGATES}/{aggregate}/calculate/by/phone", body))["status"] == 400


async def test_an_expression_is_computed_from_its_parts(shared: Sandbox, buyer: dict[str, Any]) -> None:
    body = {"identifierValue": buyer["email"]}
    async with by_key(shared) as desk:
        values = {
            name: (await desk.post(f"{EXPRESSIONS}/{await desk.id_of('expression', name)}/calculate/by/email", body))[
                "result"
            ]
            for name in ("Average basket", "Loyalty tier", "Last order with tax")
        }
    assert values["Average basket"] == pytest.approx(buyer["spend"] / buyer["orders"], abs=0.001)
    assert values["Loyalty tier"] == buyer["tier"]
    assert values["Last order with tax"] > 0


async def test_an_aggregate_is_split_into_periods(shared: Sandbox, buyer: dict[str, Any]) -> None:
    async with by_key(shared) as desk:
        aggregate = await desk.id_of("aggregate", "Total spend")
        base = "/analytics/analytics/definitions-manager/aggregates"
        path = f"{base}/{aggregate}/client/{buyer['profile_id']}/calculate/histogram"
        body = {"variables": [], "dateFilter": {}, "aggregateDataBy": {"type": "MONTHS", "value": 1}}
        answer = await desk.post(path, body)
        assert (await desk.refused("POST", path, {**body, "aggregateDataBy": {}}))["status"] == 400
    assert [item["date"][:7] for item in answer["items"]] == [f"2026-{month:02}" for month in range(5, 12)]
    assert sum(item["value"] for item in answer["items"]) == pytest.approx(buyer["spend"])


async def test_a_running_aggregate_grows_from_period_to_period(shared: Sandbox, buyer: dict[str, Any]) -> None:
    base = "/analytics/analytics/definitions-manager/aggregates"
    body = {"variables": [], "dateFilter": {}, "aggregateDataBy": {"type": "MONTHS", "value": 1}}

    async with by_key(shared) as desk:

        async def months(name: str) -> list[Any]:
            path = f"{base}/{await desk.id_of('aggregate', name)}/client/{buyer['profile_id']}/calculate/histogram"
            return [item["value"] for item in (await desk.post(path, body))["items"]]

        so_far, alone = await months("Running orders"), await months("Number of orders")
        largest = await months("Largest order so far")
    assert so_far == [sum(alone[: place + 1]) for place in range(len(alone))]
    assert so_far[-1] == buyer["orders"]
    known = [value for value in largest if value is not None]
    assert known == sorted(known)


async def test_a_definition_is_tried_before_it_is_saved(shared: Sandbox, buyer: dict[str, Any]) -> None:
    who = {"identifierValue": str(buyer["profile_id"])}
    async with by_key(shared) as desk:
        spend = await desk.definition("aggregate", "Total spend")
        answer = await desk.post(f"{AGGREGATES}/preview/by/id", {**who, "aggregate": {**spend, "oldId": 99}})
        assert (answer["result"], answer["title"]) == (buyer["spend"], "Total spend")
        running = {"aggregate": {**spend, "type": "RUNNING_AGGREGATE"}, **who}
        assert (await desk.refused("POST", f"{AGGREGATES}/preview/by/id", running))["status"] == 400
        rate = {"operator": "MULTIPLY", "operands": [2, {"variable": "rate", "default": 3}]}
        answer = await desk.post(f"{EXPRESSIONS}/preview/by/id", {**who, "expression": {"title": "x", "formula": rate}})
        assert (answer["result"], answer["variables"]) == (6, [{"name": "rate", "value": 3}])
        event = await desk.definition("expression", "Last order with tax")
        assert (await desk.refused("POST", f"{EXPRESSIONS}/preview/by/id", {**who, "expression": event}))[
            "status"
        ] == 400


@pytest.mark.parametrize(
    ("function", "more", "sql"),
    [
        ("COUNT", {}, "count(*)"),
        ("EXISTS", {}, "count(*) > 0"),
        ("AVG", {"attribute": "amount"}, "round(avg(amount), 2)"),
        ("MIN", {"attribute": "amount"}, "min(amount)"),
        ("MAX", {"attribute": "amount"}, "max(amount)"),
        ("MEDIAN", {"attribute": "amount"}, "round(median(amount), 2)"),
        ("QUANTILE", {"attribute": "amount", "percent": 90}, "round(quantile_cont(amount, 0.9), 2)"),
        ("FIRST", {"attribute": "product"}, "arg_min(product, event_id)"),
        ("LAST", {"attribute": "product"}, "arg_max(product, event_id)"),
        ("COUNT_DISTINCT", {"attribute": "category"}, "count(DISTINCT category)"),
        ("TOP", {"attribute": "category"}, "mode(category ORDER BY category)"),
    ],
)
async def test_each_function_of_an_aggregate_computes(
    shared: Sandbox, buyer: dict[str, Any], function: str, more: dict[str, Any], sql: str
) -> None:
    definition = {"title": "x", "event": {"name": "transaction.charge"}, "function": function, **more}
    async with by_key(shared) as desk:
        body = {"identifierValue": str(buyer["profile_id"]), "aggregate": definition}
        answer = await desk.post(f"{AGGREGATES}/preview/by/id", body)
    (row,) = shared.state.world.rows(
        f"SELECT {sql} AS value FROM events WHERE name = 'transaction.charge' AND profile_id = ?", [buyer["profile_id"]]
    )
    assert answer["result"] == row["value"]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("aggregate", {"Total spend", "Number of orders", "Last category bought"}),
        ("expression", {"Average basket", "Loyalty tier"}),
        ("segmentation", {"Value of customers", "Gold and silver"}),
    ],
)
async def test_the_profile_card_shows_what_was_made_for_it(
    shared: Sandbox, buyer: dict[str, Any], kind: str, names: set[str]
) -> None:
    async with by_key(shared) as desk:
        card = await desk.post(
            f"/analytics/profiles/{kind}s/profile-card/by/email", {"identifierValue": buyer["email"]}
        )
    assert {item["name"] for item in card} == names
    assert {item["clientId"] for item in card} == {buyer["profile_id"]}


async def test_membership_is_checked_for_ten_segmentations_at_most(shared: Sandbox, buyer: dict[str, Any]) -> None:
    who = {"identifierValue": str(buyer["profile_id"])}
    async with by_key(shared) as desk:
        value = await desk.id_of("segmentation", "Value of customers")
        readers = await desk.id_of("segmentation", "Newsletter readers who do not buy")
        path = f"{SEGMENTATIONS}/check/by/id"
        answer = await desk.post(path, {**who, "segmentationIds": [value, readers]})
        assert (await desk.refused("POST", path, {**who, "segmentationIds": [value] * 11}))["status"] == 400
    assert [(item["segmentationId"], item["belongs"]) for item in answer] == [(value, True), (readers, False)]


async def test_the_first_entry_that_holds_the_profile_is_named(shared: Sandbox, buyer: dict[str, Any]) -> None:
    async with by_key(shared) as desk:
        value = await desk.id_of("segmentation", "Value of customers")
        readers = await desk.id_of("segmentation", "Newsletter readers who do not buy")
        path = f"{V3}/segmentations/first-matching/by/id"
        entries = [{"id": "a", "segmentationIds": [readers]}, {"id": "b", "segmentationIds": [readers, value]}]
        body = {"identifierValue": str(buyer["profile_id"]), "segmentations": entries}
        assert await desk.post(path, body) == "b"
        assert await desk.post(path, {**body, "segmentations": entries[:1]}) is None
