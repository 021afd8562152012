"""Workflows, what is known of one, its Sankey report, and the figures beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from audience_mcp.sandbox.core import Call, answer
from audience_mcp.sandbox.giosg.selection import Interval, Selection, filtered, goal_id, interval
from audience_mcp.sandbox.giosg.service import Scene
from audience_mcp.sandbox.giosg.workflows import GOALS, WORKFLOWS
from audience_mcp.sandbox.world import Workspace, World

MOST_ACTIONS = 8


def list_workflows(call: Call, world: World, organization: Workspace) -> Response:
    """Every workflow, as a plain list."""
    user = world.identifier("giosg", organization.key, "user")
    return answer(
        [
            {
                "id": world.identifier("giosg", organization.key, workflow.name),
                "organization_id": organization.giosg_organization,
                "created_by_user": user,
                "updated_by_user": user,
                "name": workflow.name,
                "description": workflow.description,
            }
            for workflow in WORKFLOWS
        ]
    )


def get_info(call: Call, scene: Scene) -> Response:
    """One workflow, and the days of its first and last event."""
    events = [step.event for step in scene.workflow.steps]
    rows = scene.world.rows(
        'SELECT min("at") AS first, max("at") AS last FROM events'
        " WHERE workspace = ? AND name IN (SELECT unnest(?::VARCHAR[]))",
        [scene.organization.key, events],
    )
    return answer(
        {
            "id": scene.world.identifier("giosg", scene.organization.key, scene.workflow.name),
            "org_id": scene.organization.giosg_organization,
            "type": scene.workflow.kind,
            "name": scene.workflow.name,
            "description": scene.workflow.description,
            "modified_at": scene.world.since + timedelta(days=30),
            "is_published": scene.workflow.is_published,
            "start_date": rows[0]["first"],
            "end_date": rows[0]["last"],
        }
    )


def query_report(call: Call, scene: Scene) -> Response:
    """How sessions went from step to step: nodes for frequent actions of a step, links between them, goals reached."""
    when = interval(call, scene)
    selection = Selection(scene, when)
    matching, values = filtered(call.body["filters"])
    of_sessions = f"session_id IN (SELECT session_id FROM marked WHERE {matching})" if values else "TRUE"
    rows = scene.world.rows(
        f"""{selection.sql}, kept AS (
            SELECT * FROM marked JOIN visits USING (session_id) WHERE {of_sessions}
        ), arrivals AS (
            SELECT step, session_id, arg_min(action, "at") AS action FROM kept
            WHERE step <= reached GROUP BY step, session_id
        ), ranked AS (
            SELECT step, action, row_number() OVER (PARTITION BY step ORDER BY count(*) DESC, action) AS place
            FROM arrivals GROUP BY step, action
        ), paths AS MATERIALIZED (
            SELECT step, session_id, if(place <= {MOST_ACTIONS}, action, 'other') AS action
            FROM arrivals JOIN ranked USING (step, action)
        )
        SELECT 'node' AS kind, step, action AS source, NULL AS target, count(*) AS count FROM paths GROUP BY ALL
        UNION ALL
        SELECT 'link', a.step, a.action, b.action, count(*) FROM paths AS a
        JOIN paths AS b ON a.session_id = b.session_id AND b.step = a.step + 1 GROUP BY ALL
        UNION ALL
        SELECT 'goal', NULL, name, NULL, count(*) FROM kept WHERE label IS NOT NULL GROUP BY ALL
        ORDER BY step, count DESC, source, target""",
        [*selection.values, *values],
    )
    return answer(
        {
            "interval": _shown(when),
            "steps": [{"index": n, "name": step.name} for n, step in enumerate(scene.workflow.steps, 1)],
            "nodes": [
                {
                    "id": f"{row['step']}:{row['source']}",
                    "name": row["source"],
                    "step": row["step"],
                    "count": row["count"],
                }
                for row in rows
                if row["kind"] == "node"
            ],
            "links": [
                {
                    "source": f"{row['step']}:{row['source']}",
                    "target": f"{row['step'] + 1}:{row['target']}",
                    "value": row["count"],
                }
                for row in rows
                if row["kind"] == "link"
            ],
            "goals": [
                {"id": goal_id(scene, row["source"]), "name": GOALS[row["source"]], "count": row["count"]}
                for row in rows
                if row["kind"] == "goal"
            ],
        }
    )


def get_side_data(call: Call, scene: Scene) -> Response:
    """Visitors and sessions of the workflow, and its activity by hour of day (up to two days) or by weekday."""
    when = interval(call, scene)
    selection = Selection(scene, when)
    inside = "marked WHERE session_id IN (SELECT session_id FROM visits)"
    counts = "count(DISTINCT profile_id) AS visitors, count(DISTINCT session_id) AS sessions"
    totals = scene.world.rows(f"{selection.sql} SELECT {counts} FROM {inside}", selection.values)[0]
    hourly = when.end - when.start <= timedelta(days=2)
    name, part, first, last = ("hour_in_day", "hour", 0, 23) if hourly else ("day_in_week", "isodow", 1, 7)
    figures = scene.world.rows(
        f"""{selection.sql} SELECT count(s.moment) AS count, n AS position FROM range({first}, {last + 1}) AS t(n)
            LEFT JOIN (SELECT ("at" AT TIME ZONE 'UTC') AT TIME ZONE ? AS moment FROM {inside}) AS s
            ON {part}(moment) = n GROUP BY n ORDER BY n""",
        [*selection.values, when.zone],
    )
    body: dict[str, Any] = {
        "timeframe_stat": {name: [[row["count"], row["position"]] for row in figures]},
        "unique_visitors_count": totals["visitors"],
        "unique_sessions_count": totals["sessions"],
    }
    if scene.workflow.kind == "interaction":
        started = f"{selection.sql} SELECT count(*) AS count FROM visits"
        body["started_count"] = scene.world.rows(started, selection.values)[0]["count"]
    return answer(body)


def _shown(when: Interval) -> dict[str, Any]:
    return {"start": when.start, "end": when.end, "time_zone": when.zone}
