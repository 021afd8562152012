"""The event rows behind a workflow: those of one step, and the goals reached because of it or anyway."""

from __future__ import annotations

import json

from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Refusal
from audience_mcp.sandbox.giosg.selection import Selection, chosen, filtered, interval
from audience_mcp.sandbox.giosg.service import Scene
from audience_mcp.sandbox.giosg.workflows import GOALS

# Column -> its type and the SQL of its value, where `m` is a marked event, `p` its visitor and `local` its own time.
RAW = {
    "event_version": ("dimension", "'1-0-0'"),
    "vendor": ("dimension", "'com.giosg'"),
    "source": ("dimension", "'trusted'"),
    "category": ("dimension", "m.category"),
    "label": ("dimension", "m.label"),
    "action": ("dimension", "m.action"),
    "organization_id": ("dimension", "w.giosg_organization"),
    "properties": ("dimension", "{'product': m.product, 'value': m.amount, 'page_url': m.page_url}"),
    "visitor_id": ("dimension", "md5('giosg' || p.profile_id)::UUID"),
    "session_id": ("dimension", "m.session_id::VARCHAR"),
    "user_id": ("dimension", "NULL"),
    "browser_name": ("dimension", "if(m.device = 'desktop', 'Firefox', 'Mobile Safari')"),
    "device_type": ("dimension", "m.device"),
    "geo_city": ("dimension", "p.city"),
    "geo_country": ("dimension", "p.country"),
    "timestamp": ("datetime", """strftime(m."at", '%Y-%m-%dT%H:%M:%SZ')"""),
    "event_id": ("dimension", "m.event_id::VARCHAR"),
}
# A time with the distance of its zone from UTC.
OWN_TIME = """strftime(local, '%Y-%m-%dT%H:%M:%S') || if(ahead = 0, 'Z',
    printf('%s%02d:%02d', if(ahead < 0, '-', '+'), abs(ahead) // 60, abs(ahead) % 60))"""
BASIC = {
    "time": ("datetime", OWN_TIME),
    "event": ("string", "m.name"),
    "goal": (
        "string",
        "CASE m.name " + " ".join(f"WHEN '{key}' THEN '{name}'" for key, name in GOALS.items()) + " END",
    ),
    "action": ("string", "m.action"),
    "page": ("string", "m.page_url"),
    "visitor": ("string", "p.first_name || ' ' || p.last_name"),
    "city": ("string", "p.city"),
    "country": ("string", "p.country"),
    "device": ("string", "m.device"),
    "value": ("number", "m.amount"),
}


MOST_ROWS = 2**40


def step_source_data(call: Call, scene: Scene) -> Response:
    """Events of one step in the sessions that reached it, or of those whose session reached a goal as well."""
    index, steps = int(call.path["step_index"]), scene.workflow.steps
    if index > len(steps):
        raise Refusal(404, "No data for this step.")
    where = [
        f"m.step = {index}",
        f"session_id IN (SELECT session_id FROM visits WHERE reached >= {index})",
    ]
    if call.body.get("target") == "triggered_goal":
        where.append(f"session_id IN (SELECT session_id FROM marked WHERE name IN ({_goals()}))")
    return _rows(call, scene, where)


def source_data(call: Call, scene: Scene) -> Response:
    """Goals reached in sessions that began the workflow, or (affected_goal_total) in any session."""
    where = [f"m.name IN ({_goals()})"]
    if call.body.get("target", "affected_goal") == "affected_goal":
        where.append("session_id IN (SELECT session_id FROM visits)")
    return _rows(call, scene, where)


def _rows(call: Call, scene: Scene, where: list[str]) -> Response:
    """The rows, written as JSON by the database: there may be very many."""
    when = interval(call, scene)
    selection = Selection(scene, when)
    matching, values = filtered(call.body["filters"])
    along, more = chosen(scene, call.body.get("step_data"))
    columns = BASIC if call.body.get("basic") is True else RAW
    shown = ", ".join(f"'{name}': {sql}" for name, (_, sql) in columns.items())
    found = scene.world.rows(
        f"""{selection.sql}, found AS (
            SELECT *, timezone(?, timezone('UTC', "at")) AS local, date_diff('minute', "at", local) AS ahead
            FROM marked AS m WHERE {" AND ".join([*where, matching, along])} ORDER BY "at", event_id LIMIT ?
        )
        SELECT string_agg(to_json({{{shown}}}), ',' ORDER BY m."at", m.event_id) AS text
        FROM found AS m JOIN profiles AS p USING (workspace, profile_id) JOIN workspaces AS w ON w.key = m.workspace""",
        [*selection.values, when.zone, *values, *more, min(call.body.get("limit") or MOST_ROWS, MOST_ROWS)],
    )
    fields = [{"name": name, "type": kind} for name, (kind, _) in columns.items()]
    text = f'{{"fields":{json.dumps(fields)},"data":[{found[0]["text"] or ""}]}}'
    return Response(text.encode(), media_type="application/json")


def _goals() -> str:
    return ", ".join(f"'{event}'" for event in GOALS)
