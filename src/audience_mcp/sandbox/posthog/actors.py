"""The people behind a chart: by lifecycle, by stickiness, behind a trend. Browser sessions only, as the real ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Problem, Refusal, answer
from audience_mcp.sandbox.posthog.conditions import Condition
from audience_mcp.sandbox.posthog.dates import read
from audience_mcp.sandbox.posthog.entity import Entity, entity, kept, within
from audience_mcp.sandbox.posthog.membership import search
from audience_mcp.sandbox.posthog.paging import at, window
from audience_mcp.sandbox.posthog.people import csv_page, person
from audience_mcp.sandbox.posthog.project import Project
from audience_mcp.sandbox.posthog.properties import condition
from audience_mcp.sandbox.posthog.service import explained, invalid

LOOK_BACK = {"weekly_active": 7, "monthly_active": 30}
EARLIEST = datetime(2000, 1, 1)
COUNTS = {"total", "dau", "unique_session", *LOOK_BACK}
NO_VALUE = "$$_posthog_breakdown_null_$$"
# The interval a moment is in; a project's week starts on Sunday.
START = {unit: f"date_trunc('{unit}', {{}})" for unit in ("minute", "hour", "day", "month")}
START["week"] = "toStartOfWeek({})::TIMESTAMP"
Actors = Callable[[Condition], Condition]


def lifecycle(call: Call, project: Project) -> Response:
    """People who were new, returning or resurrecting in the interval of `target_date`, or dormant since it.

    The interval before counts even where it lies before `date_from`; outside the dates there is nobody.
    """
    one = _entity_for_lifecycle(call)
    start, end = within(call, project.world.now)
    try:
        target = read(call.query["target_date"], project.world.now)
    except ValueError as problem:
        raise _message(str(problem)) from None
    unit = str(call.query["interval"])
    bucket, first, last = START[unit], START[unit].format("?::TIMESTAMP"), START[unit].format("?::TIMESTAMP")
    meets = {
        "new": "active AND joined = target",
        "returning": "active AND joined <> target AND (before OR joined = earlier)",
        "resurrecting": "active AND joined <> target AND NOT (before OR joined = earlier)",
        "dormant": "before AND NOT active",
    }[call.query["lifecycle_type"]]

    def actors(events: Condition) -> Condition:
        return Condition(
            f"""WITH chosen AS (
                SELECT {first} AS target, {bucket.format(f"target - INTERVAL 1 {unit}")} AS earlier,
                    target >= {last} AND target <= ?::TIMESTAMP AS inside
            ), told AS (
                SELECT person_id, bool_or(happened = target) AS active, bool_or(happened = earlier) AS before
                FROM (SELECT person_id, {bucket.format("timestamp")} AS happened FROM events WHERE {events.sql}), chosen
                WHERE inside GROUP BY person_id
            )
            SELECT person_id, NULL AS value
            FROM (SELECT told.*, chosen.*, {bucket.format("persons.created_at")} AS joined
                  FROM told JOIN persons ON persons.id = person_id, chosen)
            WHERE {meets}""",
            (target, start, end, *events.values),
        )

    return _page(call, project, one, actors)


def stickiness(call: Call, project: Project) -> Response:
    """People who did it in exactly `stickiness_days` intervals of the period."""
    start, end = within(call, project.world.now)
    bucket = START[str(call.query["interval"])].format("timestamp")

    def actors(events: Condition) -> Condition:
        return Condition(
            f"SELECT person_id, NULL AS value FROM events WHERE {events.sql} AND timestamp BETWEEN ? AND ?"
            f" GROUP BY person_id HAVING count(DISTINCT {bucket}) = ?",
            (*events.values, start, end, call.query["stickiness_days"]),
        )

    return _page(call, project, entity(call), actors)


def trends(call: Call, project: Project) -> Response:
    """People who did it in the period, those who did it most first, each with how often; more fields beside them."""
    one = entity(call)
    if one.math not in COUNTS:
        raise invalid("entity_math", f"entity_math {one.math!r} is not one of {', '.join(sorted(COUNTS))}.")
    start, end = within(call, project.world.now)
    if one.math in LOOK_BACK:
        start = min(start, max(end, EARLIEST) - timedelta(days=LOOK_BACK[one.math]))
    broken = _broken(call, project)

    def actors(events: Condition) -> Condition:
        return Condition(
            f"SELECT person_id, count(*) AS value FROM events WHERE {events.sql} AND {broken.sql}"
            " AND timestamp BETWEEN ? AND ? GROUP BY person_id",
            (*events.values, *broken.values, start, end),
        )

    more = {
        "initial": str(call.request.url),
        "missing_persons": 0,
        "is_cached": False,
        "last_refresh": datetime.now(UTC).isoformat(),
    }
    return _page(call, project, one, actors, more)


def explain(call: Call, problem: Problem) -> Refusal:
    """What is wrong with a request for the lifecycle, in the body of its own."""
    if problem.name in ("target_date", "lifecycle_type"):
        return _message(f"Must include {problem.name.replace('_', ' ')}: {problem.message}")
    return explained(call, problem)


def _page(call: Call, project: Project, one: Entity, actors: Actors, more: dict[str, Any] | None = None) -> Response:
    """One page of people inside results[0]; a full one has a next."""
    limit, offset = window(call)
    looked = search(str(call.query["search"])) if call.query.get("search") else Condition("TRUE")
    try:
        with project.warehouse.cursor() as connection:
            found = actors(kept(call, one, project.definitions(connection)))
        rows = project.warehouse.rows(
            "SELECT persons.*, actors.value AS value_at_data_point"
            f" FROM persons JOIN ({found.sql}) AS actors ON actors.person_id = persons.id WHERE {looked.sql}"
            " ORDER BY actors.value DESC NULLS LAST, created_at DESC, id LIMIT ? OFFSET ?",
            [*found.values, *looked.values, limit, offset],
        )
    except (ValueError, OverflowError, duckdb.Error) as problem:
        raise invalid("properties", str(problem).partition("\n")[0]) from None
    people = [person(row) for row in rows]
    if call.query.get("format") == "csv":
        return csv_page(people)
    following = at(call, limit, offset + limit) if len(people) == limit else None
    return answer({"results": [{"people": people, "count": len(people)}], "next": following, **(more or {})})


def _broken(call: Call, project: Project) -> Condition:
    """The part of a breakdown that was asked for; a breakdown without a value is none."""
    key, kind, value = (call.query.get(name) for name in ("breakdown", "breakdown_type", "breakdown_value"))
    if key is None or value is None:
        return Condition("TRUE")
    kind = kind or "event"
    if kind == "cohort":
        if not str(value).isdecimal():
            return Condition("TRUE")  # "all": everybody
        return Condition("person_id IN (SELECT person_id FROM cohort_people WHERE cohort_id = ?)", (int(value),))
    if kind not in ("event", "person"):
        raise invalid("breakdown_type", f"A breakdown by {kind!r} is not supported.")
    given = {"key": key, "operator": "is_not_set" if value == NO_VALUE else "exact", "value": value}
    if kind == "event":
        return condition("properties", given, project.world.now)
    about = condition("persons.properties", given, project.world.now)
    return Condition(f"person_id IN (SELECT id FROM persons WHERE {about.sql})", about.values)


def _entity_for_lifecycle(call: Call) -> Entity:
    try:
        return entity(call)
    except Refusal as refused:
        raise _message(refused.message) from None


def _message(detail: str) -> Refusal:
    return Refusal(400, detail, body={"message": "Missing parameter", "detail": detail})
