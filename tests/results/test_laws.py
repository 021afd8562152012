"""What holds for every summary, whatever the answer, the hint, the provenance and the budget."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audience_mcp.results.answer import Answer
from audience_mcp.results.budget import estimate
from audience_mcp.results.draft import View
from audience_mcp.results.fit import LEAST_BUDGET
from audience_mcp.results.kinds import KINDS, Kind, generic
from audience_mcp.results.page import page_summary
from audience_mcp.results.path import read
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading
from audience_mcp.results.summarize import summarize
from audience_mcp.results.summary import Summary
from audience_mcp.results.wording import shown

from .anything import answers, provenances, readings, values

Json = Any
KEPT = Provenance("synerise", "Meadow & Main (48)", "azure-eu", handle="r_k3jx5q2mzv7a4b6t")
patient = settings(deadline=None, suppress_health_check=list(HealthCheck))


@patient
@given(answers, readings, provenances, st.integers(0, 1500), st.sampled_from(["", "List aggregates", "x" * 900]))
def test_every_summary_keeps_every_law(
    value: Json, reading: Reading, provenance: Provenance, budget: int, title: str
) -> None:
    summary = summarize(Answer("json", value, 1), reading, provenance, budget, {}, title)
    within(summary, budget)
    agreeing(summary)
    safe(summary)
    assert summary.headline.startswith("SANDBOX: ") == provenance.sandbox


@patient
@given(answers, readings)
def test_no_kind_raises_or_invents_its_own_name(value: Json, reading: Reading) -> None:
    for kind in KINDS:
        draft = kind.tell(View(value, "json", reading))
        assert draft is None or draft.kind == kind.name
        if draft and draft.listing:
            assert all(len(row) == len(draft.listing.columns) for row in draft.listing.rows())
    assert generic.tell(View(value, "json", reading)).kind == "generic"


@patient
@given(st.lists(values, max_size=60), st.integers(200, 1200))
def test_rows_shown_and_rows_left_out_are_all_rows(items: list[Json], budget: int) -> None:
    summary = summarize(Answer("json", {"data": items}, 1), Reading("page", "/data"), KEPT, budget)
    rows = len(summary.table.rows) if summary.table else 0
    told = " ".join(summary.left_out)
    if summary.kind == "page" and rows < len(items):
        assert (
            f"{len(items) - rows} of {len(items)} items" in told
            or told == 'everything: read_result(handle="r_k3jx5q2mzv7a4b6t")'
        )
        assert 'read_result(handle="r_k3jx5q2mzv7a4b6t"' in told


@patient
@given(values, st.integers(0, 900), st.integers(0, 40), st.none() | st.integers(0, 60))
def test_a_page_of_a_stored_result_keeps_the_laws_too(value: Json, budget: int, start: int, stop: int | None) -> None:
    summary = page_summary(read(value, None, start, stop), KEPT, budget, "Stored result")
    within(summary, budget)
    agreeing(summary)
    safe(summary)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("depth", [50, 900])
def test_deep_nesting_is_told_by_every_kind(kind: Kind, depth: int) -> None:
    value: Json = []
    for _ in range(depth):
        value = {"results": [value], "analysis": value}
    within(summarize(Answer("json", value, 1), Reading(kind.name), KEPT, 800), 800)


def test_a_hopeless_provenance_leaves_the_headline_and_the_way_to_everything() -> None:
    lure = "\U0001f389 " * 60
    source = Provenance(lure, lure, lure, lure, lure, lure, lure, handle=lure, notes=(lure,) * 9)
    summary = summarize(Answer("json", {lure: lure}, 1), Reading("object"), source, 0, title=lure)
    within(summary, 0)
    assert summary.left_out[0].startswith("everything: read_result(handle=")


def within(summary: Summary, budget: int) -> None:
    """Both forms, however the object is written down on one line, are within the budget."""
    most = max(budget, LEAST_BUDGET)
    assert estimate(summary.text()) <= most
    content = summary.structured()
    assert estimate(json.dumps(content, allow_nan=False)) <= most
    assert estimate(json.dumps(content, ensure_ascii=False)) <= most
    assert estimate(json.dumps(content, ensure_ascii=False, separators=(",", ":"))) <= most


def agreeing(summary: Summary) -> None:
    """The text has one line for each thing the object has, with the same values in it."""
    lines = summary.text().split("\n")
    content = summary.structured()
    assert lines.pop(0) == content["headline"]
    for figure in content["figures"]:
        line = lines.pop(0)
        assert line.startswith("- ")
        assert shown(figure["value"]) in line
        assert figure["path"].startswith("$")
    if "table" in content:
        assert lines.pop(0) == " | ".join(map(shown, content["table"]["columns"]))
        for row in content["table"]["rows"]:
            assert lines.pop(0) == " | ".join(map(shown, row))
    for part in content.get("left_out", []):
        assert lines.pop(0) == f"Left out: {part}"
    assert len(lines) == 1
    assert lines[0].startswith("Source: ")


def safe(summary: Summary) -> None:
    """No control, direction-changing or invisible character anywhere; line breaks only inside the object's texts."""
    for line in summary.text().split("\n"):
        assert line.isprintable()
    for text in texts(summary.structured()):
        hidden = [
            sign for sign in text if sign not in "\n\t" and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        ]
        assert not hidden


def texts(value: Json) -> Iterator[str]:
    """Every string of a JSON value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)
