"""Pages, tables and activity logs: how many, which columns, what is missing and how to get it."""

from __future__ import annotations

from typing import Any

import pytest

from audience_mcp.results.budget import estimate
from audience_mcp.results.reading import Reading

from .telling import HANDLE, cells, figure, stands, tell

COHORTS = Reading(
    "page", "/results", ("id", "name", "count", "created_by.email"), "/count", "documented", drop=("hedgehog_config",)
)


def cohort(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Cohort {number}",
        "count": number * 10,
        "created_by": {"email": "ann@shop.example", "hedgehog_config": {"color": "red"}},
        "filters": {"properties": {"type": "OR", "values": []}},
    }


def test_a_page_tells_how_many_are_here_and_how_many_there_are() -> None:
    value = {"count": 120, "next": "https://x.example?offset=50", "results": [cohort(n) for n in range(50)]}
    summary = tell(value, COHORTS, title="List cohorts")
    assert summary.headline == 'List cohorts: 50 of 120 items, the largest here "Cohort 49" with 490.'
    assert figure(summary, "items here").value == 50
    assert stands(value, figure(summary, "total")) == 120
    assert summary.provenance.complete is False
    assert "70 items on other pages" in summary.left_out[-1]


def test_hinted_columns_come_in_their_order_and_dotted_ones_reach_inside() -> None:
    summary = tell({"count": 2, "next": None, "results": [cohort(1), cohort(2)]}, COHORTS)
    assert summary.table is not None
    assert set(summary.table.columns) == {"id", "name", "count", "created_by.email"}
    assert cells(summary, "created_by.email") == ["ann@shop.example"] * 2
    assert summary.provenance.complete is True


def test_rows_that_do_not_fit_are_counted_and_the_call_to_read_on_is_named() -> None:
    value = {"count": 1000, "results": [cohort(n) for n in range(1000)]}
    summary = tell(value, COHORTS)
    assert summary.table is not None
    rows = len(summary.table.rows)
    assert f"{1000 - rows} of 1000 items" in summary.left_out[0]
    assert f'read_result(handle="{HANDLE}", path="$.results", start={rows})' in summary.left_out[0]
    assert "column (filters)" in summary.left_out[0]
    assert rows >= 15


def test_without_a_hint_id_name_state_numbers_and_moments_are_shown_first() -> None:
    item = {
        "blob": {"a": 1},
        "zone": "x",
        "updated_at": "2026-11-01T00:00:00Z",
        "size": 3,
        "status": "ready",
        "name": "A",
        "id": 7,
    }
    summary = tell([item, item])
    assert summary.table is not None
    assert summary.table.columns == ("id", "name", "status", "size", "updated_at", "zone")
    assert "1 column (blob)" in summary.left_out[0]


def test_a_column_that_says_the_same_everywhere_gives_way() -> None:
    items = [{"id": n, "name": f"n{n}", "type": "AGGREGATE", "count": n} for n in range(9)]
    summary = tell(items)
    assert summary.table is not None
    assert summary.table.columns[-1] == "type"


def test_an_id_is_shown_whole_beside_its_name() -> None:
    long_id = "0190" + "f" * 150
    summary = tell([{"id": long_id, "name": "x" * 150}])
    assert cells(summary, "id") == [long_id]
    assert cells(summary, "name")[0].endswith("...(+70 characters)")
    assert "1 long value cut" in summary.left_out[0]


@pytest.mark.parametrize("value", [[], {"data": []}, {"results": [], "next": None, "count": 0}])
def test_an_empty_list_is_told_as_none(value: Any) -> None:
    summary = tell(value, Reading("page"), title="List funnels")
    assert summary.headline == "List funnels: no items."
    assert summary.table is None
    assert summary.left_out == ()


def test_a_page_beyond_the_end_says_how_many_there_are() -> None:
    assert (
        tell({"data": [], "meta": {"totalCount": 7}}, Reading("page", "/data")).headline
        == "Ask: no items here, 7 in all."
    )


def test_a_short_list_of_plain_values_is_shown_whole() -> None:
    summary = tell(["open", "click", None, 3], Reading("table"))
    assert cells(summary, "value") == ["open", "click", None, 3]
    assert summary.left_out == ()


def test_a_list_of_mixed_values_is_told_one_by_one() -> None:
    assert cells(tell([1, {"a": 1}, [2]], Reading("table")), "value") == [1, "{a: 1}", "[2]"]


def test_columns_beside_positional_rows_name_them() -> None:
    value = {"columns": ["event", "count()"], "results": [["visit", 3], ["buy"]], "types": ["String", "UInt64"]}
    summary = tell(value, Reading("table", "/results"))
    assert summary.table is not None
    assert summary.table.columns == ("event", "count()")
    assert summary.table.rows == (("visit", 3), ("buy", None))
    assert "types" in summary.left_out[0]


def test_a_schema_of_fields_beside_data_orders_the_columns() -> None:
    value = {"fields": [{"name": "b", "type": "dimension"}, {"name": "a"}], "data": [{"a": 1, "b": 2, "c": 3}]}
    summary = tell(value, Reading("table", "/data"))
    assert summary.headline == "Ask: 1 row, 3 columns."
    assert summary.table is not None
    assert summary.table.columns == ("b", "a")
    assert "1 column (c)" in summary.left_out[0]


def test_csv_is_a_table_of_its_header() -> None:
    summary = tell(b"id;name;id\n1;Ann;2\n3;Bo\n", Reading("table"), content_type="text/csv; charset=utf-8")
    assert summary.kind == "table"
    assert summary.table is not None
    assert summary.table.columns == ("id", "name", "id_2")
    assert cells(summary, "name") == ["Ann", "Bo"]


def test_an_activity_log_says_who_changed_what_when() -> None:
    changes = [{"field": "name", "before": {"deep": [1] * 999}, "after": 1}, {"field": "filters"}]
    entry = {
        "id": "e1",
        "user": {"first_name": "Ann", "email": "ann@shop.example"},
        "activity": "updated",
        "item_id": "7",
        "detail": {"name": "VIP", "changes": changes},
        "created_at": "2026-11-01T08:00:00Z",
    }
    summary = tell(
        {"results": [entry], "total_count": 1, "next": None}, Reading("activity", "/results", total="/total_count")
    )
    assert summary.headline == 'Ask: 1 entry; latest: updated "VIP" by ann@shop.example on 2026-11-01.'
    assert summary.table is not None
    assert summary.table.rows == (
        ("2026-11-01T08:00:00Z", "ann@shop.example", "updated", "VIP", "7", "[name, filters]"),
    )


def test_a_megabyte_of_items_stays_within_the_budget_and_uses_most_of_it() -> None:
    items = [{**cohort(n), "description": "words " * 150} for n in range(1000)]
    summary = tell({"count": 1000, "results": items}, COHORTS)
    assert 500 < estimate(summary.text()) <= 800
