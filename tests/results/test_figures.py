"""Series, funnels, segments, flows, persona flows and single values: the figures that answer, and where they stand."""

from __future__ import annotations

from typing import Any

import pytest

from audience_mcp.results.reading import Reading

from .telling import cells, figure, stands, tell

DAYS = [{"date": f"2026-11-{day:02d}T00:00:00.000Z", "value": count} for day, count in ((3, 30), (1, 20), (2, 5))]


def test_a_series_is_told_by_its_first_last_least_most_total_and_change() -> None:
    value = {"name": "Orders", "items": DAYS, "legends": ["orders"], "metadata": {"timestamps": 3}}
    summary = tell(value, Reading("series", "/items"))
    assert summary.headline == (
        'Ask: "Orders": 30 on 2026-11-03, +10 (50%) from 20 on 2026-11-01; highest 30 on 2026-11-03.'
    )
    for label, expected in {
        "first (2026-11-01)": 20,
        "last (2026-11-03)": 30,
        "min (2026-11-02)": 5,
        "max (2026-11-03)": 30,
    }.items():
        assert figure(summary, label).value == stands(value, figure(summary, label)) == expected
    assert figure(summary, "total").value == 55
    assert figure(summary, "change", "%").value == 50
    assert cells(summary, "date") == ["2026-11-03", "2026-11-02", "2026-11-01"]
    assert "metadata" in summary.left_out[0]


def test_several_series_are_compared_one_per_row() -> None:
    items = [{"date": f"2026-11-{day:02d}", "values": [day, 10 - day]} for day in range(1, 5)]
    summary = tell({"items": items, "legends": [{"title": "up"}, {"title": "down"}]}, Reading("series", "/items"))
    assert cells(summary, "series") == ["up", "down"]
    assert cells(summary, "change") == [3, -3]
    assert "points" in summary.left_out[0]


def test_categories_have_a_largest_and_no_change() -> None:
    summary = tell([{"label": "0-10", "value": 4}, {"label": "10-20", "value": 9}], Reading("series"))
    assert summary.headline == 'Ask: highest 9 at "10-20", lowest 4 at "0-10", over 2 points.'
    assert not [one for one in summary.figures if one.label == "change"]


def test_fractions_have_a_mean_and_a_total() -> None:
    summary = tell([["2026-11-01", 0.5], ["2026-11-02", 0.25]], Reading("series"))
    assert figure(summary, "mean").value == 0.375
    assert figure(summary, "total").value == 0.75
    assert summary.provenance.reading == "axis = [0], value = [1]"


def test_a_missing_number_is_counted_and_not_taken_for_zero() -> None:
    items = [{"date": "2026-11-01", "value": 4}, {"date": "2026-11-02", "value": None}]
    summary = tell(items, Reading("series"))
    assert figure(summary, "points without a value").value == 1
    assert figure(summary, "last (2026-11-01)").value == 4


@pytest.mark.parametrize(
    "items", [[], [{"date": "2026-11-01"}], [{"x": {}, "value": 1}], [1, 2], [{"date": "d", "value": "1"}]]
)
def test_points_without_numbers_or_places_are_no_series(items: list[Any]) -> None:
    assert tell({"items": items}, Reading("series", "/items")).kind == "generic"


def test_a_funnel_is_told_by_its_steps_and_where_most_are_lost() -> None:
    steps = [
        {"step": 1, "title": "Visit", "name": "page.visit", "profiles": 5000},
        {"step": 2, "title": "Cart", "name": "product.addToCart", "profiles": 1200},
        {"step": 3, "title": "Order", "name": "transaction.charge", "profiles": 300},
    ]
    value = {"calculationResult": steps, "metadata": {"a": 1}, "timeBetweenSteps": [{"from": 1}]}
    summary = tell(value, Reading("funnel", "/calculationResult"))
    assert summary.headline == (
        'Ask: 5000 to 300 in 3 steps: 6% conversion; largest drop before step 2 "Cart", 76% lost.'
    )
    assert summary.provenance.reading == "step = title, count = profiles"
    assert cells(summary, "name") == ["Visit", "Cart", "Order"]
    assert cells(summary, "% of first") == [100, 24, 6]
    assert cells(summary, "% of previous") == [100, 24, 25]
    assert stands(value, figure(summary, "entered")) == 5000
    assert stands(value, figure(summary, "completed")) == 300
    assert "timeBetweenSteps" in summary.left_out[0]


@pytest.mark.parametrize(
    "counts", [[1200, 5000], [0, 0], [7], [], [10, None], [10, "4"], [10, True], [10, -1], [10, float("nan")]]
)
def test_what_does_not_narrow_down_gets_no_conversion(counts: list[Any]) -> None:
    steps = [{"name": str(at), "count": count} for at, count in enumerate(counts)]
    summary = tell({"calculationResult": steps}, Reading("funnel", "/calculationResult", shape="documented"))
    assert summary.kind == "generic"
    assert "%" not in summary.text()
    assert summary.provenance.shape == "assumed"


def test_segments_get_shares_only_where_the_whole_is_known() -> None:
    segments = [{"index": 0, "title": "VIP", "contacts": 250}, {"index": 1, "title": "Rest", "contacts": 750}]
    value = {"calculationResults": segments, "totalContacts": 1000, "excludedContacts": 3}
    summary = tell(value, Reading("segments", "/calculationResults", total="/totalContacts"))
    assert summary.headline == 'Ask: 2 segments, the largest is "Rest" with 750 (75% of 1000).'
    assert cells(summary, "% of all") == [25, 75]
    assert stands(value, figure(summary, "all contacts")) == 1000
    assert stands(value, figure(summary, "excluded contacts")) == 3
    for total in (None, 0, 100, "1000"):
        assert "%" not in tell({**value, "totalContacts": total}, Reading("segments", "/calculationResults")).text()


def test_links_are_told_strongest_first_with_the_names_of_their_ends() -> None:
    value = {
        "nodes": [{"id": "a", "name": "Start"}, {"id": "b", "name": "Cart"}],
        "links": [{"source": "a", "target": "b", "value": 3}, {"source": "b", "target": "c", "value": 9}],
    }
    summary = tell(value, Reading("sankey"))
    assert summary.headline == 'Ask: 2 links, the strongest from "Cart" to "c" with 9 (75% of all).'
    assert cells(summary, "from") == ["Cart", "Start"]
    assert figure(summary, "total").value == 12
    assert stands(value, figure(summary, "strongest")) == 9


def test_links_may_point_to_nodes_by_place_and_have_steps() -> None:
    value = {"nodes": [{"name": "A"}, {"name": "B"}], "links": [{"source": 0, "target": 1, "value": 3, "step": -1}]}
    summary = tell(value, Reading("sankey"))
    assert summary.table is not None
    assert summary.table.rows == ((-1, "A", "B", 3, 100),)


def test_a_persona_flow_tells_now_first_and_change_under_the_personas_names() -> None:
    days = [{"date": "2026-11-02", "count": 30}, {"date": "2026-11-01", "count": 20}]
    value = [
        {"persona_id": "p1", "days": days},
        {"persona_id": "p2", "days": [{"date": "2026-11-01", "count": 40}, {"date": "2026-11-02", "count": 36}]},
        {"persona_id": "p3", "days": []},
    ]
    summary = tell(value, Reading("flow", shape="documented"), names={"p1": "Gardeners", "p2": "Cooks"})
    assert summary.headline == (
        "Ask: 3 personas, 66 members now, +6 from 2026-11-01 to 2026-11-02; "
        'grew most: "Gardeners" +10; shrank most: "Cooks" -4.'
    )
    assert summary.table is not None
    assert summary.table.rows[0] == ("Cooks", 36, 54.55, 40, -4, -10, "p2")
    assert summary.table.rows[1] == ("Gardeners", 30, 45.45, 20, 10, 50, "p1")
    assert summary.table.rows[2] == (None, None, None, None, None, None, "p3")
    assert summary.provenance.shape == "documented"


@pytest.mark.parametrize(
    ("value", "headline"),
    [
        ({"result": 12.3456789, "metricData": {"title": "Revenue"}}, 'Ask: "Revenue" is 12.35.'),
        ({"clientId": 7, "aggregateId": "a", "name": "Spend", "result": None}, 'Ask: "Spend" is no value (null).'),
        ({"name": "Brands", "result": ["A", "B"]}, 'Ask: "Brands" is a list of 2 items: [A, B].'),
        ([{"name": "Spend", "result": 3}], 'Ask: "Spend" is 3.'),
        (42, "Ask: 42."),
        ("e1", 'Ask: "e1".'),
        ([], "Ask: no value (an empty list)."),
    ],
)
def test_a_single_value_is_its_own_headline(value: Any, headline: str) -> None:
    assert tell(value, Reading("scalar")).headline == headline


def test_a_number_is_rounded_for_reading_and_exact_in_the_store() -> None:
    value = {"result": 1234567.8912}
    summary = tell(value, Reading("scalar"))
    assert figure(summary, "result").value == 1234567.89
    assert stands(value, figure(summary, "result")) == 1234567.8912
    assert "1 number rounded" in summary.left_out[0]


@pytest.mark.parametrize(
    "value",
    [
        [{"segmentationId": "s1", "belongs": True}, {"segmentationId": "s2", "belongs": False}],
        {"s1": True, "s2": False},
    ],
)
def test_membership_counts_the_segments_someone_is_in(value: Any) -> None:
    summary = tell(value, Reading("membership"), names={"s1": "VIP"})
    assert summary.headline == 'Ask: in 1 of 2 segments: "VIP".'
    assert summary.table is not None
    assert summary.table.rows == (("s1", "VIP", True), ("s2", "", False))
