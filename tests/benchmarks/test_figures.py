"""What the benchmarks make of raw figures: spreads, ratios within a round, targets met and missed, the page."""

from __future__ import annotations

import pytest
from bench import report, targets
from bench.contestants import OURS, PEER, PLAIN
from bench.figures import Figures, Spread
from bench.measuring import FLIGHT, IMPORT, MEMORY, START, call_figure
from bench.reading import Listing, Shown

SMALL, LARGE = call_figure("1 KB"), call_figure("1 MB")


def a_round(slower: float = 1.0, **changes: float) -> dict[str, dict[str, float]]:
    """A round on a machine `slower` times as slow, in which every target is just met."""
    own = {START: 500.0, SMALL: 2.0, LARGE: 20.0, FLIGHT: 650.0, **changes}
    timed = {name: value * slower for name, value in own.items() if name not in (FLIGHT, MEMORY)}
    return {
        OURS: {**timed, FLIGHT: own[FLIGHT] / slower, MEMORY: own.get(MEMORY, 90.0)},
        PEER: {START: 900.0 * slower, FLIGHT: 500.0 / slower},
        IMPORT: {START: 450.0 * slower},
        PLAIN: {SMALL: 1.2 * slower, LARGE: 6.0 * slower},
    }


def test_a_spread_is_the_median_with_the_least_and_the_most() -> None:
    assert Spread.of([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)
    assert Spread.of([3.0, 1.0, 10.0]).told(".0f") == "3 (1 to 10)"
    assert Spread.of([2.5]).told() == "2.50"


def test_a_ratio_is_formed_within_a_round_so_that_a_slow_round_does_not_bend_it() -> None:
    figures = Figures([a_round(), a_round(slower=7), a_round(slower=2)])
    assert figures.ratio(OURS, FLIGHT, PEER).told() == "1.30"
    assert figures.ratio(OURS, START, IMPORT).low == pytest.approx(figures.ratio(OURS, START, IMPORT).high)


def test_what_a_call_adds_is_its_time_less_that_of_httpx_in_the_same_round() -> None:
    added = Figures([a_round(), a_round(slower=3)]).added(OURS, SMALL, PLAIN)
    assert added.low == pytest.approx(0.8)
    assert added.high == pytest.approx(2.4)


@pytest.mark.parametrize(
    ("worse", "missed"),
    [
        ({}, []),
        ({START: 530.0}, ["start, beside importing the SDK's low-level server alone"]),
        ({START: 600.0}, ["start, beside importing the SDK's low-level server alone", "start, beside FastMCP"]),
        ({SMALL: 2.2}, ["added to httpx by a call of 1 KB"]),
        ({LARGE: 21.1}, ["added to httpx by a call of 1 MB"]),
        ({FLIGHT: 640.0}, ["32 calls in flight, beside FastMCP"]),
        ({MEMORY: 96.0}, ["memory after start with all tools"]),
    ],
)
def test_a_worse_figure_misses_its_own_target(worse: dict[str, float], missed: list[str]) -> None:
    outcomes = targets.speed(Figures([a_round(**worse)]))
    assert [one.target for one in outcomes if not one.met] == missed


def test_an_answer_over_the_budget_and_an_estimate_below_the_truth_are_misses() -> None:
    lists = {"all": Listing(138, 17_000, 18_000, {"synerise": 17_000}, 1_400)}
    dear = {OURS: {"1 MB": Shown(text=700, structured=801, wire=3_000, estimated=690)}}
    assert [one.met for one in targets.cost(lists, dear)] == [True, True, False]
    assert not targets.caution(lists, dear).met


def test_the_sandbox_may_grow_as_its_data_does_and_a_tenth_more() -> None:
    small = {"funnel": 0.1, "start": 1.0}
    assert targets.growth(small, {"funnel": 0.54, "start": 2.0}, 5)[0].met
    (worst,) = targets.growth(small, {"funnel": 0.56, "start": 2.0}, 5)
    assert not worst.met and worst.measured == "funnel 5.6 x"


def test_new_figures_replace_what_stands_between_the_marks_and_nothing_else() -> None:
    page = f"# Before\n\n{report.BEGIN}\n\nold\n\n{report.END}\n\nafter\n"
    once = report.written(page, "| new |")
    assert once == f"# Before\n\n{report.BEGIN}\n\n| new |\n\n{report.END}\n\nafter\n"
    assert report.written(once, "| new |") == once
    with pytest.raises(ValueError, match="lacks"):
        report.written("# A page without marks\n", "| new |")
