"""A refused nested argument is answered with the part of its grammar that was missed, and an example that works."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from audience_mcp.errors import InvalidArguments

from .packaged import called

EXAMPLE = re.compile(r"; for example (?P<path>\S+) = (?P<json>.*)\. describe_argument", re.DOTALL)
WITHIN = {"time_value": 30, "time_interval": "day"}
BOUGHT = {"type": "behavioral", "key": "purchase", "event_type": "events", **WITHIN}
UUID = "b1e0b7a8-3c1d-4c52-9a67-2f4f0c5d1e11"
MONTH = {"start": "2026-05-01T00:00:00Z", "end": "2026-06-01T00:00:00Z"}
FUNNEL = {"funnelId": UUID, "variables": [], "filter": {}, "aggregateDataBy": {}}


def cohort(condition: Any) -> dict[str, Any]:
    return {"filters": {"properties": {"type": "OR", "values": [{"type": "AND", "values": [condition]}]}}}


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("posthog_create_cohort", {"filters": {"type": "AND", "values": []}}),
    ("posthog_create_cohort", {"filters": {"properties": {"type": "OR", "values": [BOUGHT]}}}),
    ("posthog_create_cohort", cohort({**BOUGHT, "value": "performed_event_multiple"})),
    ("posthog_create_cohort", cohort({**BOUGHT, "value": "performed_event_sequence"})),
    ("posthog_create_cohort", cohort({**BOUGHT, "value": "performed_event_regularly"})),
    ("posthog_create_cohort", cohort({**BOUGHT, "value": "stopped_performing_event"})),
    ("posthog_create_cohort", cohort({**BOUGHT, "value": "restarted_performing_event"})),
    ("posthog_create_cohort", cohort({"type": "person", "key": "plan", "operator": "is"})),
    ("posthog_create_cohort", cohort({"type": "cohort", "value": 7})),
    ("posthog_get_persons_trends", {"events": [{"name": "purchase"}]}),
    ("giosg_query_workflow_report", {"workflow_id": UUID, "filters": [{"label": "x"}], "interval": MONTH}),
    ("giosg_query_workflow_report", {"workflow_id": UUID, "filters": [], "interval": {"begin": "x"}}),
    ("synerise_calculate_funnel", {**FUNNEL, "dateFilter": {"type": "RELATIVE", "duration": {"type": "DAY"}}}),
    ("synerise_calculate_funnel", {**FUNNEL, "dateFilter": {"type": "ABSOLUTE", "from": "yesterday"}}),
]


@pytest.mark.parametrize(("tool", "arguments"), REFUSED)
def test_the_example_put_where_the_refusal_says_makes_that_part_right(tool: str, arguments: dict[str, Any]) -> None:
    checker = called()[tool].checker
    with pytest.raises(InvalidArguments) as refused:
        checker.check(arguments)
    found = EXAMPLE.search(refused.value.remedy)
    assert found, refused.value.remedy
    mended = copy.deepcopy(arguments)
    *way, last = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", found["path"])]
    place: Any = mended
    for step in way:
        place = place[step]
    place[last] = json.loads(found["json"])
    checker.check(mended)


def test_the_grammar_marks_what_is_needed_and_names_the_allowed_values() -> None:
    with pytest.raises(InvalidArguments) as refused:
        called()["posthog_create_cohort"].checker.check(cohort({**BOUGHT, "value": "performed_event_multiple"}))
    assert "operator_value*: integer" in refused.value.remedy
    assert 'operator: "exact" | "eq" | "gte"' in refused.value.remedy
    assert "seq_event: string | integer" in refused.value.remedy


def test_a_problem_at_the_top_needs_no_grammar() -> None:
    with pytest.raises(InvalidArguments) as refused:
        called()["posthog_get_cohort"].checker.check({"id": "seven"})
    assert " is {" not in refused.value.remedy


def examples(schema: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Every schema below `schema` that has examples, with each of them."""
    waiting: list[Any] = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if isinstance(part.get("examples"), list):
                yield from ((part, example) for example in part["examples"])
            waiting += [value for key, value in part.items() if key != "examples"]
        elif isinstance(part, list):
            waiting += part


@pytest.mark.parametrize("name", sorted(called()))
def test_every_example_in_a_grammar_obeys_it(name: str) -> None:
    schema = dict(called()[name].schema)
    for part, example in examples(schema):
        whole = {**part, "$defs": schema.get("$defs", {})}
        assert list(jsonschema_rs.Draft202012Validator(whole).iter_errors(example)) == []
