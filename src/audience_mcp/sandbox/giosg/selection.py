"""A request's filters, interval and steps -> the SQL of the sessions and events it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from audience_mcp.sandbox.core import Call, Refusal
from audience_mcp.sandbox.giosg.service import Scene
from audience_mcp.sandbox.giosg.workflows import GOALS

COLUMNS = {"label": "label", "action": "action"}


@dataclass(frozen=True, slots=True)
class Interval:
    """Start (inside) and end (outside), UTC without zone, and the zone to tell times in."""

    start: datetime
    end: datetime
    zone: str


def interval(call: Call, scene: Scene) -> Interval:
    """The interval of the body.

    Raises:
        Refusal: It is not one (400).
    """
    given = (call.body or {}).get("interval") or {}
    try:
        start, end = (_moment(str(given[name])) for name in ("start", "end"))
    except (KeyError, ValueError, OverflowError):
        raise Refusal(400, "interval: start and end must be ISO 8601 times.") from None
    zone = str(given.get("time_zone") or "UTC")
    if not scene.world.rows("SELECT 1 FROM pg_timezone_names() WHERE name = ?", [zone]):
        raise Refusal(400, "interval: time_zone must be a known zone.")
    if start >= end:
        raise Refusal(400, "interval: start must be before end.")
    return Interval(start, end, zone)


class Selection:
    """The WITH clause every report starts from, and the values of its `?` marks.

    `visits` has a row per session that began the workflow, with the number of steps it `reached` in order; `marked`
    has every event of the organization in the interval with its `step` in the workflow, if it is one, its `action`
    and its `label` (a goal's id).
    """

    def __init__(self, scene: Scene, when: Interval) -> None:
        steps = scene.workflow.steps
        if not steps:
            raise Refusal(404, "No data for this workflow.")
        events = [step.event for step in steps]
        times = ", ".join(f"""min("at") FILTER (step = {n}) AS first{n}""" for n in range(1, len(steps) + 1))
        gaps = " ".join(f"WHEN first{n + 1} IS NULL OR first{n} > first{n + 1} THEN {n}" for n in range(1, len(steps)))
        goals = {event: goal_id(scene, event) for event in GOALS}
        label = "CASE name " + " ".join(f"WHEN '{event}' THEN '{number}'" for event, number in goals.items()) + " END"
        self.sql = f"""WITH marked AS (
            SELECT *, {scene.workflow.action} AS action, {label} AS label,
                nullif(list_position({events}, name), 0) AS step
            FROM events WHERE workspace = ? AND "at" >= ? AND "at" < ?
        ), visits AS (
            SELECT session_id, CASE {gaps} ELSE {len(steps)} END AS reached
            FROM (SELECT session_id, {times} FROM marked GROUP BY session_id) WHERE first1 IS NOT NULL
        )"""
        self.values: list[Any] = [scene.organization.key, when.start, when.end]


def filtered(filters: Sequence[Mapping[str, Any]]) -> tuple[str, list[Any]]:
    """The condition of the body's filters on `marked`: all of them, any value of each.

    Raises:
        Refusal: A property that cannot be filtered on (406).
    """
    conditions, values = ["TRUE"], []
    for given in filters:
        if given["property"] not in COLUMNS:
            raise Refusal(406, f"Filtering with '{given['property']}' is not implemented.")
        conditions.append(f"{COLUMNS[given['property']]} IN (SELECT unnest(?::VARCHAR[]))")
        values.append([str(value) for value in given["values"]])
    return " AND ".join(conditions), values


def chosen(scene: Scene, step_data: Sequence[Mapping[str, Any]] | None) -> tuple[str, list[Any]]:
    """The condition of step_data on session_id: at each step, one of its actions; the source at 0 is not looked at."""
    conditions, values = ["TRUE"], []
    for step, given in zip(scene.workflow.steps, (step_data or [])[1:], strict=False):
        if scene.workflow.selectable and given.get("actions"):
            conditions.append(
                f"session_id IN (SELECT session_id FROM marked WHERE name = '{step.event}'"
                " AND action IN (SELECT unnest(?::VARCHAR[])))"
            )
            values.append([str(value) for value in given["actions"]])
    return " AND ".join(conditions), values


def goal_id(scene: Scene, event: str) -> str:
    """The id of the organization's goal that this event reaches."""
    return str(scene.world.identifier("giosg", scene.organization.key, "goal", event))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
