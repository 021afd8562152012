"""What is in an exported file: the stored bytes, or the rows that SQL sees, and no formula."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.errors import InvalidArguments
from audience_mcp.export.content import Content, content
from audience_mcp.query.layout import layout
from audience_mcp.results.answer import decode
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.store import ResultStore
from audience_mcp.results.stored import StoredResult

Json = Any
ROWS = [
    {"id": 1, "name": 'Loyal, "gold"', "at": "2026-11-01T10:00:00Z", "by": {"email": "a@b.example"}, "on": True},
    {"id": 2, "name": "two\nlines", "at": None, "by": None, "on": False, "share": 0.25},
]
PAGE = {"count": 9, "results": ROWS, "links": [{"rel": "self"}]}
SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝")


def kept(body: bytes, content_type: str = "application/json") -> StoredResult:
    store = ResultStore()
    answer = decode(body, content_type)
    return store.get(store.put(answer, tool="t", arguments={}, provenance=Provenance(), body=body))


def stored(value: Json) -> StoredResult:
    return kept(json.dumps(value).encode())


def cells(made: Content) -> list[list[str]]:
    return list(csv.reader(io.StringIO(made.body.decode(), newline="")))


def test_json_is_what_the_provider_sent_to_the_byte() -> None:
    body = b'\xef\xbb\xbf{ "results" : [ {"a" : 1.10 , "b":"\xc5\xbc\\u0000"} ] }\n'
    made = content(kept(body), "json")
    assert (made.body, made.rows, made.columns) == (body, 1, None)


def test_csv_has_the_rows_of_the_list_nested_values_as_json_and_nothing_for_null() -> None:
    made = content(stored(PAGE), "csv")
    assert cells(made) == [
        ["id", "name", "at", "by", "on", "share"],
        ["1", 'Loyal, "gold"', "2026-11-01T10:00:00Z", '{"email": "a@b.example"}', "true", ""],
        ["2", "two\nlines", "", "", "false", "0.25"],
    ]
    assert (made.rows, made.columns) == (2, 6)
    assert made.notes == ("only the table at $.results is in the file, not top, links: format json holds all",)


def test_parquet_has_the_same_rows_with_the_types_of_the_query_tables(tmp_path: Path) -> None:
    result = stored({"results": [{**row, "big": 2**80, "deep": [{"n": 2**80}]} for row in ROWS]})
    made = content(result, "parquet")
    (tmp_path / "t.parquet").write_bytes(made.body)
    found = duckdb.sql(f"SELECT * FROM '{tmp_path / 't.parquet'}'")
    assert found
    types = dict(zip(found.columns, map(str, found.types), strict=True))
    assert types == {
        **{"id": "BIGINT", "name": "VARCHAR", "at": "TIMESTAMP WITH TIME ZONE", "on": "BOOLEAN", "share": "DOUBLE"},
        **{"by": "STRUCT(email VARCHAR)", "big": "JSON", "deep": "JSON"},
    }
    assert list(types) == [column.name for column in layout(result.view()).tables[0].columns]
    assert found.project('id, name, "by".email, share, big, deep').fetchall() == [
        (1, ROWS[0]["name"], "a@b.example", None, str(2**80), f'[{{"n":{2**80}}}]'),
        (2, ROWS[1]["name"], None, 0.25, str(2**80), f'[{{"n":{2**80}}}]'),
    ]
    assert (made.rows, made.columns) == (2, 8)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe_and_is_counted(sign: str) -> None:
    rows = [{"a": f"{sign}cmd|' /C calc'!A0", f"{sign}b": 1}, {"a": f"{sign}2+5"}, {"a": "fine", f"{sign}b": -1}]
    made = content(stored(rows), "csv")
    assert [row[0] for row in cells(made)[1:]] == [f"'{sign}cmd|' /C calc'!A0", f"'{sign}2+5", "fine"]
    assert [row[1] for row in cells(made)[1:]] == ["1", "", "-1"]
    assert not cells(made)[0][1].startswith(sign)
    assert any("leading apostrophe" in note and note[0] in "23" for note in made.notes)


@pytest.mark.parametrize("text", ["-5", "-0.25", "-1e-9", "-12345678901234567890.5"])
def test_a_plain_negative_number_stays_as_it_is(text: str) -> None:
    made = content(stored([{"a": text}]), "csv")
    assert cells(made)[1] == [text] and made.notes == ()


def test_the_csv_of_a_provider_keeps_its_texts_and_loses_its_formulas() -> None:
    made = content(kept(b"a;b\n007;1.10\n=1+1;-2\n", "text/csv"), "csv")
    assert cells(made) == [["a", "b"], ["007", "1.10"], ["'=1+1", "-2"]]
    again = content(kept(b"a;b\n007;1.10\n", "text/csv"), "json")
    assert json.loads(again.body) == [{"a": "007", "b": "1.10"}]


def test_a_text_and_a_single_object_are_one_row() -> None:
    assert cells(content(kept(b"hello", "text/plain"), "csv")) == [["value"], ["hello"]]
    assert json.loads(content(kept(b"hello", "text/plain"), "json").body) == "hello"
    assert cells(content(stored({"id": 1, "name": "x"}), "csv")) == [["id", "name"], ["1", "x"]]


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_an_answer_without_a_body_has_nothing_to_write(form: str) -> None:
    with pytest.raises(InvalidArguments, match="empty"):
        content(kept(b""), form)


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
words = st.builds("".join, st.tuples(st.sampled_from([*SIGNS, "'", "a", "-1"]), st.text(max_size=4)))
values = st.recursive(leaves | words, lambda inner: st.lists(inner, max_size=2), max_leaves=3)
tables = st.lists(st.dictionaries(st.text(max_size=3) | words, values, min_size=1, max_size=3), min_size=1, max_size=4)


@settings(deadline=None, max_examples=30)
@given(tables)
def test_whatever_the_rows_hold_no_cell_is_a_formula_and_none_is_lost(rows: list[dict[str, Json]]) -> None:
    made = content(stored(rows), "csv")
    head, *body = cells(made)
    keys = list(dict.fromkeys(key for row in rows for key in row))
    assert len(head) == len(keys) and len(body) == len(rows) == made.rows
    for cell in [*head, *(cell for line in body for cell in line)]:
        assert not cell.startswith(SIGNS) or float(cell) < 0 or cell.startswith("-0")
    for line, row in zip(body, rows, strict=True):
        for cell, key in zip(line, keys, strict=True):
            value = row.get(key)
            if isinstance(value, str):
                assert cell in (value, f"'{value}")
            else:
                assert (json.loads(cell) if cell else None) == value
