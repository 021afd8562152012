"""The world's rows of one workspace -> a locked DuckDB database of that PostHog project alone.

Cohorts and HogQL run here: nothing of the other project is in it, no file or network can be reached from it, and its
configuration cannot be changed any more.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import duckdb

from audience_mcp.sandbox.world import Change, World

SCRIPTS = ("functions", "history", "warehouse")
COPIED = {
    "profiles": "SELECT * EXCLUDE (workspace) FROM profiles WHERE workspace = ? ORDER BY profile_id",
    "facts": "SELECT * EXCLUDE (workspace) FROM events WHERE workspace = ? ORDER BY event_id",
}


@dataclass(frozen=True, slots=True)
class _Stream:
    """Rows of one database on their way into another, as Arrow and without any Arrow library."""

    relation: duckdb.DuckDBPyRelation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.relation.__arrow_c_stream__()


class Warehouse:
    """One project's database; built when it is first asked for.

    Tables: persons, person_distinct_ids, events, cohort_people (see `warehouse.sql`; `history.sql` has what is told of
    people). Timestamps are naive and UTC.
    """

    def __init__(self, world: World, workspace: str) -> None:
        self._world = world
        self._workspace = workspace
        self._lock = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None
        self._followed = 0

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection for one thread; who came or changed in the world since the last one is in it."""
        with self._lock:
            if self._database is None:
                self._database = self._build()
            while self._followed < len(self._world.changes):
                change = self._world.changes[self._followed]
                self._followed += 1
                if change.workspace == self._workspace:
                    self._follow(self._database, change)
            return self._database.cursor()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The answer of one query (`?` for each parameter), a dictionary per row."""
        with self.cursor() as cursor:
            result = cursor.execute(sql, list(parameters))
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first value of a query's first row, None without rows."""
        with self.cursor() as cursor:
            row = cursor.execute(sql, list(parameters)).fetchone()
            return row[0] if row else None

    def _build(self) -> duckdb.DuckDBPyConnection:
        database = duckdb.connect(":memory:")
        database.execute("SET TimeZone = 'UTC'")
        with self._world.connection() as source:
            for table, query in COPIED.items():
                stream = _Stream(source.sql(query, params=[self._workspace]))
                database.register("stream", stream).execute(f"CREATE TABLE {table} AS FROM stream").unregister("stream")
        database.execute(f"CREATE MACRO now() AS TIMESTAMP '{self._world.now}'")
        for script in SCRIPTS:
            text = files("audience_mcp.sandbox.posthog").joinpath(f"{script}.sql").read_text(encoding="utf-8")
            database.execute(text)
        database.execute("SET memory_limit = '1GB'")
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
        return database

    def _follow(self, database: duckdb.DuckDBPyConnection, change: Change) -> None:
        """Write one profile of the world over the person it is here; whoever told of it did so with a `$set`."""
        number, person = change.row["profile_id"], change.row["uuid"]
        database.execute("BEGIN")
        for table, key in (("profiles", "profile_id"), ("persons", "number")):
            database.execute(f"DELETE FROM {table} WHERE {key} = ?", [number])
        columns, places = ", ".join(change.row), ", ".join("?" * len(change.row))
        database.execute(f"INSERT INTO profiles ({columns}) VALUES ({places})", list(change.row.values()))
        database.execute("INSERT INTO persons FROM people WHERE number = ?", [number])
        database.execute("DELETE FROM person_distinct_ids WHERE person_id = ?", [person])
        database.execute("INSERT INTO person_distinct_ids FROM known_names WHERE person_id = ?", [person])
        database.execute(
            "INSERT INTO events SELECT md5(concat_ws(':', profile_id, ?, ?))::UUID, '$set', ?, custom_id, uuid,"
            " without_nulls({'$set': introduced(profiles)}) FROM profiles WHERE profile_id = ?",
            [self._followed, change.moment, change.moment, number],
        )
        database.execute("COMMIT")
