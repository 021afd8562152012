"""Points over time: what they are read from, what stands out, and their course."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from audience_mcp.results.outliers import FEWEST, MOST, outliers
from audience_mcp.results.reading import Reading
from audience_mcp.results.sparkline import LONGEST, sparkline

from .telling import KEPT, cells, figure, stands, tell

Json = Any


def days(values: list[Json], start: str = "2026-09-07") -> list[Json]:
    """One point a day."""
    first = date.fromisoformat(start)
    return [{"date": str(first + timedelta(at)), "value": value} for at, value in enumerate(values)]


def noise(count: int, level: float = 100, spread: float = 6, seed: int = 1) -> list[float]:
    """Numbers around a level."""
    made = random.Random(seed)
    return [round(made.gauss(level, spread), 1) for _ in range(count)]


def test_a_number_far_from_those_around_it_is_told_with_what_would_have_been_usual() -> None:
    values = noise(30)
    values[17] = 260
    summary = tell(days(values), Reading("series"))
    (one,) = [found for found in summary.figures if found.label.startswith("unusual")]
    assert one.value == 260 == stands(days(values), one)
    assert one.label.startswith("unusual (2026-09-24, usual about ")
    assert 90 < float(one.label.rpartition(" ")[2].rstrip(")")) < 110


def test_weekends_that_are_always_high_are_usual() -> None:
    values = [value + (80 if at % 7 > 4 else 0) for at, value in enumerate(noise(63))]
    assert not outliers(values, daily=True)
    values[26] = 100  # a Saturday like any other day
    assert [found.at for found in outliers(values, daily=True)] == [26]


@pytest.mark.parametrize("seed", range(20))
def test_a_trend_stands_out_nowhere(seed: int) -> None:
    assert len(outliers([at * 10 + value for at, value in enumerate(noise(60, seed=seed))])) <= 1


@pytest.mark.parametrize("values", [[5.0] * 40, [1.0] * (FEWEST - 1), [1.0, 9.0] * MOST, []])
def test_nothing_stands_out_of_what_is_even_short_or_endless(values: list[float]) -> None:
    assert outliers(values) == []


def test_one_spike_in_silence_stands_out() -> None:
    assert [found.at for found in outliers([0.0] * 20 + [50.0] + [0.0] * 20)] == [20]


def test_the_course_is_one_block_for_each_number_or_for_the_mean_of_a_part() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([3, None, 3]) == "▁·▁"
    assert sparkline([]) == ""
    long = sparkline([float(at) for at in range(400)])
    assert len(long) == LONGEST and list(long) == sorted(long)
    assert figure(tell(days([1, 2, 3, 4, 9]), Reading("series")), "course").value == "▁▂▃▄█"


def test_several_series_name_their_outliers() -> None:
    values = [100.0, *noise(29), 110.0]
    values[20] = 300.0
    summary = tell([{"date": one["date"], "a": one["value"], "b": 5} for one in days(values)], Reading("series"))
    assert [one.label.partition(" (")[0] for one in summary.figures] == ["points", "unusual, a"]
    assert summary.headline == 'Ask: "a" 110, +10 (10%); "b" 5, 0 (0%); on 2026-10-07 against 2026-09-07, 31 points.'
    assert cells(summary, "max at")[0] == "2026-09-27"


def test_a_last_period_that_goes_on_is_marked() -> None:
    value = days([3, 4, 5], "2026-11-18")
    told = tell(value, Reading("series"), provenance=replace(KEPT, fetched="2026-11-20T10:12:03Z"))
    assert told.headline.endswith("The last point's period was not over when this was fetched.")
    told = tell(value, Reading("series"), provenance=replace(KEPT, fetched="2026-11-21T10:12:03Z"))
    assert "not over" not in told.headline


@pytest.mark.parametrize(
    "items",
    [
        [{"date": "2026-11-01", "country": "PL", "value": 3}, {"date": "2026-11-01", "country": "DE", "value": 9}],
        [{"date": "2026-11-01", "value": "3"}, {"date": "2026-11-02", "value": "9"}],
        [{"date": "2026-11-01"}, {"date": "2026-11-02"}],
        [{"date": "2026-11-01", "value": 1}, {"value": 2}],
        [{"date": "2026-11-01", "value": 1}, {"date": None, "value": 2}],
        [["2026-11-01", 1], ["2026-11-02"]],
        [{"date": f"2026-11-{n:02d}", **{f"v{m}": m for m in range(13)}} for n in (1, 2)],
        [{"date": "2026-11-01", "persona_id": 7}, {"date": "2026-11-02", "persona_id": 8}],
    ],
)
def test_what_only_looks_like_points_gets_no_first_last_or_total(items: list[Json]) -> None:
    summary = tell({"items": items}, Reading("series", "/items"))
    assert summary.kind == "generic"
    assert not {"first", "last", "total", "change"} & {one.label.partition(" ")[0] for one in summary.figures}


def test_fields_that_are_no_numbers_are_named_as_left_out() -> None:
    items = [
        {"date": "2026-11-01", "value": 1, "note": "x", "index": 0},
        {"date": "2026-11-02", "value": 2, "note": "y", "index": 1},
    ]
    summary = tell(items, Reading("series"))
    assert summary.table is not None and summary.table.columns == ("date", "value")
    assert "2 columns (note, index)" in summary.left_out[0]


def test_legends_name_the_series_only_where_there_are_as_many() -> None:
    items = [{"date": f"2026-11-{n:02d}", "values": [n, n * 2]} for n in (1, 2)]
    named = tell({"items": items, "legends": ["up", "down"]}, Reading("series", "/items"))
    assert cells(named, "series") == ["up", "down"]
    unnamed = tell({"items": items, "legends": ["up"]}, Reading("series", "/items"))
    assert cells(unnamed, "series") == ["values[0]", "values[1]"]
