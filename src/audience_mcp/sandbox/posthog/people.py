"""Rows of the persons table -> PostHog's person objects, as JSON or as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
from starlette.responses import Response

from audience_mcp.sandbox.core import Call
from audience_mcp.sandbox.posthog.conditions import Condition, joined
from audience_mcp.sandbox.posthog.membership import search
from audience_mcp.sandbox.posthog.project import Project
from audience_mcp.sandbox.posthog.service import invalid

MOST_DISTINCT_IDS = 10
MOST_EXPORTED = 300_000


def found(project: Project, conditions: Sequence[Condition], limit: int, offset: int) -> list[dict[str, Any]]:
    """The persons that meet all conditions, the newest first."""
    where = joined(conditions, "AND")
    sql = f"SELECT * FROM persons WHERE {where.sql} ORDER BY created_at DESC, id LIMIT ? OFFSET ?"
    try:
        rows = project.warehouse.rows(sql, [*where.values, limit, offset])
    except (duckdb.Error, ValueError) as problem:  # a pattern or a key that only the database finds wrong
        raise invalid("properties", str(problem).partition("\n")[0]) from None
    return [person(row) for row in rows]


def wanted(call: Call, project: Project) -> Condition:
    """The condition that the `search` and `properties` of a request put on persons."""
    conditions = [search(str(call.query["search"]))] if call.query.get("search") else []
    if call.query.get("properties"):
        with project.warehouse.cursor() as connection:
            try:
                conditions.append(project.definitions(connection).of_properties(call.query["properties"]))
            except ValueError as problem:
                raise invalid("properties", str(problem)) from None
    return joined(conditions, "AND")


def person(row: dict[str, Any]) -> dict[str, Any]:
    """The serialized person of one row; distinct ids are cut to ten."""
    return {
        "type": "person",
        "id": row["id"],
        "uuid": row["id"],
        "name": json.loads(row["properties"]).get("email") or row["name"],
        "distinct_ids": row["distinct_ids"][:MOST_DISTINCT_IDS],
        "created_at": row["created_at"],
        "last_seen_at": row["last_seen_at"],
        "is_identified": row["is_identified"],
        "properties": json.loads(row["properties"]),
        "matched_recordings": [],
        "value_at_data_point": row.get("value_at_data_point"),
    }


def csv_page(persons: Sequence[dict[str, Any]]) -> Response:
    """Persons as CSV: the email first, then what is left of the object, one column per property."""
    keys = sorted({f"properties.{key}" for one in persons for key in one["properties"]} - {"properties.email"})
    columns = ["properties.email", "id", "name", "created_at", "last_seen_at", "distinct_ids", *keys]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for one in persons:
        flat = {f"properties.{key}": value for key, value in one["properties"].items()}
        moments = {name: _iso(one[name]) for name in ("created_at", "last_seen_at")}
        writer.writerow({**one, **moments, **flat, "distinct_ids": ",".join(one["distinct_ids"])})
    return Response(text.getvalue().encode(), media_type="text/csv")


def _iso(moment: datetime | None) -> str:
    return moment.replace(tzinfo=UTC).isoformat() if moment else ""
