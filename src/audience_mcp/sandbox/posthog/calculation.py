"""A cohort that waits -> its people in the warehouse, its count, and a record of the calculation."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import duckdb

from audience_mcp.sandbox.posthog.cohort import Cohort
from audience_mcp.sandbox.posthog.conditions import Condition
from audience_mcp.sandbox.posthog.membership import Definitions
from audience_mcp.sandbox.posthog.warehouse import Warehouse

READY_AFTER_POLLS = 1
READY_AFTER_SECONDS = 5.0


def begin(cohort: Cohort, moment: datetime) -> None:
    """Put the cohort in line; its people are found at a later look."""
    cohort.is_calculating = True
    cohort.calculation_started = moment
    cohort.polls = 0


def is_due(cohort: Cohort, moment: datetime) -> bool:
    """Whether the calculation has had its time: some seconds, or one look that still found it busy."""
    if not cohort.is_calculating or cohort.calculation_started is None:
        return False
    waited = (moment - cohort.calculation_started).total_seconds()
    return cohort.polls >= READY_AFTER_POLLS or waited >= READY_AFTER_SECONDS


def finish(cohort: Cohort, warehouse: Warehouse, now: datetime, moment: datetime) -> None:
    """Find the people. An error is kept in the cohort and its record, as the real service does."""
    started, clock = cohort.calculation_started or moment, time.perf_counter()
    error, sql, read = None, "", 0
    with warehouse.cursor() as connection:
        try:
            members = _members(cohort, Definitions(connection, now))
            sql = members.sql
            connection.begin()
            if not cohort.is_static:
                connection.execute("DELETE FROM cohort_people WHERE cohort_id = ?", [cohort.id])
            connection.execute(
                f"INSERT INTO cohort_people SELECT ?, id FROM ({sql}) EXCEPT FROM cohort_people",
                [cohort.id, *members.values],
            )
            connection.commit()
            read = _count(connection, "SELECT count(*) FROM persons")
            cohort.count = _count(connection, "SELECT count(*) FROM cohort_people WHERE cohort_id = ?", cohort.id)
        except (ValueError, OverflowError, duckdb.Error) as problem:
            error = str(problem).partition("\n")[0]
    cohort.is_calculating = False
    cohort.errors_calculating = 0 if error is None else cohort.errors_calculating + 1
    cohort.last_error_message = error
    cohort.version += 1
    if error is None:
        cohort.last_calculation = moment
    took = (time.perf_counter() - clock) * 1000
    cohort.history.insert(0, _record(cohort, sql, error, started, moment, took, read))


def _members(cohort: Cohort, definitions: Definitions) -> Condition:
    if cohort.query:
        return definitions.of_query(cohort.query)
    if cohort.filters and (not cohort.is_static or not cohort.person_ids):
        return definitions.of_filters(cohort.filters)
    return Condition("SELECT id FROM persons WHERE id::VARCHAR IN (SELECT unnest(?::VARCHAR[]))", (cohort.person_ids,))


def _count(connection: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> int:
    row = connection.execute(sql, list(values)).fetchone()
    return int(row[0]) if row else 0


def _record(
    cohort: Cohort, sql: str, error: str | None, started: datetime, finished: datetime, took: float, read: int
) -> dict[str, Any]:
    written, name = cohort.count or 0, f"cohort_calculation_{cohort.id}_{cohort.version}"
    query = {
        "query": sql,
        "query_id": name,
        "query_ms": round(took, 1),
        "memory_mb": 1,
        "read_rows": read,
        "written_rows": written,
    }
    return {
        "id": uuid5(NAMESPACE_OID, name),  # the same in every run
        "filters": cohort.filters or {},
        "count": cohort.count if error is None else None,
        "started_at": started,
        "finished_at": finished,
        "queries": [query],
        "error": error,
        "duration_seconds": round(max(0.0, (finished - started).total_seconds()), 3),
        "total_query_ms": query["query_ms"],
        "total_memory_mb": query["memory_mb"],
        "total_read_rows": read,
        "total_written_rows": written,
        "is_completed": True,
        "is_successful": error is None,
        "main_query": query,
    }
