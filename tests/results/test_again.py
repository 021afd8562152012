"""Every figure of every summary follows from the stored answer, reckoned by other code than made it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audience_mcp.results.answer import Answer
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading
from audience_mcp.results.summarize import summarize

from .again import check
from .anything import answers, readings

Json = Any
KEPT = Provenance("synerise", "Meadow & Main (48)", "azure-eu", zone="Europe/Warsaw", handle="r_k3jx5q2mzv7a4b6t")
patient = settings(deadline=None, suppress_health_check=list(HealthCheck))

amounts = st.integers(0, 10**9) | st.floats(0, 10**6, allow_subnormal=False)
signed = st.integers(-(10**9), 10**9) | st.floats(-(10**6), 10**6, allow_subnormal=False)
names = st.sampled_from(["Visit", "Cart", "(end)", "A | B", "Zażółć", 'say "no"', "x" * 90])
dates = st.dates().map(str)


@st.composite
def points(draw: st.DrawFn) -> Json:
    """Points over days, moments or labels, with one number or several, some of them missing."""
    marks = draw(st.lists(draw(st.sampled_from([dates, names])), min_size=1, max_size=40, unique=True))
    width = draw(st.integers(1, 3))
    some = st.lists(signed | st.none(), min_size=width, max_size=width)
    items = [{"date": mark, "values": draw(some)} for mark in marks]
    return {"name": draw(names), "items": items, "legends": draw(st.sampled_from([[], [{"title": "a"}], ["a", "b"]]))}


@st.composite
def narrowing(draw: st.DrawFn) -> Json:
    """Steps none of which is larger than the one before."""
    counts = sorted(draw(st.lists(amounts, min_size=2, max_size=12)), reverse=True)
    times = [{"from": at, "to": at + 1, "medianSeconds": draw(amounts)} for at in range(1, len(counts))]
    return {"calculationResult": [{"title": draw(names), "profiles": one} for one in counts], "timeBetweenSteps": times}


@st.composite
def flowing(draw: st.DrawFn) -> Json:
    """Links with or without steps, between a few nodes that may have counts of their own."""
    ends, stepped = st.sampled_from("abcd"), draw(st.booleans())
    links = draw(st.lists(st.tuples(ends, ends, amounts, st.integers(-2, 2)), min_size=1, max_size=20))
    nodes = [{"id": one, "name": draw(names), "count": draw(amounts)} for one in "abc"]
    told = [{"source": a, "target": b, "value": n, **({"step": at} if stepped else {})} for a, b, n, at in links]
    return {"links": told, "nodes": draw(st.sampled_from([[], nodes]))}


segments = st.fixed_dictionaries(
    {
        "calculationResults": st.lists(
            st.fixed_dictionaries({"title": names, "contacts": amounts}), min_size=1, max_size=9
        )
    },
    optional={"totalContacts": amounts, "excludedContacts": amounts},
)
day_counts = st.lists(
    st.fixed_dictionaries({"date": dates, "count": amounts}), max_size=6, unique_by=lambda d: d["date"]
)
personas = st.lists(
    st.fixed_dictionaries({"persona_id": st.uuids().map(str), "days": day_counts}), min_size=1, max_size=5
)
KINDS = {
    "series": (points(), "/items"),
    "funnel": (narrowing(), "/calculationResult"),
    "sankey": (flowing(), None),
    "segments": (segments, "/calculationResults"),
    "flow": (personas, None),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_reckoned_can_be_reckoned_again(kind: str) -> None:
    strategy, items = KINDS[kind]
    told: list[str] = []

    @patient
    @given(strategy, st.integers(250, 1500))
    def run(value: Json, budget: int) -> None:
        reading = Reading(kind, items, total="/totalContacts")
        summary = summarize(Answer("json", value, 1), reading, KEPT, budget, {"p": "x"}, "Ask")
        check(summary, value)
        told.append(summary.kind)

    run()
    assert told.count(kind) > len(told) // 3, "too few of the generated answers were recognised to prove anything"


@patient
@given(answers, readings, st.integers(250, 1500))
def test_every_figure_of_any_answer_stands_where_it_says(value: Json, reading: Reading, budget: int) -> None:
    check(summarize(Answer("json", value, 1), reading, KEPT, budget, {}, "Ask"), value)
