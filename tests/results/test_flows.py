"""Funnels and flow diagrams: how long steps take, where people leave, and what stands beside the links."""

from __future__ import annotations

from typing import Any

from audience_mcp.results.draft import View
from audience_mcp.results.kinds import links
from audience_mcp.results.reading import Reading

from .telling import cells, figure, tell

Json = Any
FUNNEL = Reading("funnel", "/calculationResult")
STEPS = [{"title": "Visit", "profiles": 900}, {"title": "Cart", "profiles": 300}, {"title": "Order", "profiles": 60}]


def test_the_time_between_steps_is_told_only_with_a_unit_and_between_neighbours() -> None:
    base = {"calculationResult": STEPS}
    for between in (
        [{"from": 1, "to": 2, "averageSeconds": 9.5}, {"from": 2, "to": 3, "averageSeconds": 4}],
        [{"from": 0, "to": 1, "medianSeconds": 9.5}, {"from": 1, "to": 2, "medianSeconds": 4}],
        [{"seconds": 9.5}, {"seconds": 4}],
    ):
        summary = tell({**base, "timeBetweenSteps": between}, FUNNEL)
        assert cells(summary, "seconds from previous") == [None, 9.5, 4]
        assert "time = timeBetweenSteps." in str(summary.provenance.reading)
        assert not summary.left_out
    for alien in (
        [{"from": 1, "to": 2, "average": 9.5}, {"from": 2, "to": 3, "average": 4}],
        [{"from": 1, "to": 3, "seconds": 9.5}, {"from": 2, "to": 3, "seconds": 4}],
        [{"from": 2, "to": 3, "seconds": 9.5}, {"from": 1, "to": 2, "seconds": 4}],
        [{"seconds": 9.5}],
        [9.5, 4],
    ):
        summary = tell({**base, "timeBetweenSteps": alien}, FUNNEL)
        assert "seconds from previous" not in summary.text()
        assert "timeBetweenSteps" in summary.left_out[0]


def test_people_leave_by_exits_that_are_named_so() -> None:
    rows = [("visit", "cart", 60), ("visit", "(end)", 40), ("cart", "order", 45), ("cart", "(end)", 15)]
    value = [{"from": a, "to": b, "count": n} for a, b, n in rows]
    summary = tell(value, Reading("sankey"))
    assert summary.headline.endswith('; most leave after "visit": 40 of 100 (40%).')
    assert figure(summary, "leave after visit, of 100").value == 40
    assert figure(summary, "strongest way").value == "visit > cart > order"
    assert figure(summary, "took it all, at most").value == 45


def test_without_exits_fewer_links_on_are_told_as_just_that() -> None:
    value = [{"from": a, "to": b, "count": n} for a, b, n in (("a", "b", 100), ("b", "c", 70), ("c", "d", 70))]
    summary = tell(value, Reading("sankey"))
    assert summary.headline.endswith('; most end at "b": no link on for 30 of 100 (30%).')
    circle = [*value, {"from": "c", "to": "a", "count": 1}]
    assert "end at" not in tell(circle, Reading("sankey")).headline


def test_nodes_of_one_name_at_two_steps_are_two_nodes() -> None:
    nodes = [{"id": f"{n}:x", "name": "x", "step": n, "count": 50 - n} for n in (1, 2, 3)]
    value = {
        "nodes": nodes,
        "links": [{"source": "1:x", "target": "2:x", "value": 20}, {"source": "2:x", "target": "3:x", "value": 5}],
    }
    flow = links.read(View(value, "json", Reading("sankey")))
    assert flow is not None
    assert [(link.start, link.end, link.step) for link in flow.links] == [("1:x", "2:x", 1), ("2:x", "3:x", 2)]
    assert flow.sizes == {"1:x": 49, "2:x": 48, "3:x": 47}
    assert "most end at" in tell(value, Reading("sankey")).headline


def test_goals_and_step_names_beside_the_links_are_told() -> None:
    value = {
        "steps": [{"index": 1, "name": "Landing"}, {"index": 2, "name": "Cart"}],
        "links": [{"source": "a", "target": "b", "value": 3}],
        "goals": [{"id": "g", "name": "Order placed", "count": 2}],
    }
    summary = tell(value, Reading("sankey"))
    assert figure(summary, "steps").value == "Landing > Cart"
    assert figure(summary, "goal Order placed").value == 2
    assert summary.left_out == ()
