"""Every figure in a chart is one of the stored result; what is put together, thinned or left out is said."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from audience_mcp.charts.choosing import CHARTS
from audience_mcp.charts.drawing import specify
from audience_mcp.charts.forms import CannotDraw, Line, Lines, Options
from audience_mcp.charts.histogram import intervals
from audience_mcp.charts.thinning import fewer_points
from audience_mcp.errors import InvalidArguments
from audience_mcp.results.draft import View
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading
from results.anything import answers, provenances, readings

from .drawn import days, draw, rows

Json = Any
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6, allow_nan=False)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(NUMBERS | st.none(), NUMBERS | st.none()), min_size=1, max_size=30))
def test_lines_and_bars_draw_every_number_and_only_those(values: list[tuple[Json, Json]]) -> None:
    points = [{"day": day, "a": a, "b": b} for day, (a, b) in zip(days(len(values)), values, strict=True)]
    stored = [value for pair in values for value in pair if value is not None]
    assume(stored)
    for kind in ("line", "bar"):
        chart = draw(points, chart=kind)
        drawn = [row["y"] for row in rows(chart, "y") if row["y"] is not None]
        assert sorted(drawn) == sorted(stored if kind == "line" else [a for a, _ in values if a is not None] or stored)


@settings(deadline=None, max_examples=30)
@given(st.lists(NUMBERS, min_size=2, max_size=200), st.lists(st.none(), max_size=3))
def test_a_histogram_counts_every_number_once(values: list[Json], absent: list[None]) -> None:
    assume(max(values) - min(values) > 1e-300)
    chart = draw([{"n": value} for value in (*values, *absent)], chart="histogram")
    bins = rows(chart, "x2")
    assert sum(row["y"] for row in bins) == len(values)
    assert bins[0]["x"] <= min(values) and max(values) <= bins[-1]["x2"]
    for row in bins[:-1]:
        assert row["y"] == sum(row["x"] <= value < row["x2"] for value in values)
    assert len(bins) <= 22
    assert any("without a number" in note for note in chart.drawing.notes) == bool(absent)


def test_the_smallest_numbers_have_their_interval_or_are_told_to_be_too_close() -> None:
    edges, counts = intervals([21.0, -5e-324])
    assert edges[0] <= -5e-324 and sum(counts) == 2
    with pytest.raises(CannotDraw, match="too close together"):
        intervals([0.0, 5e-324])


def test_intervals_of_whole_numbers_have_whole_edges() -> None:
    edges, counts = intervals([1, 2, 2, 3, 9])
    assert all(edge == int(edge) for edge in edges) and sum(counts) == 5


def test_a_funnel_draws_its_counts_and_the_shares_of_the_first_and_of_the_step_before() -> None:
    chart = draw([{"title": name, "count": count} for name, count in (("a", 200), ("b", 50), ("c", 5))], "funnel")
    assert [row["y"] for row in rows(chart, "c")] == [200, 50, 5]
    assert [row["b"] for row in rows(chart, "c")] == [200, 200, 50]
    assert [row["u"] for row in rows(chart, "c")] == [
        "",
        "25% of first · 25% of previous",
        "2.5% of first · 10% of previous",
    ]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(st.integers(0, 1000), min_size=12, max_size=12), min_size=2, max_size=12))
def test_stacked_series_keep_their_sum_whatever_is_put_together(values: list[list[int]]) -> None:
    points = [
        {"day": day, "event": f"e{at}", "n": numbers[at]}
        for day, numbers in zip(days(len(values)), values, strict=True)
        for at in range(12)
    ]
    chart = draw(points, chart="stacked_area", x="day", y="n", series="event")
    assert sum(row["y"] for row in rows(chart, "i")) == sum(map(sum, values))
    assert len({row["s"] for row in rows(chart, "i")}) == 8
    assert "the sum of the 5 smallest series" in " ".join(chart.drawing.notes)


def test_of_many_lines_the_largest_are_drawn_and_the_others_counted() -> None:
    points = [{"day": day, "event": f"e{at}", "n": at} for day in days(3) for at in range(12)]
    chart = draw(points)
    assert {row["s"] for row in rows(chart, "s")} == {f"e{at}" for at in range(5, 12)}
    assert "the 7 largest of 12 series are drawn" in chart.drawing.notes


def test_of_many_names_the_largest_are_drawn_and_the_others_counted() -> None:
    chart = draw([{"name": f"n{at}", "count": (at * 37) % 101} for at in range(90)])
    drawn = [row["y"] for row in rows(chart, "c")]
    assert drawn == sorted(((at * 37) % 101 for at in range(90)), reverse=True)[:24]
    assert "the 24 largest of 90 are drawn" in chart.drawing.notes


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(-(10**9), 10**9) | st.none(), min_size=60, max_size=200))
def test_thinning_keeps_the_ends_and_every_stretch_s_extremes(values: list[int | None]) -> None:
    known = [value for value in values if value is not None]
    assume(known)
    places = [*map(float, range(len(values)))]
    lines = Lines("number", "x", [str(place) for place in places], [*places], [Line("y", [*values])], "y", "$")
    thin, notes = fewer_points(lines, 30)
    kept = dict(zip(thin.places, thin.lines[0].values, strict=True))
    assert len(kept) <= 32 and notes and {0.0, places[-1]} <= set(kept)
    assert all(values[int(place)] == value for place, value in kept.items())
    left = [value for value in kept.values() if value is not None]
    assert (min(left), max(left)) == (min(known), max(known))


def test_gaps_and_missing_values_are_counted() -> None:
    points = [{"day": day, "n": None if at == 1 else at} for at, day in enumerate(days(4))]
    assert "1 missing value left as gaps" in draw(points).drawing.notes
    assert None in [row["y"] for row in rows(draw(points), "y")]
    assert "1 missing value without a bar" in draw(points, chart="bar").drawing.notes
    assert "1 missing value drawn as 0" in draw(points, chart="stacked_area").drawing.notes


def test_points_come_in_the_order_of_time_whatever_theirs_is() -> None:
    chart = draw([{"day": day, "n": at} for at, day in reversed(list(enumerate(days(5))))])
    assert [row["y"] for row in rows(chart, "y")] == [0, 1, 2, 3, 4]


def test_moments_with_a_zone_are_drawn_in_utc_and_say_so() -> None:
    chart = draw([{"at": f"2026-01-01T0{hour}:00:00+02:00", "n": hour} for hour in range(3, 6)])
    assert chart.drawing.x == "at (UTC)"
    assert next(row["w"] for row in rows(chart, "w")) == "2026-01-01 01:00"


def test_series_that_lie_flat_beside_a_large_one_are_named() -> None:
    points = [{"day": day, "orders": 3, "revenue": 90_000} for day in days(3)]
    assert any("too small to be read beside the others: orders" in note for note in draw(points).drawing.notes)


@settings(deadline=None, max_examples=30)
@given(answers, readings, provenances, st.sampled_from([None, *CHARTS]))
def test_whatever_the_answer_is_it_becomes_a_valid_chart_or_a_refusal(
    value: Json, reading: Reading, provenance: Provenance, chart: str | None
) -> None:
    with suppress(InvalidArguments):
        made = specify(View(value, "json", reading, {}, "Tool"), provenance, Options(chart))
        text = json.dumps(made.specification, allow_nan=False).encode()
        assert math.isfinite(made.drawing.points) and len(text) < 3_000_000
