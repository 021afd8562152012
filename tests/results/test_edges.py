"""The rare turns: odd but well-meant forms of answers that each kind still has to take, or to refuse."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from audience_mcp.results.answer import Answer, decode
from audience_mcp.results.budget import estimate
from audience_mcp.results.path import read
from audience_mcp.results.reading import Reading
from audience_mcp.results.report import listing, report
from audience_mcp.results.store import ResultStore
from audience_mcp.results.summarize import summarize

from .telling import KEPT, cells, figure, tell

Json = Any


@pytest.mark.parametrize(
    ("value", "reading", "kind"),
    [
        ([3, 2], Reading("funnel"), "funnel"),
        ([3, "2"], Reading("funnel"), "generic"),
        ([{"step": {"name": "A"}, "count": 3}, {"step": {"title": "B"}, "count": 1}], Reading("funnel"), "funnel"),
        ([{"name": "A"}, {"name": "B"}], Reading("funnel"), "generic"),
        ([{"persona_id": "p", "days": []}], Reading("flow"), "generic"),
        ([{"persona_id": "p", "days": [{"date": "2026-11-01", "count": "3"}]}], Reading("flow"), "generic"),
        ([{"from": None, "to": "b", "count": 1}], Reading("sankey"), "generic"),
        ([{"from": {"name": "A"}, "to": 7, "count": 1}], Reading("sankey"), "sankey"),
        ({"nodes": [7], "links": [{"source": 0, "target": 1, "value": 1}]}, Reading("sankey"), "sankey"),
        ([{"id": "a", "yes": "no"}], Reading("membership"), "generic"),
        ([{"date": "2026-11-01", "value": {"orders": 1, "visits": 2}}], Reading("series"), "series"),
        ([{"at": "2026-11-01", "persona_id": 3, "n": 1}], Reading("series"), "series"),
        ("<b>", Reading("scalar"), "scalar"),
        ([[1, 2], [3]], Reading("scalar"), "generic"),
        ([1], Reading("object"), "generic"),
        ([1], Reading("session"), "generic"),
        ([1], Reading("acknowledgement"), "generic"),
        ({"a": 1}, Reading("persons"), "generic"),
        ({"a": 1}, Reading("person"), "generic"),
        ({"a": 1}, Reading("activity"), "generic"),
        ({"a": 1}, Reading("table"), "generic"),
        ({"a": 1}, Reading("no such kind"), "object"),
    ],
)
def test_a_kind_takes_its_own_and_leaves_the_rest(value: Json, reading: Reading, kind: str) -> None:
    assert tell(value, reading).kind == kind


def test_text_is_never_taken_for_a_value_or_an_acknowledgement() -> None:
    for kind in ("scalar", "acknowledgement", "session", "page"):
        assert tell(b"plain words", Reading(kind), content_type="text/plain").kind == "text"


def test_a_deleted_object_with_a_type_says_so() -> None:
    value = {"id": 7, "name": "VIP", "cohort_type": "behavioral", "deleted": True}
    assert tell(value, Reading("object")).headline == 'Ask: "VIP", cohort_type "behavioral", id 7, deleted.'
    assert tell({"a": [], "b": {}}, Reading("object")).headline == "Ask: an object of 2 fields."
    assert tell({"a": 1, "b": 2}, Reading("object")).headline == "Ask: a 1, b 2."


def test_a_log_in_with_conditions_left_says_so() -> None:
    value = {"conditions": [{"type": "AGREEMENT"}], "status": "CONDITIONS"}
    assert "conditions remain to be met" in tell(value, Reading("session")).headline


def test_a_table_says_what_lies_on_other_pages() -> None:
    assert "4 rows on other pages" in tell({"data": [{"a": 1}], "total": 5}, Reading("table", "/data")).left_out[-1]
    assert "further pages" in tell({"data": [{"a": 1}], "next": "u"}, Reading("table", "/data")).left_out[-1]
    assert tell({"data": [{"a": 1}], "columns": [{"x": 1}]}, Reading("table", "/data")).kind == "table"


def test_a_list_that_turns_odd_late_keeps_its_columns() -> None:
    items: list[Json] = [{"a": n} for n in range(45)]
    assert cells(tell([*items, 7], Reading("table")), "a")[-1] == 7


def test_a_column_that_only_a_late_item_has_is_named_as_left_out() -> None:
    items: list[Json] = [{"a": n} for n in range(60)]
    assert "1 column (late)" in tell([*items, {"a": 1, "late": 2}], Reading("table")).left_out[0]


def test_a_series_from_zero_has_a_change_and_no_percentage() -> None:
    summary = tell([["2026-11-01", 0], ["2026-11-02", 5]], Reading("series"))
    assert figure(summary, "change").value == 5
    assert "%" not in summary.text()


def test_csv_that_cannot_be_split_is_text() -> None:
    huge = b'a,b\n"' + b"x" * 200_000 + b'",1\n'
    assert decode(huge, "text/csv").media == "text"
    assert decode(b'{"broken\n', "text/csv").media == "csv"


def test_chosen_fields_leave_plain_items_alone() -> None:
    assert read([1, {"a": 2}], fields=("a",)).items == [1, {"a": 2}]


def test_a_text_without_its_body_is_kept_as_text() -> None:
    store = ResultStore()
    handle = store.put(Answer("text", "12", 2), tool="t", arguments={}, provenance=KEPT)
    assert store.get(handle).answer() == Answer("text", "12", 2)


def test_the_call_behind_a_result_is_remembered_for_thousands_of_results() -> None:
    store = ResultStore()
    handles = [store.put(Answer("empty", None, 0), tool="t", arguments={}, provenance=KEPT) for _ in range(2100)]
    assert store.get(handles[-1]).answer().media == "empty"


def test_costs_of_pieces_are_forgotten_before_they_fill_the_memory() -> None:
    letters = "bcdfghjklmnp"
    words = " ".join("".join(four) for four in itertools.product(letters, repeat=4))
    assert estimate(words) > len(letters) ** 4


class Hostile(dict[str, Json]):
    """An object that fails when it is looked at: no JSON, but a kind must not cost an answer whatever happens."""

    def get(self, *_: Any) -> Json:
        raise RuntimeError


def test_an_answer_that_a_kind_stumbles_over_is_still_told() -> None:
    summary = summarize(Answer("json", Hostile(name=1), 9), Reading("object"), KEPT, title="Ask")
    assert summary.headline == "Ask: an answer (object) that could not be told; read it by its handle."
    assert summary.left_out == ('1 part (everything): read_result(handle="r_k3jx5q2mzv7a4b6t", path="$")',)


def test_facts_of_our_own_have_the_same_shape() -> None:
    facts: Mapping[str, Json] = {"synerise": {"workspace": "Main", "gone": None}, "providers": ["a", "b"], "count": 2}
    summary = report("session", "2 providers.", facts, KEPT, 800)
    assert [(one.label, one.value) for one in summary.figures] == [
        ("synerise workspace", "Main"),
        ("providers", "a, b"),
        ("count", 2),
    ]
    table = listing("workspaces", "1 workspace.", ("id", "name", "zone"), [{"id": 1, "name": "A"}], KEPT, 800).table
    assert table is not None
    assert (table.columns, table.rows) == (("id", "name"), ((1, "A"),))
