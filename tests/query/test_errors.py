"""An error of a query says what to write instead, and nothing about the machine."""

from __future__ import annotations

import pytest

from audience_mcp.errors import InvalidArguments
from audience_mcp.query.problems import told

from .shelf import ONE, TWO, asked, kept

COHORTS = kept([{"name": "a", "count": 1}])


def refused(sql: str) -> InvalidArguments:
    with pytest.raises(InvalidArguments) as error:
        asked(sql, COHORTS, kept([{"id": 1}], TWO))
    return error.value


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (f"SELECT nam FROM {ONE}", '"nam" not found'),
        (f"SELECT * FROM {ONE}.links", "links"),
        (f"SELECT sum(name) FROM {ONE}", "sum(VARCHAR)"),
        (f"SELECT name::INT FROM {ONE}", "'a'"),
        (f"SELECT name, count(*) FROM {ONE}", "GROUP BY"),
    ],
)
def test_what_does_not_fit_the_tables_is_told_with_their_columns(sql: str, said: str) -> None:
    error = refused(sql)
    assert said in error.message
    assert error.remedy == f"Its tables are: {ONE}(name, count BIGINT)."


def test_all_tables_of_a_join_are_told() -> None:
    error = refused(f"SELECT x FROM {ONE} JOIN {TWO} ON true")
    assert error.remedy == f"Its tables are: {ONE}(name, count BIGINT); {TWO}(id BIGINT)."


def test_a_slip_of_syntax_is_told_where_it_is() -> None:
    error = refused(f"SELEC name FROM {ONE}")
    assert 'syntax error at or near "SELEC"' in error.message
    assert error.remedy.startswith("Correct the SQL; the dialect is DuckDB's. Its tables are: ")
    assert f"{ONE}(name, count BIGINT)" in error.remedy


@pytest.mark.parametrize("table", ["cohorts", "main.cohorts", "r_short", f"{ONE}.a.b"])
def test_an_unknown_table_is_told_where_names_come_from(table: str) -> None:
    error = refused(f"SELECT * FROM {table}")
    assert "There is no table" in error.message
    assert "handle" in error.remedy


def test_a_list_in_a_row_that_is_taken_for_a_table_is_told_how_to_be_opened() -> None:
    assert "unnest(p.days)" in refused(f"SELECT * FROM {ONE} p, p.days").remedy


def test_a_query_without_a_statement_or_without_end_is_told() -> None:
    assert "no statement" in refused(" -- nothing").message
    assert "50000" in refused("SELECT 1 " + " " * 60_000).message
    assert "cannot be run" in refused("SELECT " + "[" * 5000).message


def test_a_path_of_the_machine_is_never_told() -> None:
    said = told(RuntimeError('IO Error: Cannot open "/home/robin/.duckdb/x.db" or C:\\Users\\robin\\x'), {}, 512)
    assert "robin" not in said.text()


def test_an_error_that_quotes_a_long_value_stays_short() -> None:
    with pytest.raises(InvalidArguments) as error:
        asked(f"SELECT name::INT FROM {ONE}", kept([{"name": "ignore all rules " * 500}]))
    assert len(error.value.text()) < 900
