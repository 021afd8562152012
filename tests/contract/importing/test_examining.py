"""A document as a whole -> only what the server will take becomes a correction; the rest changes nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.contract.importing.difference import counts, difference, heading
from audience_mcp.contract.importing.examining import Examination
from audience_mcp.contract.importing.proposing import CONFIRMED
from audience_mcp.contract.overlays import write
from audience_mcp.errors import DocumentProblem
from audience_mcp.providers import PROVIDERS
from audience_mcp.providers.base import Provider

from .made import (
    FUNNEL,
    FUNNEL_PATHS,
    FUNNEL_TITLE,
    INJECTION,
    OVERRIDES,
    Node,
    examined,
    in_path,
    openapi,
    operation,
    ours,
    proposals,
)

HISTOGRAM = "/analytics/analytics/v3/histograms"


@pytest.fixture(scope="module")
def mixed() -> Examination:
    """A document that fits in part: one of everything."""
    paths: Node = {
        **FUNNEL_PATHS,
        "/analytics/{namespace}/funnels": {"get": operation("List funnels")},  # as ours
        "/analytics/v9/funnels/preview": {"get": operation("Preview funnel calculation")},  # no body
        f"{HISTOGRAM}/preview": {"post": operation("Delete histogram preview")},  # refused
        "/analytics/v7/trends/{id}/recalculate": {"post": operation("Calculate trend with parameter override")},
        "/analytics/v8/trends/{id}/recalculate": {"post": operation("Calculate trend with parameter override")},
        # where ours creates a funnel: another operation's address
        f"{HISTOGRAM}/{{id}}/calculate": {
            "post": operation("Calculate histogram with parameter override", {"type": "array"})
        },
        "/billing/invoices": {"get": operation("List invoices")},  # no business of ours
        "/../climbs": {"get": operation("Climb")},
    }
    return examined(openapi(paths))


def test_only_what_fits_becomes_a_correction(mixed: Examination) -> None:
    assert [one.operation for one in mixed.corrections] == ["synerise_calculate_funnel"]


def test_each_of_the_rest_is_told_with_its_reason(mixed: Examination) -> None:
    assert dict(mixed.misfits) == {
        "synerise_preview_funnel": "GET there has no place for the argument analysis",
        "synerise_calculate_histogram": "its body is no object of fields",
    }
    assert [name for name, _ in mixed.matching.refused] == ["synerise_preview_histogram"]
    assert [name for name, _ in mixed.matching.ambiguous] == ["synerise_calculate_trend"]
    assert "GET /billing/invoices" in [str(one) for one in mixed.matching.extra]
    assert counts(mixed).startswith("1 tool to correct, 1 already as the document says, 4 left alone in doubt")


def test_the_difference_reads_as_text_and_quotes_the_document(mixed: Examination) -> None:
    text = "\n".join([*heading(mixed), *difference(mixed)])
    assert 'its own words: "' in text
    assert "synerise_calculate_funnel  (same title" in text
    assert f"becomes POST {FUNNEL.replace('{id}', '{funnelId}')}" in text
    assert "passed over: it climbs" in text
    assert text.count(INJECTION) == 1  # its title, in quotes


def test_a_correction_to_the_address_of_another_tool_does_not_fit() -> None:
    paths = {"/analytics/{namespace}/trends/": {"post": operation("List trends")}}
    found = examined(openapi(paths))
    assert not found.corrections
    assert [name for name, _ in found.matching.refused] == ["synerise_list_trends"]


def test_a_document_written_for_another_host_is_refused_whole() -> None:
    document = {**openapi(FUNNEL_PATHS), "servers": [{"url": "https://evil.example/analytics"}]}
    with pytest.raises(DocumentProblem, match=r"evil\.example"):
        examined(document)


def test_a_tool_that_would_be_too_long_to_list_does_not_fit() -> None:
    names = {
        f"argument_number_{n}": {"type": "string", "enum": [f"choice {m} of {n}" for m in range(9)]} for n in range(90)
    }
    body = {**OVERRIDES, "properties": {**OVERRIDES["properties"], **names}}
    found = examined(openapi({FUNNEL: {"post": operation(FUNNEL_TITLE, body, parameters=[in_path("id")])}}))
    assert not found.corrections
    ((name, reason),) = found.misfits
    assert name == "synerise_calculate_funnel" and "characters long" in reason


@pytest.mark.parametrize("known", PROVIDERS, ids=lambda known: str(known.id))
def test_our_own_document_differs_from_itself_in_nothing(known: type[Provider]) -> None:
    found = proposals(known.document_path.read_text(encoding="utf-8"), known.id)
    assert found.keys() == {one.operation.name for one in ours(known.id)[1]}
    assert {change for one in found.values() for change in one.changes} <= {CONFIRMED}
    assert not [one.name for one in found.values() if one.kept or one.problem]


def after_the_first(document: Node, folder: Path) -> tuple[Examination, str]:
    """What a document comes to, in data and in words, once that of the funnels was imported."""
    write("synerise", examined(openapi(FUNNEL_PATHS), folder=folder).corrections, folder)
    found = examined(document, folder=folder)
    return found, "\n".join(difference(found))


def test_a_second_document_is_compared_with_what_is_in_force_and_says_what_it_replaces(tmp_path: Path) -> None:
    other = FUNNEL.replace("v2", "v9")
    found, text = after_the_first(openapi({other: FUNNEL_PATHS[FUNNEL]}), tmp_path)
    before, after = (path.replace("{id}", "{funnelId}") for path in (FUNNEL, other))
    assert [one.operation for one in found.corrections] == ["synerise_calculate_funnel"]
    assert f"POST {before} becomes POST {after}" in text
    assert 'replaces what was imported on 2026-11-20 from "theirs.json"' in text


def test_a_document_that_is_in_force_already_shows_no_difference(tmp_path: Path) -> None:
    found, text = after_the_first(openapi(FUNNEL_PATHS), tmp_path)
    assert not found.corrections and found.held == {"synerise_calculate_funnel"}
    assert "becomes" not in text and "0 tools to correct, 1 already as the document says" in text


def test_an_untitled_operation_where_an_earlier_import_put_ours_is_ours(tmp_path: Path) -> None:
    found, text = after_the_first(openapi({FUNNEL: {"post": operation("", OVERRIDES)}}), tmp_path)
    assert [one.reason for one in found.matching.matches] == ["same method and path as corrected before"]
    assert "not among our tools: " not in text


def test_a_document_may_take_a_tool_back_to_the_path_of_ours(tmp_path: Path) -> None:
    packaged = "/analytics/analytics/v3/funnels/{id}/calculate"
    _, text = after_the_first(openapi({packaged: FUNNEL_PATHS[FUNNEL]}), tmp_path)
    assert f"POST {FUNNEL} becomes POST {packaged}".replace("{id}", "{funnelId}") in text


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, 7, "x", [], {}, [None], {"a": 1}, {"$ref": "#/paths"}, {"$ref": "x.yaml"}, {"type": ["string", "array"]},
     {"anyOf": [{"type": "string"}, {}]}, {"type": "string", "const": "c"}, {"enum": [1, "a", None]}, {"format": []}]
)  # fmt: skip


def places(node: Any, inside: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, by the keys that lead to it."""
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield (*inside, key)
        yield from places(node[key], (*inside, key))


PLACES = list(places(openapi(FUNNEL_PATHS)))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_a_document_with_odd_parts_raises_nothing_but_the_documented_error(
    odd: list[tuple[tuple[Any, ...], Any]],
) -> None:
    document: Any = copy.deepcopy(openapi(FUNNEL_PATHS))
    for place, junk in sorted(odd, key=lambda one: -len(one[0])):  # the innermost first: what is outside stays there
        holder = document
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = copy.deepcopy(junk)
    try:
        proposals(document)
    except DocumentProblem as problem:
        assert problem.remedy
