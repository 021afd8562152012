"""The deepest grammar there is, PostHog's cohort filters: what is wrong is told by its path, with what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from audience_mcp.errors import InvalidArguments

from .packaged import called

CONDITION = "filters.properties.values[0].values[0]"
BOUGHT = {"type": "behavioral", "key": "purchase", "value": "performed_event", "event_type": "events"}
WITHIN = {"time_value": 30, "time_interval": "day"}


def filters(condition: Any) -> dict[str, Any]:
    return {"filters": {"properties": {"type": "OR", "values": [{"type": "AND", "values": [condition]}]}}}


def refusal(arguments: dict[str, Any]) -> str:
    with pytest.raises(InvalidArguments) as caught:
        called()["posthog_create_cohort"].checker.check(arguments)
    return caught.value.message


@pytest.mark.parametrize(
    "condition",
    [
        {**BOUGHT, **WITHIN},
        {**BOUGHT, "explicit_datetime": "-30d"},
        {**BOUGHT, **WITHIN, "value": "performed_event_multiple", "operator": "gte", "operator_value": 3},
        {"type": "person", "key": "email", "operator": "icontains", "value": "@"},
        {"type": "person", "key": "email", "operator": "is_set"},
        {"type": "cohort", "key": "id", "value": 7, "negation": True},
    ],
)
def test_a_condition_that_posthog_documents_is_accepted(condition: dict[str, Any]) -> None:
    arguments = {"name": "Buyers", **filters(condition)}
    assert called()["posthog_create_cohort"].checker.check(arguments) == arguments


def test_the_missing_companion_of_a_condition_is_named_with_its_path() -> None:
    counted = {**BOUGHT, **WITHIN, "value": "performed_event_multiple"}
    assert f"'{CONDITION}.operator_value' is missing" in refusal(filters(counted))
    assert f"'{CONDITION}.time_interval' is missing" in refusal(filters({**BOUGHT, "time_value": 30}))
    unlike = {"type": "person", "key": "email", "operator": "exact"}
    assert f"'{CONDITION}.value' is missing" in refusal(filters(unlike))


def test_a_condition_of_an_unknown_kind_gets_the_kinds_there_are() -> None:
    message = refusal(filters({"type": "event", "key": "purchase"}))
    assert f'\'{CONDITION}.type\' must be one of "behavioral", "cohort", "person"' in message


def test_a_behaviour_that_does_not_exist_gets_the_behaviours_there_are_once() -> None:
    message = refusal(filters({**BOUGHT, **WITHIN, "value": "did_event"}))
    assert message.count(f"'{CONDITION}.value' must be one of") == 1
    assert "performed_event_regularly" in message


def test_a_key_that_posthog_would_refuse_is_named() -> None:
    assert f"'{CONDITION}.bytecode' is not known there" in refusal(filters({**BOUGHT, **WITHIN, "bytecode": []}))


def test_a_condition_directly_under_the_outer_group_is_refused() -> None:
    flat = {"filters": {"properties": {"type": "AND", "values": [{**BOUGHT, **WITHIN}]}}}
    assert "'filters.properties.values[0].values' is missing" in refusal(flat)


def test_filters_given_as_text_are_read_and_checked_alike() -> None:
    text = '{"properties": {"type": "OR", "values": [{"type": "AND", "values": [{"type": "cohort", "key": "id"}]}]}}'
    assert f"'{CONDITION}.value' is missing" in refusal({"filters": text})


def test_the_remedy_leads_to_the_grammar() -> None:
    with pytest.raises(InvalidArguments) as caught:
        called()["posthog_create_cohort"].checker.check({"filters": 1})
    assert "describe_argument" in caught.value.remedy
