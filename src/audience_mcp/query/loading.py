"""A stored answer -> tables of an engine: every row, every value, exactly."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

from audience_mcp.query.layout import Column, Layout, Table, shaped, table
from audience_mcp.query.naming import delimited, literal
from audience_mcp.query.tables import sources
from audience_mcp.query.types import JSON, SqlType
from audience_mcp.results.draft import View

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Json = Any


def load(connection: DuckDBPyConnection, handle: str, view: View) -> Layout:
    """Make the tables of an answer: the main one is called `handle`, the others stand in a schema of that name.

    A value travels as JSON, a column at a time. Keys that lack and nulls are both NULL.
    """
    made: list[Table] = []
    for source in sources(view):
        found = shaped(source)
        if source.name:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {delimited(handle)}")
            name = f"{delimited(handle)}.{delimited(source.name)}"
        else:
            name = delimited(handle)
        parts = [
            f"CAST(unnest(from_json(${at}::VARCHAR, {literal(json.dumps([_structure(kind)]))})) AS {kind.sql()})"
            f" AS {delimited(column)}"
            for at, (column, kind, _) in enumerate(found, 1)
        ]
        texts = [_text(values, kind) for _, kind, values in found]
        connection.execute(f"CREATE TABLE {name} AS SELECT {', '.join(parts)}", texts)
        made.append(table(source, (Column(column, kind) for column, kind, _ in found)))
    return Layout(tuple(made), tuple(name.partition(".")[0] for name in view.reading.columns))


def _structure(kind: SqlType) -> Json:
    """A type for the way: what JSON has itself, and text for everything else, which the engine then casts."""
    if kind.item:
        return [_structure(kind.item)]
    if kind.fields:
        return {field.name: _structure(field.type) for field in kind.fields}
    return kind.name if kind.plain and kind.name in ("BOOLEAN", "BIGINT", "DOUBLE") else "VARCHAR"


def _text(values: list[Json], kind: SqlType) -> str:
    """A column's values as one JSON text."""
    if not kind.plain:
        values = [_packed(value, kind) for value in values]
    from pydantic_core import PydanticSerializationError, to_json

    try:
        return to_json(values).decode()
    except PydanticSerializationError:  # half a surrogate pair is no character: the engine gets its escape as text
        return json.dumps(_whole(values))


def _packed(value: Json, kind: SqlType) -> Json:
    """A value for the way, where it cannot go as it is."""
    if value is None or kind.plain:
        return value
    if kind.item:
        return [_packed(part, kind.item) for part in value]
    if kind.fields:
        return {field.name: _packed(value.get(field.key), field.type) for field in kind.fields}
    if kind is JSON or isinstance(value, (bool, dict, list)):
        return _dumped(value)
    return value if isinstance(value, str) else repr(value)


def _dumped(value: Json) -> str:
    """A value as JSON text; numbers that JSON does not know are words."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(_whole(json.loads(text)), ensure_ascii=False)
    return text


def _finite(value: Json) -> Json:
    if isinstance(value, list):
        return [_finite(part) for part in value]
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _whole(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_whole(part) for part in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(part) for key, part in value.items()}
    return value
