"""The event rows behind a workflow: those of one step, and the goals reached because of it or anyway."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Refusal, answer
from audience_mcp.sandbox.giosg.selection import Interval, Selection, chosen, filtered, interval
from audience_mcp.sandbox.giosg.service import Scene
from audience_mcp.sandbox.giosg.workflows import GOALS

# Column -> its type and the SQL of its value, where `m` is a marked event and `p` its visitor.
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
    "timestamp": ("datetime", 'm."at"'),
    "event_id": ("dimension", "m.event_id::VARCHAR"),
}
BASIC = {
    "time": ("datetime", 'm."at"'),
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
        f"m.name = '{steps[index - 1].event}'",
        f"session_id IN (SELECT session_id FROM visits WHERE t{index} IS NOT NULL)",
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
    when = interval(call)
    selection = Selection(scene, when)
    matching, values = filtered(call.body["filters"])
    along, more = chosen(scene, call.body.get("step_data"))
    basic = call.body.get("basic") is True
    columns = BASIC if basic else RAW
    limit = call.body.get("limit")
    shown = ", ".join(f'{sql} AS "{name}"' for name, (_, sql) in columns.items())
    rows = scene.world.rows(
        f"{selection.sql} SELECT {shown}"
        " FROM marked AS m JOIN profiles AS p USING (workspace, profile_id) JOIN workspaces AS w ON w.key = m.workspace"
        f' WHERE {" AND ".join([*where, matching, along])} ORDER BY m."at", m.event_id LIMIT ?',
        [*selection.values, *values, *more, min(limit or MOST_ROWS, MOST_ROWS)],
    )
    fields = [{"name": name, "type": kind} for name, (kind, _) in columns.items()]
    return answer({"fields": fields, "data": [_told(row, when, basic) for row in rows]})


def _told(row: dict[str, Any], when: Interval, basic: bool) -> dict[str, Any]:
    """A row as it is answered: basic times in the interval's zone, raw ones in UTC."""
    zone = ZoneInfo(when.zone) if basic else UTC
    return {name: _iso(value, zone) if isinstance(value, datetime) else value for name, value in row.items()}


def _iso(moment: datetime, zone: ZoneInfo | Any) -> str:
    return moment.replace(tzinfo=UTC).astimezone(zone).isoformat(timespec="seconds").replace("+00:00", "Z")


def _goals() -> str:
    return ", ".join(f"'{event}'" for event in GOALS)
