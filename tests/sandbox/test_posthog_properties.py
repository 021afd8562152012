"""Laws every cohort obeys, whatever its conditions: parts, complements, narrower conditions, the world's own counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from audience_mcp.sandbox.posthog.grammar import cohort_type, parse
from audience_mcp.sandbox.posthog.membership import Definitions
from audience_mcp.sandbox.posthog.project import Project

from .conftest import small
from .posthog_desk import Json, did, filters

STATE = small().state
PROJECT = Project(STATE, STATE.world.workspace("main"))
EVENTS = ("page.visit", "product.view", "product.addToCart", "transaction.charge", "newsletter.open", "chat.contact")
UNITS = {"day": 150, "week": 20, "month": 5, "year": 1}
COUNTS = ("exact", "eq", "gte", "lte", "gt", "lt")
PLAIN = ("performed_event", "performed_event_multiple", "performed_event_first_time")
laws = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def people(tree: Json) -> set[str]:
    """The ids of those who meet the filters."""
    with PROJECT.warehouse.cursor() as connection:
        found = Definitions(connection, PROJECT.world.now).of_filters(tree)
    return {str(row["id"]) for row in PROJECT.warehouse.rows(found.sql, found.values)}


def everybody() -> set[str]:
    return {str(row["id"]) for row in PROJECT.warehouse.rows("SELECT id FROM persons")}


@st.composite
def windows(draw: st.DrawFn, prefix: str = "time") -> Json:
    unit = draw(st.sampled_from(sorted(UNITS)))
    return {f"{prefix}_value": draw(st.integers(1, UNITS[unit])), f"{prefix}_interval": unit}


@st.composite
def behaviors(draw: st.DrawFn) -> Json:
    value = draw(
        st.sampled_from(
            [
                *PLAIN,
                "performed_event_sequence",
                "performed_event_regularly",
                "stopped_performing_event",
                "restarted_performing_event",
            ]
        )
    )
    leaf: Json = {"type": "behavioral", "key": draw(st.sampled_from(EVENTS)), "value": value, "event_type": "events"}
    leaf |= draw(windows())
    if value in ("performed_event_multiple", "performed_event_regularly"):
        leaf |= {"operator": draw(st.sampled_from(COUNTS)), "operator_value": draw(st.integers(0, 6))}
    if value == "performed_event_regularly":
        total = draw(st.integers(1, 6))
        leaf |= {"total_periods": total, "min_periods": draw(st.integers(1, total))}
    if value not in (*PLAIN, "performed_event_regularly"):
        leaf |= draw(windows("seq_time"))
    if value == "performed_event_sequence":
        leaf |= {"seq_event": draw(st.sampled_from(EVENTS)), "seq_event_type": "events"}
    if draw(st.booleans()):
        leaf["event_filters"] = [{"type": "event", "key": "$device_type", "operator": "exact", "value": "mobile"}]
    if draw(st.booleans()):
        leaf["negation"] = draw(st.booleans())
    return leaf


def properties() -> st.SearchStrategy[Json]:
    text = st.sampled_from(["GB", "PL", "Leeds", "gold", "basic", "o", "a"])
    about = st.sampled_from(["country", "city", "tier", "email"])
    words = st.builds(
        lambda key, operator, value: {"type": "person", "key": key, "operator": operator, "value": value},
        about,
        st.sampled_from(["exact", "is_not", "icontains", "not_icontains", "regex", "not_regex", "in", "not_in"]),
        text,
    )
    numbers = st.builds(
        lambda operator, value: {"type": "person", "key": "birth_year", "operator": operator, "value": value},
        st.sampled_from(["gt", "gte", "lt", "lte"]),
        st.integers(1940, 2010),
    )
    there = st.builds(
        lambda key, operator: {"type": "person", "key": key, "operator": operator},
        st.sampled_from(["tier", "last_order_at", "orders_count"]),
        st.sampled_from(["is_set", "is_not_set"]),
    )
    dates = st.builds(
        lambda operator, days: {
            "type": "person",
            "key": "last_order_at",
            "operator": operator,
            "value": f"-{days}d",
        },
        st.sampled_from(["is_date_before", "is_date_after"]),
        st.integers(1, 150),
    )
    return st.one_of(words, numbers, there, dates)


def references() -> st.SearchStrategy[Json]:
    return st.builds(
        lambda number, negation: {"type": "cohort", "key": "id", "value": number, "negation": negation},
        st.sampled_from(sorted(PROJECT.cohorts())),
        st.booleans(),
    )


leaves = st.one_of(behaviors(), properties(), st.deferred(references))


@laws
@given(leaves)
def test_a_condition_is_one_that_the_document_and_the_grammar_know(leaf: Json) -> None:
    document = PROJECT.state.contract("posthog").document.raw
    schema: dict[str, Any] = {"$ref": "#/components/schemas/CohortFilters", "components": document["components"]}
    assert not [error.message for error in Draft202012Validator(schema).iter_errors(filters(leaf))]
    assert cohort_type(parse(filters(leaf)), lambda number: "static") in (
        "static",
        "person_property",
        "behavioral",
        "analytical",
    )


@laws
@given(st.lists(leaves, min_size=1, max_size=3))
def test_all_of_them_is_at_most_and_any_of_them_at_least_each_part(conditions: list[Json]) -> None:
    parts = [people(filters(condition)) for condition in conditions]
    assert people(filters(*conditions)) == set.intersection(*parts)
    assert people(filters(*conditions, inner="OR")) == set.union(*parts)
    groups = [{"type": "OR", "values": [condition]} for condition in conditions]
    assert people({"properties": {"type": "AND", "values": groups}}) == set.intersection(*parts)
    assert people({"properties": {"type": "OR", "values": groups}}) == set.union(*parts)


@laws
@given(leaves)
def test_a_condition_and_its_negation_part_everybody(leaf: Json) -> None:
    yes, no = (people(filters({**leaf, "negation": negation})) for negation in (False, True))
    assert yes | no == everybody() and not yes & no


@laws
@given(st.sampled_from(EVENTS), st.integers(1, 120), st.integers(1, 60), st.integers(1, 5))
def test_a_longer_period_never_loses_and_a_higher_count_never_wins(
    event: str, days: int, longer: int, least: int
) -> None:
    assert people(filters(did(event, days=days))) <= people(filters(did(event, days=days + longer)))
    first = "performed_event_first_time"
    assert people(filters(did(event, first, days))) <= people(filters(did(event, first, days + longer)))
    counted = [
        people(filters(did(event, "performed_event_multiple", days, operator="gte", operator_value=number)))
        for number in (least, least + 1)
    ]
    assert counted[1] <= counted[0] <= people(filters(did(event, days=days)))


@laws
@given(behaviors().filter(lambda leaf: leaf["value"] in ("performed_event", "performed_event_sequence")))
def test_a_filter_on_the_event_never_adds_people(leaf: Json) -> None:
    plain = {key: value for key, value in leaf.items() if key not in ("event_filters", "negation")}
    narrowed = {**plain, "event_filters": [{"type": "hogql", "key": "properties.$device_type = 'mobile'"}]}
    assert people(filters(narrowed)) <= people(filters(plain))


@laws
@given(
    st.sampled_from(["country", "tier", "city"]),
    st.lists(st.sampled_from(["GB", "PL", "gold", "silver", "Leeds", "Berlin"]), min_size=1, max_size=3, unique=True),
)
def test_a_person_property_counts_as_plain_sql_does(key: str, values: list[str]) -> None:
    found = people(filters({"type": "person", "key": key, "operator": "exact", "value": values}))
    sql = f"SELECT uuid FROM profiles WHERE workspace = 'main' AND {key} IN (SELECT unnest(?::VARCHAR[]))"
    assert found == {str(row["uuid"]) for row in PROJECT.world.rows(sql, [values])}


@pytest.mark.parametrize("operator", COUNTS)
def test_counts_are_compared_as_their_operator_says(operator: str) -> None:
    sign = {"exact": "=", "eq": "=", "gte": ">=", "lte": "<=", "gt": ">", "lt": "<"}[operator]
    sql = f"""SELECT uuid FROM profiles JOIN events USING (workspace, profile_id) WHERE workspace = 'main'
        AND name = 'product.view' AND "at" > ?::TIMESTAMP - to_days(60) GROUP BY uuid HAVING count(*) {sign} 3"""
    counted = did("product.view", "performed_event_multiple", 60, operator=operator, operator_value=3)
    expected = {str(row["uuid"]) for row in PROJECT.world.rows(sql, [PROJECT.world.now])}
    assert people(filters(counted)) == expected != set()
