"""Persons: finding them, one of them, the values of a property, properties at a time, freeing a distinct id."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Problem, Refusal, answer
from audience_mcp.sandbox.posthog.conditions import Condition
from audience_mcp.sandbox.posthog.paging import uncounted, window
from audience_mcp.sandbox.posthog.people import MOST_EXPORTED, csv_page, found, wanted
from audience_mcp.sandbox.posthog.project import Project
from audience_mcp.sandbox.posthog.properties import path
from audience_mcp.sandbox.posthog.service import invalid

MOST_VALUES = 20
REACH = timedelta(days=2 * 365)
MOST_TOLD = 100_000


def list_persons(call: Call, project: Project) -> Response:
    """Persons, the newest first; CSV takes no limit."""
    conditions = [wanted(call, project)]
    if call.query.get("email"):
        conditions.append(Condition("prop(properties, 'email') = ?", (call.query["email"],)))
    if call.query.get("distinct_id"):
        conditions.append(Condition("list_contains(distinct_ids, ?)", (call.query["distinct_id"],)))
    if call.query.get("format") == "csv":
        return csv_page(found(project, conditions, MOST_EXPORTED, 0))
    limit, offset = window(call)
    return answer(uncounted(call, found(project, conditions, limit, offset), limit, offset))


def get_person(call: Call, project: Project) -> Response:
    """One person by UUID or number."""
    wanted_id = str(call.path["id"])
    if wanted_id.isdecimal():
        by = Condition("number::VARCHAR = ?", (wanted_id,))
    else:
        by = Condition("id = TRY_CAST(? AS UUID)", (wanted_id,))
        if project.warehouse.value("SELECT TRY_CAST(? AS UUID)", [wanted_id]) is None:
            raise invalid("id", "The id of a person is a number or a UUID.")
    rows = found(project, [by], 1, 0)
    if not rows:
        raise Refusal(404, "Not found.")
    return csv_page(rows) if call.query.get("format") == "csv" else answer(rows[0])


def list_values(call: Call, project: Project) -> Response:
    """The values of one property, the most frequent first, as a bare list."""
    key, part = str(call.query.get("key") or ""), str(call.query.get("value") or "")
    if not key.strip('"\\') or key.startswith("$virt"):
        return answer([])
    rows = project.warehouse.rows(
        "SELECT value AS name, count(*) AS count"
        " FROM (SELECT json_extract_string(properties, ?) AS value FROM persons)"
        " WHERE contains(lower(value), lower(?)) GROUP BY value ORDER BY count DESC, value LIMIT ?",
        [path(key), part, MOST_VALUES],
    )
    return answer(rows)


def properties_at_time(call: Call, project: Project) -> Response:
    """One person's properties as events had made them by a moment."""
    distinct_id, person_id = call.query.get("distinct_id"), call.query.get("person_id")
    if bool(distinct_id) == bool(person_id):
        raise plainly(400, "Exactly one of distinct_id and person_id is needed.")
    moment = _moment(str(call.query.get("timestamp") or ""))
    by = "list_contains(distinct_ids, ?)" if distinct_id else "id::VARCHAR = lower(?)"
    known = project.warehouse.rows(f"SELECT * FROM persons WHERE {by}", [distinct_id or person_id])
    if not known:
        raise plainly(404, "There is no such person.")
    row = known[0]
    properties = _rebuilt(project, row["id"], moment, call.query.get("include_set_once") is True)
    seen = project.warehouse.value(
        "SELECT max(timestamp) FROM events"
        " WHERE person_id = ? AND timestamp <= ? AND event NOT IN ('$set', '$set_once')",
        [row["id"], moment],
    )
    return answer(
        {
            "id": row["id"],
            "uuid": row["id"],
            "name": properties.get("email") or row["name"],
            "distinct_ids": row["distinct_ids"],
            "created_at": row["created_at"],
            "last_seen_at": seen,
            "properties": properties,
            "point_in_time_metadata": _metadata(call, moment, distinct_id, person_id, row["distinct_ids"]),
        }
    )


def reset_distinct_id(call: Call, project: Project) -> Response:
    """Accepted and done later; nothing is answered."""
    if not isinstance((call.body or {}).get("distinct_id"), str):
        raise invalid("distinct_id", "distinct_id must be given as text.", "required")
    return Response(status_code=202)


def plainly(status: int, message: str) -> Refusal:
    """The error body of properties at a time: one sentence."""
    return Refusal(status, message, body={"error": message})


def plain_problem(call: Call, problem: Problem) -> Refusal:
    """What is wrong with a request for properties at a time."""
    return plainly(404 if problem.place == "path" else 400, f"{problem.name}: {problem.message}")


def _rebuilt(project: Project, person_id: UUID, moment: datetime, with_once: bool) -> dict[str, Any]:
    """What the events of the two years before `moment` had set; nothing that is older, and nothing is ever unset.

    Every event's `$set` counts, a `$set_once` only that of an event of this name and when asked for
    (posthog/models/person/point_in_time_properties.py).
    """
    told = project.warehouse.rows(
        """SELECT event, properties->'$."$set"' AS "set", properties->'$."$set_once"' AS once FROM events
        WHERE person_id = ? AND timestamp >= ? AND timestamp <= ?
            AND (event IN ('$set', '$set_once') OR json_exists(properties, '$."$set"'))
        ORDER BY timestamp, rowid LIMIT ?""",
        [person_id, max(moment, datetime(1000, 1, 1)) - REACH, moment, MOST_TOLD],
    )
    properties: dict[str, Any] = {}
    for row in told:
        properties |= json.loads(row["set"] or "{}")
        if with_once and row["event"] == "$set_once":
            properties = json.loads(row["once"] or "{}") | properties
    return properties


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise plainly(400, "timestamp must be an ISO 8601 date-time.") from None


def _metadata(
    call: Call, moment: datetime, distinct_id: str | None, person_id: str | None, distinct_ids: list[str]
) -> dict[str, Any]:
    return {
        "queried_timestamp": moment.replace(tzinfo=UTC).isoformat(),
        "include_set_once": call.query.get("include_set_once") is True,
        "distinct_id_used": distinct_id or None,
        "person_id_used": person_id or None,
        "query_mode": "distinct_id" if distinct_id else "person_id",
        "distinct_ids_queried": distinct_ids,
        "distinct_ids_count": len(distinct_ids),
    }
