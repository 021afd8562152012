"""Answers that are not quite what a kind expects: other names, missing parts, other meanings. None may be told falsely.

The base of each kind is a plain payload of it; generated edits then rename, remove, replace and repeat parts of it.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audience_mcp.results.answer import Answer
from audience_mcp.results.reading import Reading
from audience_mcp.results.summarize import summarize

from .again import check
from .anything import scalars
from .telling import KEPT, tell

Json = Any
Edit = Callable[[Json, Json], Json]

STEPS = [{"title": "Visit", "profiles": 900}, {"title": "Cart", "profiles": 300}, {"title": "Order", "profiles": 60}]
BASES: dict[str, tuple[Json, Reading]] = {
    "funnel": ({"calculationResult": STEPS, "metadata": {}}, Reading("funnel", "/calculationResult")),
    "series": (
        {"name": "Orders", "items": [{"date": f"2026-11-{n:02d}", "values": [n, 2.5]} for n in range(1, 9)]},
        Reading("series", "/items"),
    ),
    "sankey": (
        {
            "results": [
                {"step": 0, "source": "a", "target": "b", "profiles": 9},
                {"step": 1, "source": "b", "target": "c", "profiles": 4},
            ]
        },
        Reading("sankey", "/results"),
    ),
    "segments": (
        {
            "calculationResults": [{"title": "VIP", "contacts": 250}, {"title": "Rest", "contacts": 750}],
            "totalContacts": 1000,
        },
        Reading("segments", "/calculationResults", total="/totalContacts"),
    ),
    "flow": (
        [{"persona_id": "p1", "days": [{"date": "2026-11-01", "count": 4}, {"date": "2026-11-02", "count": 7}]}],
        Reading("flow"),
    ),
    "membership": (
        [{"segmentationId": "s1", "belongs": True}, {"segmentationId": "s2", "belongs": False}],
        Reading("membership"),
    ),
    "scalar": ({"result": 12, "metricData": {"title": "Revenue"}}, Reading("scalar")),
    "persons": (
        {"results": [{"name": "Ann", "distinct_ids": ["d"], "properties": {"plan": "pro"}}], "next": None},
        Reading("persons", "/results"),
    ),
    "activity": (
        {"results": [{"activity": "created", "created_at": "2026-11-01T08:00:00Z"}]},
        Reading("activity", "/results"),
    ),
}


def paths(value: Json, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every place in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for key, part in inner for path in paths(part, (*here, key)))]


@st.composite
def altered(draw: st.DrawFn, kind: str) -> Json:
    """The base of a kind with up to three places renamed, removed, replaced or repeated."""
    value = copy.deepcopy(BASES[kind][0])
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from([path for path in paths(value) if path] or [("gone",)]))
        place: Json = value
        for key in way:
            place = place[key]
        if last == "gone":
            continue
        listed = isinstance(place, list)
        edit = draw(st.sampled_from(["replace", "remove", "rename", "text", "repeat"]))
        if edit == "remove":
            del place[last]
        elif edit == "rename" and isinstance(place, dict):
            place[draw(st.sampled_from(["anzahl", "value", "count", "id", "profiles", "name", "from"]))] = place.pop(
                last
            )
        elif edit == "text":
            place[last] = json.dumps(place[last])
        elif edit == "repeat" and listed:
            place.append(copy.deepcopy(place[last]))
        else:
            place[last] = draw(scalars | st.just(-5) | st.just([]) | st.just({}))
    return value


@pytest.mark.parametrize("kind", BASES)
def test_the_base_of_every_kind_is_recognised(kind: str) -> None:
    value, reading = BASES[kind]
    assert tell(value, reading).kind == kind


@pytest.mark.parametrize("kind", BASES)
def test_an_altered_answer_is_told_truly_or_generically(kind: str) -> None:
    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    @given(altered(kind))
    def run(value: Json) -> None:
        summary = summarize(Answer("json", value, 1), BASES[kind][1], KEPT, 900, {}, "Ask")
        check(summary, value)
        if summary.kind != kind:
            assert summary.provenance.shape == "assumed" and summary.provenance.reading is None
            assert not [one for one in summary.figures if one.unit == "%"]

    run()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("funnel", {"calculationResult": STEPS[::-1]}),
        ("funnel", {"calculationResult": [{"title": "A", "profiles": "900"}, {"title": "B", "profiles": "300"}]}),
        ("funnel", {"calculationResult": [{"title": "A", "reached": 900}, {"title": "B", "reached": 300}]}),
        ("funnel", {"calculationResult": [{"title": "A", "profiles": 900}, {"title": "B"}]}),
        ("funnel", {"calculationResult": [{"title": f"s{n}", "profiles": 500 - n} for n in range(300)]}),
        ("sankey", {"results": [{"source": "a", "target": "b", "profiles": -4}]}),
        ("sankey", {"results": [{"source": "a", "profiles": 4}]}),
        ("sankey", {"results": [["a", "b", 4]]}),
        ("flow", [{"persona": "p1", "days": [{"date": "2026-11-01", "count": 4}]}]),
        ("flow", [{"persona_id": "p1", "days": {"2026-11-01": 4}}]),
        (
            "flow",
            [{"persona_id": "p1", "days": [{"date": "01/11/2026", "count": 4}, {"date": "30/10/2026", "count": 5}]}],
        ),
        (
            "flow",
            [{"persona_id": "p1", "days": [{"date": "2026-11-01", "count": 4}, {"date": "2026-11-01", "count": 5}]}],
        ),
        ("segments", {"calculationResults": [{"title": "VIP"}, {"title": "Rest"}]}),
        ("segments", {"calculationResults": {"VIP": 3}}),
        ("membership", [{"segmentationId": "s1", "belongs": "yes"}]),
        ("membership", [{"segment": {"id": "s1"}, "belongs": True}]),
    ],
)
def test_what_no_recogniser_takes_has_no_derived_figure(kind: str, value: Json) -> None:
    summary = tell(value, BASES[kind][1])
    assert summary.kind == "generic"
    assert "%" not in summary.text() and "read as" not in summary.text()


@pytest.mark.parametrize("kind", BASES)
def test_a_documented_shape_needs_no_reading_and_an_assumed_one_states_it(kind: str) -> None:
    value, reading = BASES[kind]
    assumed = tell(value, reading).provenance
    if assumed.reading is not None:
        assert re.search(r" = ", assumed.reading)
        assert f"shape assumed, read as {assumed.reading}" in assumed.line()
    documented = Reading(kind, reading.items, total=reading.total, shape="documented")
    assert tell(value, documented).provenance.reading is None
