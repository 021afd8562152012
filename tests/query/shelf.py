"""Stored results made by hand, and queries over them in this process: the same steps as in a query's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb

from audience_mcp.errors import InvalidArguments
from audience_mcp.query.naming import delimited
from audience_mcp.query.wire import Bounds
from audience_mcp.query.worker import connect, run
from audience_mcp.results.answer import Answer, Media
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading
from audience_mcp.results.stored import Card, StoredResult, encode

Json = Any
ONE, TWO = "r_k3jx5q2mzv7a4b6t", "r_aaaaaaaabbbbbbbb"


def kept(
    value: Json,
    handle: str = ONE,
    *,
    media: Media = "json",
    reading: Reading | None = None,
    names: Mapping[str, str] | None = None,
) -> StoredResult:
    """A result as the store gives it."""
    body = encode(Answer(media, value, 0))
    card = Card(handle, "tool", {}, media, 0.0, "Tool", False, Provenance(), reading or Reading(), dict(names or {}))
    return StoredResult(card, body)


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return connect(Bounds(), "UTC")


def fresh() -> duckdb.DuckDBPyConnection:
    """An engine locked like a query's own and empty again: one instance for all tests, since making one takes long."""
    engine = _engine()
    for (schema,) in engine.execute("SELECT schema_name FROM duckdb_schemas() WHERE NOT internal").fetchall():
        if schema != "main":
            engine.execute(f"DROP SCHEMA {delimited(schema)} CASCADE")
    for (table,) in engine.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        engine.execute(f"DROP TABLE {delimited(table)}")
    return engine


def asked(sql: str, *results: StoredResult, bounds: Bounds | None = None) -> list[dict[str, Json]]:
    """The rows that a query gives; what it is refused with is raised."""
    facts, *rows = run(fresh(), sql, list(results), bounds or Bounds())
    told = json.loads(facts)
    if "error" in told:
        raise InvalidArguments(*told["error"])
    assert "missing" not in told, told
    answer: list[dict[str, Json]] = json.loads(rows[0])
    assert told["count"] == len(answer)
    return answer
