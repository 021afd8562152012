"""Whatever an answer holds, its tables hold all of it, and the layout that was told is the one that is made."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.query.layout import layout, shaped
from audience_mcp.query.loading import load
from audience_mcp.query.tables import INDEX, sources
from audience_mcp.query.types import JSON, MIXED, SqlType
from audience_mcp.results.reading import Reading
from results.anything import answers, readings

from .shelf import ONE, asked, fresh, kept

Json = Any

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", re.ASCII)
_WILD = {"nan": "nan", "inf": "inf", "-inf": "-inf", "infinity": "inf", "-infinity": "-inf"}


def told(value: Json) -> str:
    """A simple value as one text, alike for the forms it may take on its way through a column of mixed types."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else repr(value)
    text = text.encode("utf-8", "backslashreplace").decode()
    if text.lower() in _WILD:
        return _WILD[text.lower()]
    if re.fullmatch(r"-?\d+", text, re.ASCII):
        return str(int(text))
    if _NUMBER.fullmatch(text):
        number = float(text)
        return str(int(number)) if math.isfinite(number) and number == int(number) else repr(number)
    if _MOMENT.fullmatch(text):
        try:
            return datetime.fromisoformat(text).isoformat()
        except ValueError:
            return text
    return text


def leaves(value: Json) -> Iterator[str]:
    """Every simple value in a value; a text that holds a JSON list or object counts as what it holds."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            opened = json.loads(value)
        except ValueError:
            opened = None
        if isinstance(opened, (list, dict)):
            yield from leaves(opened)
            return
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    elif value is not None:
        yield told(value)


def same(original: Json, got: Json, kind: SqlType) -> bool:
    """Whether a cell holds what the answer holds there; keys that lack are nulls."""
    if original is None or got is None:
        return original is got
    if kind.item:
        return len(original) == len(got) and all(
            same(part, there, kind.item) for part, there in zip(original, got, strict=True)
        )
    if kind.fields:
        return set(original) <= {field.key for field in kind.fields} and all(
            same(original.get(field.key), got[field.name], field.type) for field in kind.fields
        )
    if kind in (JSON, MIXED) and isinstance(original, (list, dict)):
        return Counter(leaves(original)) == Counter(leaves(got))
    return told(original) == told(got)


@settings(deadline=None, max_examples=30)
@given(value=answers, reading=readings)
def test_every_value_is_found_where_it_belongs(value: Json, reading: Reading) -> None:
    result = kept(value, reading=reading)
    view = result.view()
    found = Counter[str]()
    for source, table in zip(sources(view), layout(view).tables, strict=True):
        if view.reading.items and source.name == "results":
            continue  # the list around the hinted one is there as well
        rows = asked(f"FROM {table.qualified(ONE)}", result)
        for name, kind, values in shaped(source):
            cells = [row[name] for row in rows]
            assert len(cells) == len(values)
            assert all(same(original, got, kind) for original, got in zip(values, cells, strict=True)), (name, kind)
            if name != INDEX:
                found.update(leaf for cell in cells for leaf in leaves(cell))
    if not view.reading.items:
        assert found == Counter(leaves(view.value))


@settings(deadline=None, max_examples=30)
@given(value=answers, reading=readings, handle=st.just(ONE))
def test_what_is_told_is_what_is_made(value: Json, reading: Reading, handle: str) -> None:
    view = kept(value, reading=reading).view()
    engine = fresh()
    made = load(engine, handle, view)
    described = layout(view)
    few = all(len(source.items) <= 4 for source in sources(view)) and "[" not in str(value)[1:]
    for there, here in zip(made.tables, described.tables, strict=True):
        assert (there.name, there.path) == (here.name, here.path)
        names = [name for name, *_ in engine.execute(f"DESCRIBE {there.qualified(handle)}").fetchall()]
        assert names == [column.name for column in there.columns]
        if few:
            assert here.columns == there.columns


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2**63 - 1, None], "BIGINT"),
        ([1, 2**63], "HUGEINT"),
        ([1, 2**127], "VARCHAR"),
        ([1, 0.5], "DOUBLE"),
        ([2**53 + 1, 0.5], "VARCHAR"),
        ([0.5, math.nan, math.inf], "DOUBLE"),
        ([True, False], "BOOLEAN"),
        ([True, 1], "VARCHAR"),
        (["a", 1], "VARCHAR"),
        (["a", {"b": 1}], "VARCHAR"),
        ([1, {"b": 1}], "JSON"),
        ([[1], {"b": 1}], "JSON"),
        ([{}, {}], "JSON"),
        ([None, None], "VARCHAR"),
        (["2026-11-20", None], "DATE"),
        (["2026-11-20", "never"], "VARCHAR"),
        (["2026-02-30"], "VARCHAR"),
        (["2026-11-20T10:00:00.000Z", "2026-11-20T10:00:00+00:00"], "TIMESTAMPTZ"),
        (["2026-11-20T10:00:00"], "TIMESTAMP"),
        (["2026-11-20T10:00:00Z", "2026-11-20T10:00:00"], "VARCHAR"),
        (["2026-11-20T10:00:00+02:00"], "VARCHAR"),
        (["2026-11-20T10:00:00.1234567Z"], "VARCHAR"),
        ([{"b": 1}, {"b": "x", "c": [0.5]}], "STRUCT(b VARCHAR, c DOUBLE[])"),
    ],
)
def test_a_column_has_the_narrowest_type_that_holds_all_of_it(values: list[Json], kind: str) -> None:
    result = kept([{"x": value} for value in values])
    ((_, found, _),) = shaped(sources(result.view())[0])
    described = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}.get(kind, kind)
    assert found.sql().replace('"', "") == kind
    assert asked(f"SELECT column_type FROM (DESCRIBE {ONE})", result) == [{"column_type": described}]
    cells = [row["x"] for row in asked(f"FROM {ONE}", result)]
    assert all(same(value, cell, found) for value, cell in zip(values, cells, strict=True))


def test_a_field_of_another_case_or_without_a_name_has_a_column_of_its_own() -> None:
    item = {"Id": 1, "id": 2, "": 3, "a.b": 4, "select": 5, 'say "hi"': 6, "nested": {"X": 7, "x": 8, "": 9}}
    (row,) = asked(f"FROM {ONE}", kept([item]))
    assert row == {
        **{"Id": 1, "id_2": 2, "column_3": 3, "a.b": 4, "select": 5, 'say "hi"': 6},
        "nested": {"X": 7, "x_2": 8, "column_3": 9},
    }


def test_a_later_row_widens_a_column_and_adds_one() -> None:
    items: list[Json] = [{"day": "2026-11-20", "n": 1}] * 2000
    items.insert(1500, {"day": "never", "n": 2**64, "late": "x"})
    result = kept({"results": items})
    assert layout(result.view()).described(ONE) == f"{ONE}(day DATE, n BIGINT)"
    assert asked(f"SELECT n, late FROM {ONE} WHERE day = 'never'", result) == [{"n": 2**64, "late": "x"}]
    assert asked(f"SELECT count(*) AS rows, sum(n) AS n FROM {ONE}", result) == [{"rows": 2001, "n": 2000 + 2**64}]
