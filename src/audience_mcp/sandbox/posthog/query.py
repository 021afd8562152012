"""A HogQL query -> its columns and rows, computed in the project's locked warehouse."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import duckdb
from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Refusal, answer
from audience_mcp.sandbox.posthog.dates import read
from audience_mcp.sandbox.posthog.hogql import HogQLProblem, Translated, described, translate
from audience_mcp.sandbox.posthog.project import Project
from audience_mcp.sandbox.posthog.service import invalid

USUAL_ROWS = 100
MOST_ROWS = 50_000
MOST_SECONDS = 10.0
PLACEHOLDER = re.compile(r"\{(\w+)\}")
TYPES = {
    "VARCHAR": "String",
    "JSON": "String",
    "UUID": "UUID",
    "BOOLEAN": "Bool",
    "DATE": "Date",
    "TIMESTAMP": "DateTime64(6, 'UTC')",
    "TINYINT": "Int8",
    "INTEGER": "Int32",
    "BIGINT": "Int64",
    "HUGEINT": "Int128",
    "FLOAT": "Float32",
    "DOUBLE": "Float64",
}


def run_query(call: Call, project: Project) -> Response:
    """Answer one HogQLQuery; 100 rows unless it has its own limit."""
    query = (call.body or {}).get("query")
    if not isinstance(query, Mapping) or query.get("kind") != "HogQLQuery":
        raise invalid("query", "This project answers queries of kind HogQLQuery only.")
    with project.lock:
        names = {cohort.name: cohort.id for cohort in project.cohorts().values() if cohort.name and not cohort.deleted}
    try:
        text = _filled(str(query.get("query") or ""), query, project.world.now)
        with project.warehouse.cursor() as connection:
            translated = translate(connection, text, names)
            return answer(_run(connection, translated, text))
    except (HogQLProblem, RecursionError, duckdb.Error) as problem:
        raise invalid(None, str(problem).partition("\n")[0]) from None


def _run(connection: duckdb.DuckDBPyConnection, translated: Translated, text: str) -> dict[str, Any]:
    most = MOST_ROWS if translated.limited else USUAL_ROWS
    timer = threading.Timer(MOST_SECONDS, connection.interrupt)
    timer.start()
    try:
        connection.execute("BEGIN TRANSACTION READ ONLY")
        columns = described(connection, translated)
        if any("TIME ZONE" in kind for _, kind in columns):
            raise HogQLProblem("Moments with a time zone are not supported; use toDateTime(...)")
        rows = connection.execute(translated.sql).fetchmany(most + 1)
        connection.execute("ROLLBACK")
    except duckdb.InterruptException:
        raise Refusal(504, f"The query took longer than {MOST_SECONDS:g} seconds.", code="timeout") from None
    finally:
        timer.cancel()
    names = [name for name, _ in columns]
    if len(translated.names) == len(names) and "*" not in translated.names:
        names = list(translated.names)
    return {
        "columns": names,
        "types": [[name, TYPES.get(kind, "String")] for name, (_, kind) in zip(names, columns, strict=True)],
        "results": [[_plain(value) for value in row] for row in rows[:most]],
        "hasMore": len(rows) > most,
        "limit": most,
        "offset": 0,
        "query": text,
        "hogql": text,
        "clickhouse": None,
        "error": None,
        "is_cached": False,
        "last_refresh": datetime.now(UTC).isoformat(),
        "timings": [],
    }


def _filled(text: str, query: Mapping[str, Any], now: datetime) -> str:
    """The query with its {placeholders} replaced by literals of `values`, and {filters} by the dates of `filters`."""
    values = {**(query.get("values") or {})}

    def literal(match: re.Match[str]) -> str:
        name = match[1]
        if name == "filters":
            return _date_range((query.get("filters") or {}).get("dateRange"), now)
        if name not in values:
            raise HogQLProblem(f"Placeholder {{{name}}} has no value")
        return _literal(values[name])

    return PLACEHOLDER.sub(literal, text)


def _date_range(given: Any, now: datetime) -> str:
    given = given if isinstance(given, Mapping) else {}
    try:
        parts = [
            f"timestamp {sign} toDateTime('{read(given[name], now)}')"
            for name, sign in (("date_from", ">="), ("date_to", "<="))
            if given.get(name)
        ]
    except ValueError as problem:
        raise HogQLProblem(str(problem)) from None
    return " AND ".join(parts) or "1 = 1"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list):
        return f"({', '.join(_literal(item) for item in value) or 'NULL'})"
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _plain(value: Any) -> Any:
    """A value of DuckDB as JSON has it."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str | date | UUID) else str(value)
