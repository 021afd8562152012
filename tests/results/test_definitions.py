"""Saved definitions in words: what is known of the grammar is told, what is not is left as it stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.results.definitions import describe
from audience_mcp.results.reading import Reading

from .anything import values
from .telling import cells, figure, tell

Json = Any
VISIT: Json = {"name": "page.visit", "title": "Visit"}
ORDER: Json = {"name": "transaction.charge", "title": "Order"}
MONTH: Json = {"type": "RELATIVE", "offset": {"type": "DAYS", "value": 0}, "duration": {"type": "DAYS", "value": 30}}
POLES: Json = {"attribute": "country", "logic": "EQUAL", "value": "PL"}
BOUGHT: Json = {"event": ORDER, "logic": "PERFORMED", "count": {"logic": "MORE_OR_EQUAL", "value": 5}}


@pytest.mark.parametrize(
    ("analysis", "words"),
    [
        (
            {
                "title": "T",
                "steps": [VISIT, ORDER],
                "dateFilter": MONTH,
                "completedWithin": {"type": "DAYS", "value": 7},
            },
            'funnel of 2 steps: "Visit" > "Order" within 7 days, last 30 days',
        ),
        (
            {"steps": [VISIT, {**ORDER, "conditions": [POLES]}], "dateFilter": {}},
            'funnel of 2 steps: "Visit" > "Order" where "country" is "PL", all time',
        ),
        (
            {
                "events": [ORDER],
                "function": "SUM",
                "attribute": "amount",
                "aggregateDataBy": {"type": "WEEKS", "value": 1},
            },
            'trend of 1 event: sum of "amount" of "Order", by week',
        ),
        (
            {"event": ORDER, "function": "PROFILES", "filter": {"matching": "ANY", "conditions": [POLES, BOUGHT]}},
            'figure: people with "Order", of people where "country" is "PL" or did "Order" at least 5 times',
        ),
        (
            {"event": ORDER, "function": "MAX", "attribute": "amount", "type": "RUNNING_AGGREGATE", "dateFilter": {}},
            'running aggregate: maximum of "amount" of "Order", all time',
        ),
        (
            {"metrics": ["m1", "m2"], "aggregateDataBy": {"type": "DAYS", "value": 1}},
            'histogram of 2 metrics: "Revenue", m2, by day',
        ),
        ({"metrics": ["m2"], "groupBy": ["country"], "limit": 5}, 'report of 1 metric by "country": m2, at most 5'),
        ({"event": ORDER, "before": 3, "after": 1}, 'sankey: 3 steps before and 1 step after "Order"'),
        (
            {"formula": {"operator": "DIVIDE", "operands": [{"metric": "m1"}, {"variable": "days", "default": 30}]}},
            'formula: metric "Revenue" / 30 (dynamic key "days")',
        ),
        (
            {"segments": [{"title": "Poles", "filter": {"conditions": [POLES]}}, {"title": "Rest", "filter": {}}]},
            'segmentation of 2 segments: "Poles" ("country" is "PL"); "Rest" (everybody else)',
        ),
        (
            {"segments": [{"title": "Back", "filter": {"conditions": [{"funnel": {"steps": [VISIT, ORDER]}}]}}]},
            'segmentation of 1 segment: "Back" (did "Visit" > "Order")',
        ),
        (
            {
                "events": [VISIT],
                "dateFilter": {"type": "ABSOLUTE", "from": "2026-01-01T00:00:00Z", "to": "2026-01-31T23:59:59.999Z"},
            },
            'trend of 1 event: "Visit", 2026-01-01 to 2026-01-31',
        ),
        (
            {"events": [VISIT], "dateFilter": {**MONTH, "offset": {"type": "DAYS", "value": 1}}},
            'trend of 1 event: "Visit", 30 days up to 1 day ago',
        ),
        (
            {
                "events": [VISIT],
                "dateFilter": {**MONTH, "filter": {"type": "WEEKLY", "days": [{"day": 6}, {"day": 7}]}},
            },
            'trend of 1 event: "Visit", last 30 days, only on day 6 and 7 of the week',
        ),
    ],
)
def test_an_analysis_is_told_in_words(analysis: Json, words: str) -> None:
    told = describe({"analysis": analysis}, {"m1": "Revenue"})
    assert told is not None
    assert told.words == words
    assert told.guessed and not told.untold


def leaf(**more: Json) -> Json:
    """One behavioural condition of a cohort."""
    return {
        "type": "behavioral",
        "key": "order",
        "event_type": "events",
        "time_value": 30,
        "time_interval": "day",
        **more,
    }


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (leaf(value="performed_event"), 'people who did "order" in the last 30 days'),
        (leaf(value="performed_event", negation=True), 'people who did not do "order" in the last 30 days'),
        (
            leaf(value="performed_event_multiple", operator="gte", operator_value=3, time_value="7"),
            'people who did "order" at least 3 times in the last 7 days',
        ),
        (leaf(value="performed_event_first_time"), 'people who did "order" for the first time in the last 30 days'),
        (
            leaf(value="performed_event_sequence", seq_event="pay", seq_time_value=2, seq_time_interval="day"),
            'people who did "order" in the last 30 days and then "pay" within 2 days',
        ),
        (
            leaf(value="performed_event_regularly", operator="exact", operator_value=1, min_periods=2, total_periods=4),
            'people who did "order" exactly 1 times in at least 2 of 4 periods of 30 days',
        ),
        (
            leaf(value="stopped_performing_event", seq_time_value=1, seq_time_interval="week"),
            'people who did "order" in the last 30 days, but not in the last 1 week',
        ),
        (
            {"type": "person", "key": "plan", "operator": "exact", "value": ["pro", "max"]},
            'people whose "plan" is "pro" or "max"',
        ),
        ({"type": "person", "key": "plan", "operator": "is_not_set"}, 'people whose "plan" is not set'),
        ({"type": "cohort", "key": "id", "value": 48, "negation": True}, 'people not in cohort "VIP"'),
        ({"type": "cohort", "key": "id", "value": 49}, "people in cohort 49"),
    ],
)
def test_a_cohort_is_told_in_words(condition: Json, words: str) -> None:
    filters = {
        "properties": {"type": "OR", "values": [{"type": "AND", "values": [{**condition, "bytecode": ["_H", 1]}]}]}
    }
    told = describe({"filters": filters}, {"48": "VIP"})
    assert told is not None
    assert told.words == words
    assert not told.guessed and not told.untold


def test_groups_of_conditions_stand_in_brackets_where_there_are_several() -> None:
    one, two = ({"type": "cohort", "key": "id", "value": number} for number in (1, 2))
    both = {"type": "AND", "values": [one, two]}
    told = describe({"filters": {"properties": {"type": "OR", "values": [both, {"type": "AND", "values": [one]}]}}}, {})
    assert told is not None
    assert told.words == "people (in cohort 1 and in cohort 2) or in cohort 1"


@pytest.mark.parametrize(
    "analysis",
    [
        {"steps": [{"action": "page.visit"}]},
        {"steps": "two"},
        {"steps": []},
        {"events": [VISIT], "function": "HARMONIC_MEAN"},
        {"events": [VISIT], "dateFilter": {"type": "SINCE"}},
        {"events": [VISIT], "dateFilter": {**MONTH, "duration": {"type": "FORTNIGHTS", "value": 1}}},
        {"segments": [{"title": "A", "filter": {"conditions": [{"attribute": "x", "logic": "NEAR", "value": 1}]}}]},
        {"event": ORDER, "before": -1},
        {"formula": {"operator": "POWER", "operands": [1, 2]}},
        {"shape": "unknown"},
    ],
)
def test_a_grammar_that_is_not_known_is_shown_as_it_stands(analysis: Json) -> None:
    assert describe({"analysis": analysis}, {}) is None
    summary = tell({"id": "a", "name": "N", "analysis": analysis}, Reading("object", headline="name"))
    assert str(figure(summary, "analysis").value).startswith("{")
    assert "assumed grammar" not in (summary.provenance.reading or "")


def test_what_the_words_leave_out_is_counted_with_its_place() -> None:
    analysis = {"steps": [VISIT, {**ORDER, "weight": 2}], "dateFilter": MONTH, "exclusions": [{"name": "x"}]}
    summary = tell({"id": "a", "name": "N", "analysis": analysis}, Reading("object", headline="name"))
    assert summary.headline == 'Ask: "N", funnel of 2 steps: "Visit" > "Order", last 30 days, id a.'
    assert "2 parts" in summary.left_out[0]
    assert "analysis.steps[1].weight" in summary.left_out[0] and "analysis.exclusions" in summary.left_out[0]


def test_words_that_are_a_guess_say_so_even_where_the_answer_is_documented() -> None:
    value = {"id": "a", "name": "N", "analysis": {"steps": [VISIT, ORDER]}}
    summary = tell(value, Reading("object", headline="name", shape="documented"))
    assert "shape documented, read as analysis by an assumed grammar" in summary.text()
    cohort = {"id": 1, "filters": {"properties": {"type": "OR", "values": [leaf(value="performed_event")]}}}
    assert "read as" not in tell(cohort, Reading("object", shape="documented")).text()


def test_a_long_definition_is_brief_in_the_headline_and_whole_below() -> None:
    steps = [{"name": f"event.{n}", "title": f"A rather long title of step {n}"} for n in range(12)]
    summary = tell({"id": "a", "name": "N", "analysis": {"steps": steps}}, Reading("object", headline="name"))
    assert summary.headline == 'Ask: "N", funnel of 12 steps, id a.'
    assert str(figure(summary, "analysis").value).endswith('"A rather long title of step 7" > and 4 more')
    assert "analysis.steps[8:]" in summary.left_out[0]


def test_a_list_inside_an_object_is_a_table_also_without_a_hint() -> None:
    value = {"visitors": 40, "by": {"weekday": [[5, 1], [9, 2]]}}
    summary = tell(value, Reading("object"))
    assert summary.headline == 'Ask: visitors 40; "weekday": 2 rows.'
    assert cells(summary, "0") == [5, 9]
    assert figure(summary, "by.weekday", "rows").path == "$.by.weekday"


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["steps", "events", "event", "metrics", "segments", "formula", "before", "dateFilter"]), values
    )
)
def test_no_definition_makes_the_words_fail(analysis: Json) -> None:
    for field in ("analysis", "filters", "query"):
        told = describe({field: {"properties": analysis} if field == "filters" else analysis}, {})
        assert told is None or told.words.isprintable()
