"""A HogQL select -> the DuckDB query that answers it, or what is wrong with it.

Only one SELECT over the project's own tables passes, and in it only functions HogQL has. The parser's own tree is
checked against lists of what is allowed, so that what nobody thought of is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb

from audience_mcp.sandbox.posthog.hogql_text import column_names, respell

TABLES = {"events", "persons", "sessions", "groups", "person_distinct_ids", "cohort_people"}
NUMERIC = {"amount", "birth_year", "orders_count", "lifetime_value"}
BOOLEAN = {"newsletter"}
TREE_NODES = {
    *("SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE", "RECURSIVE_CTE_NODE"),
    *("BASE_TABLE", "JOIN", "SUBQUERY", "EMPTY"),
    *("ORDER_MODIFIER", "LIMIT_MODIFIER", "DISTINCT_MODIFIER"),
    *("ORDER_DEFAULT", "ASCENDING", "DESCENDING"),
}


class HogQLProblem(ValueError):
    """The query is not HogQL, or asks for what this project does not have; the text says which."""


@dataclass(frozen=True, slots=True)
class Translated:
    """`sql` for DuckDB; `names` of its columns as HogQL calls them; whether the query limits its own rows."""

    sql: str
    names: tuple[str, ...]
    limited: bool


def translate(
    connection: duckdb.DuckDBPyConnection, query: str, cohorts: Mapping[str, int] | None = None
) -> Translated:
    """Check and translate `query`; `cohorts` are those it may call by name.

    Raises:
        HogQLProblem: It is not one SELECT, or uses a table or function there is not.
    """
    try:
        tree = _parse(connection, respell(query, cohorts))
    except KeyError as unknown:
        raise HogQLProblem(f"There is no cohort {unknown}") from None
    tables = TABLES | {str(entry["key"]).lower() for entry in _found(tree, "key")}
    for node in _nodes(tree):
        _check(node, tables)
    _open_properties(tree, connection)
    sql = connection.execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchone()
    assert sql is not None
    modifiers = tree["statements"][0]["node"].get("modifiers", [])
    limited = any(modifier["type"] == "LIMIT_MODIFIER" for modifier in modifiers)
    return Translated(str(sql[0]), tuple(column_names(query)), limited)


def described(connection: duckdb.DuckDBPyConnection, translated: Translated) -> list[tuple[str, str]]:
    """Name and DuckDB type of each column the query answers."""
    return [(str(row[0]), str(row[1])) for row in connection.execute(f"DESCRIBE {translated.sql}").fetchall()]


def _parse(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    row = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchone()
    assert row is not None
    tree: dict[str, Any] = json.loads(row[0])
    if tree["error"]:
        readable = "not implemented" not in tree["error_type"]
        raise HogQLProblem(
            f"The query cannot be read: {tree['error_message']}" if readable else "Only SELECT is supported"
        )
    if len(tree["statements"]) != 1:
        raise HogQLProblem("Exactly one SELECT is expected")
    return tree


def _check(node: dict[str, Any], tables: set[str]) -> None:
    kind = node.get("type")  # an object where a literal tells its data type
    if isinstance(kind, str) and "class" not in node and kind not in TREE_NODES:
        raise HogQLProblem(f"Not supported in HogQL: {kind.lower().replace('_', ' ')}")
    if node.get("sample"):
        raise HogQLProblem("Not supported in HogQL: sample")
    if kind == "BASE_TABLE":
        name = str(node["table_name"])
        if node.get("schema_name") or node.get("catalog_name") or name.lower() not in tables:
            raise HogQLProblem(f"Unknown table `{name}`")
    function = str(node.get("function_name", "")).lower()
    if function and not node.get("is_operator") and function not in functions() and function[0].isalpha():
        raise HogQLProblem(f"Unsupported function call '{function}(...)'")


def _open_properties(tree: dict[str, Any], connection: duckdb.DuckDBPyConnection) -> None:
    """Replace `properties.key` by the call that takes the key out; events carry their person where asked for."""
    columns = [node for node in _nodes(tree) if node.get("class") == "COLUMN_REF"]
    if any("person" in node["column_names"][:-1] for node in columns):
        for table in _nodes(tree):
            if table.get("type") == "BASE_TABLE" and table["table_name"].lower() == "events":
                table |= {"table_name": "events_with_person", "alias": table["alias"] or "events"}
                table["qualified_name"] = {"path": ["events_with_person"]}
    for node in columns:
        names = node["column_names"]
        at = next((n for n, name in enumerate(names[:-1]) if name.lower() == "properties"), None)
        if at is not None:
            base, key = names[: at + 1], names[-1]
            reader = "numeric_prop" if key in NUMERIC else "boolean_prop" if key in BOOLEAN else "prop"
            inside = '"."'.join(names[at + 1 :])  # the macros put quotes around the whole
            call = _parse(connection, f"SELECT {reader}({'.'.join(map(_quoted, base))}, '{_text(inside)}')")
            alias = node["alias"]
            node.clear()
            node |= call["statements"][0]["node"]["select_list"][0]
            node["alias"] = alias


def _nodes(value: Any) -> list[dict[str, Any]]:
    """Every object of the tree, the outer ones first."""
    if isinstance(value, dict):
        return [value, *(node for inner in value.values() for node in _nodes(inner))]
    if isinstance(value, list):
        return [node for inner in value for node in _nodes(inner)]
    return []


def _found(tree: Any, key: str) -> list[dict[str, Any]]:
    """The named parts of WITH clauses."""
    return [entry for node in _nodes(tree) for entry in node.get("cte_map", {}).get("map", []) if key in entry]


@cache
def functions() -> frozenset[str]:
    """Every function that may be called, in lower case: those `functions.sql` defines and those it lists as shared."""
    text = files("audience_mcp.sandbox.posthog").joinpath("functions.sql").read_text(encoding="utf-8")
    shared = " ".join(re.findall(r"^-- shared: (.*)", text, re.MULTILINE)).split()
    return frozenset(name.lower() for name in [*shared, *re.findall(r"CREATE MACRO (\w+)\(", text)])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return value.replace("'", "''")
