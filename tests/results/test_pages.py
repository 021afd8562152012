"""read_result: any part of a stored value, page by page, as much as fits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audience_mcp.errors import InvalidArguments
from audience_mcp.results.page import page_summary
from audience_mcp.results.path import read

from .telling import HANDLE, KEPT, figure

Json = Any
ITEMS = [{"id": n, "name": f"n{n}", "tags": ["a"], "by": {"email": "x@y.example"}} for n in range(100)]
VALUE: Json = {"count": 100, "results": ITEMS, "note": "x" * 900}


def test_a_path_to_a_list_leads_to_a_slice_of_it() -> None:
    page = read(VALUE, "$.results", 10, 13)
    assert page.items == ITEMS[10:13]
    assert (page.total, page.start, page.next, page.unit) == (100, 10, 13, "item")


def test_the_last_page_has_no_next() -> None:
    assert read(VALUE, "$.results", 90, 400).next is None


@pytest.mark.parametrize("path", ["$.results[*].name", "results[*].name", ".results[*].name", "$..name"])
def test_a_path_with_many_matches_leads_to_the_list_of_them(path: str) -> None:
    page = read(VALUE, path, 1, 3)
    assert page.items == ["n1", "n2"]
    assert page.total == 100


def test_one_match_of_many_possible_is_still_a_list() -> None:
    assert read({"a": [{"b": [1, 2]}]}, "$.a[*].b").items == [[1, 2]]


def test_filters_compare_values() -> None:
    assert [item["id"] for item in read(VALUE, "$.results[?@.id > 97]").items] == [98, 99]


def test_fields_are_chosen_also_inside_nested_objects() -> None:
    page = read(VALUE, "$.results", 0, 1, ("id", "by.email", "nothing"))
    assert page.items == [{"id": 0, "by.email": "x@y.example"}]
    assert page.absent == ("nothing",)
    assert 'No item has "nothing".' in page_summary(page, KEPT, 800).headline


def test_an_object_is_read_field_by_field() -> None:
    page = read(VALUE, None, 1, 2)
    assert (page.items, page.unit, page.total) == ([{"results": ITEMS}], "field", 3)
    assert read(VALUE, "$.results[3]", fields=("id", "gone")).items == [{"id": 3}]


def test_a_long_text_is_read_by_characters() -> None:
    page = read(VALUE, "$.note", 850)
    assert (page.items, page.unit, page.total, page.next) == (["x" * 50], "character", 900, None)


@pytest.mark.parametrize(
    "path",
    [
        "$.results[",
        "$$",
        "$.results[?match(@.name, 'a+')]",
        "$" + ".a" * 400,
        "$..a..b..c",
        "$.results[99999999999999999999]",
    ],
)
def test_what_is_no_path_is_refused_with_an_example(path: str) -> None:
    with pytest.raises(InvalidArguments) as raised:
        read(VALUE, path)
    assert "$.results[0].name" in raised.value.remedy
    assert len(raised.value.message) < 700


def test_a_path_that_leads_nowhere_says_what_there_is() -> None:
    with pytest.raises(InvalidArguments) as raised:
        read(VALUE, "$.resluts")
    assert raised.value.message == 'Nothing stands at "$.resluts".'
    assert "results: [100 items" in raised.value.remedy


def test_whole_items_are_told_as_compact_json_with_the_way_to_go_on() -> None:
    summary = page_summary(read(VALUE, "$.results", 5), KEPT, 800, "List cohorts")
    assert summary.headline == 'List cohorts: items from 5 on, of 100 at "$.results".'
    assert summary.table is not None
    shown = len(summary.table.rows)
    assert f"start={5 + shown})" in summary.left_out[0]
    assert f"{95 - shown} more items" in summary.left_out[0]
    lines = [line for line in summary.text().split("\n") if line.startswith("{")]
    assert [json.loads(line) for line in lines] == ITEMS[5 : 5 + shown]


def test_reading_on_reaches_every_item_exactly_once() -> None:
    seen: list[Json] = []
    start: int | None = 0
    while start is not None:
        summary = page_summary(read(VALUE, "$.results", start), KEPT, 400)
        assert summary.table is not None
        seen += [row[0] for row in summary.table.rows]
        start = start + len(summary.table.rows) if len(seen) < 100 else None
    assert seen == ITEMS


def test_numbers_and_texts_are_exact_here() -> None:
    value = [{"n": 1234567.891011, "text": "y" * 300, "big": 2**60, "nan": float("nan")}]
    (row,) = page_summary(read(value), KEPT, 800).structured()["table"]["rows"]
    assert row == [{"n": 1234567.891011, "text": "y" * 300, "big": "1152921504606846976", "nan": "nan"}]


def test_an_item_too_large_alone_is_folded_and_says_so() -> None:
    item = {"id": 1, "deep": {"a": {"b": {"c": {"d": list(range(500))}}}}, "text": "z" * 9000}
    summary = page_summary(read([item]), KEPT, 400)
    assert summary.table is not None
    assert summary.table.rows[0][0]["id"] == 1
    assert summary.left_out[-1] == 'long and nested parts are folded: read them by a path below "$[0]".'


def test_a_long_text_is_told_in_pieces_that_go_on_where_it_stopped() -> None:
    summary = page_summary(read(VALUE, "$.note"), KEPT, 300)
    assert summary.table is not None
    length = sum(len(row[0]) for row in summary.table.rows)
    assert 0 < length < 900
    assert f'read_result(handle="{HANDLE}", path="$.note", start={length})' in summary.left_out[0]
    assert figure(summary, "characters").value == 900


@pytest.mark.parametrize(("value", "headline"), [(5, "The value."), ([], "Nothing from 0 on; 0 items in all.")])
def test_small_things_are_told_whole(value: Json, headline: str) -> None:
    summary = page_summary(read(value), KEPT, 800)
    assert summary.headline == headline
    assert summary.left_out == ()
