"""Cohorts: list, create, read, change, refuse to delete, copy as static."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Problem, Refusal, answer
from audience_mcp.sandbox.posthog.cohort import Cohort
from audience_mcp.sandbox.posthog.grammar import FilterProblem, from_groups, parse, stored
from audience_mcp.sandbox.posthog.paging import page
from audience_mcp.sandbox.posthog.project import Project
from audience_mcp.sandbox.posthog.rules import DEFINITION, check_definition, check_unused
from audience_mcp.sandbox.posthog.service import explained, invalid

SIMILAR = 0.6
PLAIN = ("name", "description", "groups", "is_static")


def list_cohorts(call: Call, project: Project) -> Response:
    """Cohorts that are not deleted, the newest first."""
    newest_first = sorted(project.cohorts().values(), key=lambda cohort: -cohort.id)
    cohorts = [project.look(cohort) for cohort in newest_first if not cohort.deleted]
    kind, owner = call.query.get("type"), call.query.get("created_by_id")
    if kind in ("static", "dynamic"):
        cohorts = [cohort for cohort in cohorts if cohort.is_static == (kind == "static")]
    if owner is not None:
        cohorts = [cohort for cohort in cohorts if cohort.created_by["id"] == owner]
    if call.query.get("hide_behavioral_cohorts") is True:
        cohorts = [cohort for cohort in cohorts if cohort.cohort_type in ("static", "person_property")]
    basic = call.query.get("basic") is True
    wanted = str(call.query.get("search") or "")
    if not wanted:
        return answer(page(call, [cohort.shown(basic) for cohort in cohorts]))
    matched = ((cohort, _match(wanted, cohort.name or "")) for cohort in cohorts)
    shown = [{**cohort.shown(basic), "search_match_type": match} for cohort, match in matched if match]
    return answer(page(call, sorted(shown, key=lambda item: item["search_match_type"] == "similar")))


def create_cohort(call: Call, project: Project) -> Response:
    """A new cohort; its people are found afterwards."""
    fields = _fields(call)
    cohort = project.new()
    check_definition(project, cohort, fields)
    _write(project, cohort, fields)
    cohort.person_ids = [str(item) for item in fields.get("_create_static_person_ids") or []]
    project.add(cohort)
    return answer(cohort.shown(), 201)


def get_cohort(call: Call, project: Project) -> Response:
    """One cohort, deleted or not."""
    return answer(project.look(_named(call, project)).shown())


def update_cohort(call: Call, project: Project) -> Response:
    """Change what is given; a new definition starts a calculation, `deleted` hides or restores."""
    fields = _fields(call)
    cohort = project.look(_named(call, project))
    if fields.get("deleted") is True and not cohort.deleted:
        check_unused(project, cohort)
    check_definition(project, cohort, fields)
    before = cohort.shown()
    given = {**fields, "filters": stored(fields.get("filters"))}
    redefined = any(given.get(name) not in (None, before[name]) for name in DEFINITION)
    if redefined and cohort.is_static:
        raise invalid("filters", "The criteria of a static cohort cannot be changed.")
    _write(project, cohort, fields)
    after = cohort.shown()
    _log_change(project, cohort, before, after)
    if redefined and not cohort.deleted:
        project.recalculate(cohort)
    return answer(cohort.shown())


def explain(call: Call, problem: Problem) -> Refusal:
    """What is wrong with a cohort's fields; inside filters the place is told, as far as their grammar knows it."""
    if problem.name == "filters" and isinstance(call.body, dict):
        try:
            parse(call.body["filters"])
        except FilterProblem as fault:
            return invalid("filters", str(fault))
        return invalid("filters", "A group of groups of conditions is expected, without keys the server adds.")
    return explained(call, problem)


def refuse_delete(call: Call, project: Project) -> Response:
    """A hard delete is never allowed; the answer has no body."""
    return Response(status_code=405, headers={"allow": "GET, PUT, PATCH, HEAD, OPTIONS"})


def duplicate_as_static(call: Call, project: Project) -> Response:
    """A static copy of a dynamic cohort with its present members; a GET that creates."""
    source = project.look(_named(call, project))
    if source.is_static:
        raise invalid(None, "A static cohort cannot be copied as static.")
    members = project.warehouse.rows("SELECT person_id FROM cohort_people WHERE cohort_id = ? ORDER BY 1", [source.id])
    copy = project.new()
    copy.name, copy.description = f"{source.name} (static copy)", source.description
    copy.is_static, copy.cohort_type = True, "static"
    copy.person_ids = [str(row["person_id"]) for row in members]
    project.add(copy)
    return answer(copy.shown())


def _named(call: Call, project: Project) -> Cohort:
    return project.cohort(int(call.path["id"]))


def _fields(call: Call) -> dict[str, Any]:
    if call.body is None:
        return {}
    if not isinstance(call.body, dict):
        raise invalid(None, "The body must be an object.", "parse_error")
    fields: dict[str, Any] = dict(call.body)
    if fields.get("groups") and not fields.get("filters"):
        try:
            fields["filters"] = from_groups(fields["groups"])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise invalid("groups", "Groups must hold properties or an event.") from None
    return fields


def _write(project: Project, cohort: Cohort, fields: dict[str, Any]) -> None:
    for name in PLAIN:
        if name in fields:
            setattr(cohort, name, fields[name])
    if "deleted" in fields:
        cohort.deleted = bool(fields["deleted"])
        if cohort.deleted:
            cohort.experiment_set = []
    project.define(cohort, {name: fields[name] for name in DEFINITION if name in fields})


def _log_change(project: Project, cohort: Cohort, before: dict[str, Any], after: dict[str, Any]) -> None:
    watched = ("name", "description", "filters", "query", "groups", "is_static", "deleted")
    changes = [
        {"type": "Cohort", "action": "changed", "field": name, "before": before[name], "after": after[name]}
        for name in watched
        if before[name] != after[name]
    ]
    if not changes:
        return
    if before["deleted"] != after["deleted"]:
        project.log(cohort, "deleted" if cohort.deleted else "restored", changes)
    else:
        project.log(cohort, "updated", changes)


def _match(wanted: str, name: str) -> str | None:
    """How a searched name fits: exact when it holds the text, similar when it only looks like it."""
    if wanted.lower() in name.lower():
        return "exact"
    return "similar" if SequenceMatcher(None, wanted.lower(), name.lower()).ratio() >= SIMILAR else None
