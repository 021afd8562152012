"""What PostHog lets a cohort be: rules about its definition, about other cohorts, and about those who use it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from audience_mcp.sandbox.posthog.cohort import Cohort
from audience_mcp.sandbox.posthog.grammar import FilterProblem, parse
from audience_mcp.sandbox.posthog.project import Project
from audience_mcp.sandbox.posthog.service import invalid

DEFINITION = ("filters", "query")


def check_definition(project: Project, cohort: Cohort, fields: dict[str, Any]) -> None:
    """Refuse a definition that cannot be, before anything is changed.

    Raises:
        Refusal: The fields contradict each other, their grammar, or other cohorts.
    """
    filters, query = fields.get("filters"), fields.get("query")
    is_static = bool(fields.get("is_static", cohort.is_static))
    if filters and query:
        raise invalid(None, "A cohort has either filters or a query.")
    if query and not is_static:
        raise invalid("query", "A cohort made from a query must be static.")
    if query and query.get("kind") not in ("ActorsQuery", "HogQLQuery"):
        raise invalid("query", "query.kind must be ActorsQuery or HogQLQuery.")
    if filters is not None:
        _check_filters(project, cohort, filters)
    wanted = fields.get("cohort_type")
    if wanted:
        probe = replace(cohort, is_static=is_static)
        project.define(probe, {name: fields[name] for name in DEFINITION if name in fields})
        if probe.cohort_type != wanted and wanted != "realtime":
            raise invalid("cohort_type", f"By its definition this cohort is '{probe.cohort_type}', not '{wanted}'.")


def _check_filters(project: Project, cohort: Cohort, filters: Any) -> None:
    try:
        leaves = list(parse(filters).leaves())
    except FilterProblem as problem:
        raise invalid("filters", str(problem)) from None
    if cohort.feature_flags and any(leaf.kind == "behavioral" for leaf in leaves):
        message = "Feature flags that use this cohort cannot work with behavioral filters."
        raise invalid("filters", message, "behavioral_cohort_found")
    for number in _references(filters):
        if number not in project.cohorts() or project.cohort(number).deleted:
            raise invalid("filters", f"There is no cohort {number}.")
        if cohort.id in {number, *_reached(project, number)}:
            raise invalid("filters", "Cohorts cannot refer to each other in a loop.")


def check_unused(project: Project, cohort: Cohort) -> None:
    """Refuse to delete what feature flags or other cohorts use.

    Raises:
        Refusal: Something uses it.
    """
    if cohort.feature_flags:
        raise invalid("deleted", f"Active feature flags use this cohort: {', '.join(cohort.feature_flags)}.")
    others = [other for other in project.cohorts().values() if not other.deleted]
    users = [str(other.name) for other in others if cohort.id in _references(other.filters)]
    if users:
        raise invalid("deleted", f"Other cohorts refer to this one: {', '.join(users)}.")


def _references(filters: Any) -> list[int]:
    """Numbers of the cohorts that filters refer to."""
    if not filters:
        return []
    return [int(leaf.given["value"]) for leaf in parse(filters).leaves() if leaf.kind == "cohort"]


def _reached(project: Project, number: int) -> Iterator[int]:
    for reference in _references(project.cohort(number).filters):
        yield reference
        yield from _reached(project, reference)
