"""Every shape of answer is a table without a special step, and the told layout is short, true and quick to make."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.query.layout import layout
from audience_mcp.query.naming import delimited, quoted, unique
from audience_mcp.results.budget import estimate
from audience_mcp.results.reading import Reading
from results.anything import answers, readings

from .shelf import ONE, asked, fresh, kept

Json = Any


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([{"name": "a", "count": 1}], "(name, count BIGINT)"),
        ({"data": [{"id": 1}], "meta": {}}, "(id BIGINT); .top(meta JSON)"),
        ({"results": [{"id": 1}], "count": 1, "next": None}, "(id BIGINT); .top(count BIGINT, next)"),
        (["a", "b"], "(value)"),
        ([1, 2, None], "(value BIGINT)"),
        (7, "(value BIGINT)"),
        ({"result": 7, "of": {"title": "x"}}, "(result BIGINT, of STRUCT(title))"),
        (
            {"columns": ["event", "n"], "results": [["visit", 3], ["buy", 1]]},
            "(event, n BIGINT); .top(columns VARCHAR[])",
        ),
        (
            {"fields": [{"name": "day", "type": "date"}, {"name": "n"}], "data": [["2026-11-20", 3]]},
            "(day DATE, n BIGINT); .fields(name, type)",
        ),
        ([[1, "a"], [2, "b"]], "(column_1 BIGINT, column_2)"),
        ([[{"id": 1}], [{"id": 2}]], "(list_index BIGINT, id BIGINT)"),
        (
            [{"persona_id": "p", "days": [{"date": "2026-11-20", "count": 3}]}],
            "(persona_id, days STRUCT(date DATE, count BIGINT)[])",
        ),
        (
            {"of": "x", "nodes": [{"id": "a"}], "links": [{"source": "a", "target": "b", "value": 2}]},
            f".nodes(id); .links(source, target, value BIGINT); {ONE}(of)",
        ),
        ({"report": {"rows": [{"n": 1}]}}, f".report_rows(n BIGINT); {ONE}(report JSON)"),
        ({f"2026-{day}": day for day in range(300)}, "(key, value BIGINT)"),
        ({}, "(value)"),
        ([], "(value)"),
    ],
)
def test_an_answer_is_told_as_the_tables_it_is(value: Json, told: str) -> None:
    result = kept(value)
    assert layout(result.view()).described(ONE, 200, top=True) == ONE + told
    assert isinstance(asked(f"FROM {ONE}", result), list)


def test_the_fields_beside_a_list_are_a_row_that_is_not_told_unasked() -> None:
    result = kept({"count": 7, "next": None, "results": [{"id": 1}]})
    assert layout(result.view()).described(ONE) == f"{ONE}(id BIGINT)"
    assert asked(f"SELECT count FROM {ONE}.top", result) == [{"count": 7}]


def test_tables_whose_columns_find_no_room_are_named() -> None:
    value = {"of": "x", **{name: [{f"{name}_{at}": at for at in range(9)}] for name in ("nodes", "links", "goals")}}
    told = layout(kept(value).view()).described(ONE, 75)
    assert told.startswith(f"{ONE}.nodes(nodes_0 BIGINT, ") and told.endswith("; also .links, .goals")


def test_lists_without_anything_beside_them_have_names_of_their_own_alone() -> None:
    result = kept({"nodes": [{"id": "a"}], "links": [{"source": "a", "target": "b"}]})
    assert layout(result.view()).described(ONE) == f"{ONE}.nodes(id); .links(source, target)"
    rows = asked(f"SELECT id, target FROM {ONE}.nodes JOIN {ONE}.links ON source = id", result)
    assert rows == [{"id": "a", "target": "b"}]


def test_csv_is_rows_with_numbers_where_every_cell_is_one() -> None:
    rows = [{"name": "a", "n": "1", "zip": "01", "x": "0.5"}, {"name": "", "n": "", "zip": "22", "x": "2"}]
    result = kept(rows, media="csv")
    assert layout(result.view()).described(ONE) == f"{ONE}(name, n BIGINT, zip, x DOUBLE)"
    assert asked(f"SELECT sum(n) AS n, sum(x) AS x, max(zip) AS zip FROM {ONE}", result) == [
        {"n": 1, "x": 2.5, "zip": "22"}
    ]


def test_text_and_nothing_are_tables_too() -> None:
    assert asked(f"FROM {ONE}", kept("so it goes", media="text")) == [{"value": "so it goes"}]
    assert asked(f"SELECT count(*) AS n FROM {ONE}", kept(None, media="empty")) == [{"n": 0}]


def test_names_known_for_ids_are_a_table_to_join() -> None:
    result = kept([{"persona_id": "p1", "n": 3}], names={"p1": "Gardeners"})
    assert layout(result.view()).described(ONE) == f"{ONE}(persona_id, n BIGINT); .names(id, name)"
    rows = asked(f"SELECT name, n FROM {ONE} JOIN {ONE}.names ON id = persona_id", result)
    assert rows == [{"name": "Gardeners", "n": 3}]


def test_hinted_columns_come_first_and_what_is_left_out_is_counted() -> None:
    items = [{**{f"field_{at}": at for at in range(30)}, "count": 5, "name": "x"}]
    told = layout(kept(items, reading=Reading(columns=("name", "count"))).view()).described(ONE, 45)
    assert told == f"{ONE}(name, count BIGINT, field_0 BIGINT, +29 more)"


@settings(deadline=None, max_examples=30)
@given(value=answers, reading=readings, tokens=st.integers(40, 300))
def test_a_layout_is_told_on_one_plain_line_within_its_tokens(value: Json, reading: Reading, tokens: int) -> None:
    told = layout(kept(value, reading=reading).view()).described(ONE, tokens)
    assert told.isprintable()
    assert estimate(told) <= tokens or "(" not in told


class Seldom(list[Json]):
    """A long list that counts how many of its items anyone takes out."""

    taken = 0

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        self.taken += len(found) if isinstance(key, slice) else 1
        return found

    def __iter__(self) -> Any:
        raise AssertionError("the whole list was walked through")


def test_a_layout_looks_at_few_rows_of_many() -> None:
    view = kept([]).view()
    items = Seldom({"id": at, "name": "x"} for at in range(100_000))
    assert layout(view._replace(value={"results": items})).described(ONE) == f"{ONE}(id BIGINT, name)"
    assert items.taken < 200


def test_every_name_can_be_written_as_it_is_told() -> None:
    engine = fresh()
    words = [
        word
        for (word,) in engine.execute(
            "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
        ).fetchall()
    ]
    for word in [*words, "Total Count", "0day", "żółć", 'a"b', "a.b"]:
        name = quoted(word)
        made = f"(SELECT 7 AS {delimited(word)}) AS t"
        sql = f"SELECT {name}, t.{name}, max({name}) FROM {made} WHERE {name} = 7 GROUP BY {name} ORDER BY {name}"
        assert engine.execute(sql).fetchall() == [(7, 7, 7)], name


@given(names=st.lists(st.text(max_size=90) | st.sampled_from(["a", "A", "a_2", "", "İ", "i̇", "ß", "ẞ"]), max_size=12))
def test_names_are_unique_whatever_their_case(names: list[str]) -> None:
    made = unique(names)
    assert len({name.lower() for name in made}) == len(names)
    assert all(name.isprintable() and 0 < len(name) < 70 for name in made)
