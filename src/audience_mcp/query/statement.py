"""The text of a query -> the statement, proven to read stored results and nothing else, and the results it reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audience_mcp.errors import InvalidArguments
from audience_mcp.results.wording import named

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Json = Any

LONGEST = 50_000
HANDLE = re.compile(r"r_[a-z2-7]{16}", re.IGNORECASE)
TABLE_FUNCTIONS = frozenset(
    {"range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row", "histogram"}
    | {"histogram_values", "pg_timezone_names", "icu_calendar_names"}
)
"""Table functions a query may use; every other one reads files, memory or the engine itself."""

_UNSTEADY = frozenset(
    {"random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "now", "today", "current_date", "transaction_timestamp"}
    | {"get_current_time", "get_current_timestamp", "current_localtime", "current_localtimestamp"}
)
_ABOUT_ENGINE = re.compile(
    r"pg_(?!typeof|size_pretty)|has_|inet_|current_(?!date|time|local)|session_user|format_(?:type|pg_type)"
    r"|get_block_size|col_description|obj_description|shobj_description|map_to_pg_oid|version|getvariable|getenv"
    r"|json_execute|json_serialize_plan|parse_duckdb"
)
_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_ONE_SELECT = "Send one SELECT (WITH, FROM, VALUES, DESCRIBE and SUMMARIZE do as well)."
_NAME_HANDLES = "Write FROM and a handle: the last line of each answer names its table and columns."


@dataclass(frozen=True, slots=True)
class Statement:
    """One reading statement, without what ends it, and the handles of its results as they come, in small letters."""

    sql: str
    handles: tuple[str, ...]


def read(connection: DuckDBPyConnection, sql: str) -> Statement:
    """Read a query by the engine's own parser.

    Raises:
        InvalidArguments: It is no query, or more than one, or it asks for anything but stored results.
        duckdb.Error: The parser refuses it.
    """
    if len(sql) > LONGEST:
        raise InvalidArguments(f"The query has {len(sql)} characters; at most {LONGEST} are read.", "Shorten it.")
    statements = connection.extract_statements(sql)
    if not statements:
        raise InvalidArguments("There is no statement in the query.", _ONE_SELECT)
    if len(statements) > 1:
        raise InvalidArguments(f"The query has {len(statements)} statements, and one is run.", _ONE_SELECT)
    kind = statements[0].type.name
    if kind == "MULTI":
        raise InvalidArguments("A PIVOT must name its columns here.", "Write PIVOT t ON c IN ('a', 'b') USING sum(n).")
    if kind != "SELECT":
        raise InvalidArguments(f"A statement of kind {kind} is refused: queries only read.", _ONE_SELECT)
    tree = _tree(connection, sql)
    _check_functions(connection, tree)
    handles = sorted(set(_handles(connection, tree)), key=sql.lower().find)
    return Statement(_without_end(connection, sql), tuple(handles))


def _tree(connection: DuckDBPyConnection, sql: str) -> Json:
    found = connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [sql]).fetchone()
    tree = json.loads(found[0]) if found else {"error": True}
    if tree["error"]:
        raise InvalidArguments("The engine's parser cannot take the query apart.", _ONE_SELECT)
    return tree


def _parts(tree: Json) -> Iterator[dict[str, Json]]:
    """Every object of the parsed query."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _handles(connection: DuckDBPyConnection, tree: Json) -> Iterator[str]:
    """The handles that tables are asked by; anything else that is asked for must be defined by the query itself."""
    defined = {entry["key"].lower() for part in _parts(tree) for entry in _definitions(part)}
    views = connection.execute("SELECT lower(view_name) FROM duckdb_views()").fetchall() if defined else []
    for name in defined.intersection(name for (name,) in views):
        # A use of it outside its scope would reach the engine's own view of this name.
        raise InvalidArguments(f"{named(name)} is a name of the engine's own.", "Call this part of WITH differently.")
    for part in _parts(tree):
        kind = part.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _NODES:
            raise InvalidArguments("A part of the query writes, and queries only read.", _ONE_SELECT)
        if kind == "SHOW_REF" and not part.get("query"):  # DESCRIBE and SUMMARIZE are of a query
            raise InvalidArguments("SHOW is refused: a query reads stored results by name.", _NAME_HANDLES)
        if kind == "BASE_TABLE":
            path = [part.get(key, "") for key in ("catalog_name", "schema_name", "table_name")]
            yield from _handle([name.lower() for name in path if name], defined)


def _definitions(part: dict[str, Json]) -> list[dict[str, Json]]:
    """The parts of WITH that stand before a part of a query."""
    found = part.get("cte_map") or {}
    return found.get("map") or []


def _handle(path: list[str], defined: set[str]) -> Iterator[str]:
    path = path[1:] if path[0] == "main" and len(path) > 1 else path
    if len(path) <= 2 and HANDLE.fullmatch(path[0]):
        yield path[0]
    elif path[0] not in defined or len(path) > 1:
        file = re.search(r"[/\\*]|\.\w+$", path[-1])
        why = "Files cannot be read" if file else f"There is no table {named('.'.join(path))}"
        opened = "" if file or len(path) < 2 else f" A list in a row is opened by unnest({'.'.join(path)})."
        raise InvalidArguments(f"{why}: the tables of a query are stored results.", f"{_NAME_HANDLES}{opened}")


def _check_functions(connection: DuckDBPyConnection, tree: Json) -> None:
    """Refuse functions that reach out, wait, or tell about the engine and the machine."""
    tables = {_function(part["function"]) for part in _parts(tree) if part.get("type") == "TABLE_FUNCTION"}
    for name in sorted(tables - TABLE_FUNCTIONS):
        raise InvalidArguments(
            f"The table function {named(name)} is refused: a query reads stored results and nothing else.",
            f"{_NAME_HANDLES} Of table functions there are range, generate_series, unnest, json_each and json_tree.",
        )
    used = {_function(part) for part in _parts(tree) if part.get("class") in ("FUNCTION", "WINDOW")} - tables
    for name in sorted(used & _refused(connection) if used else ()):
        raise InvalidArguments(
            f"The function {named(name)} is refused: it tells about the engine, or does more than compute.",
            "Leave it out; functions that only compute, now() and today() can be used.",
        )


def _function(part: dict[str, Json]) -> str:
    return str(part.get("function_name", "")).lower()


def _refused(connection: DuckDBPyConnection) -> set[str]:
    """Names of functions whose answer depends on more than their arguments, apart from clocks and dice."""
    found = connection.execute(
        "SELECT lower(function_name), bool_or(coalesce(stability, 'CONSISTENT') <> 'CONSISTENT')"
        " FROM duckdb_functions() WHERE function_type NOT IN ('table', 'table_macro', 'pragma') GROUP BY 1"
    ).fetchall()
    return {name for name, unsteady in found if (unsteady and name not in _UNSTEADY) or _ABOUT_ENGINE.match(name)}


def _without_end(connection: DuckDBPyConnection, sql: str) -> str:
    """The statement without a closing semicolon and what stands after it, so that it can be put into brackets."""
    end = sql.rfind(";")
    while end >= 0:
        try:
            if connection.extract_statements(sql[end:]):
                break
        except Exception:  # a semicolon inside a text or a comment
            break
        sql = sql[:end]
        end = sql.rfind(";")
    return sql
