"""The people in a cohort: listing them, and adding and removing them by hand."""

from __future__ import annotations

from uuid import UUID

import duckdb
from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Refusal, answer
from audience_mcp.sandbox.posthog.cohort import Cohort
from audience_mcp.sandbox.posthog.conditions import Condition
from audience_mcp.sandbox.posthog.paging import uncounted, window
from audience_mcp.sandbox.posthog.people import MOST_EXPORTED, csv_page, found, wanted
from audience_mcp.sandbox.posthog.project import Project
from audience_mcp.sandbox.posthog.service import invalid

MOST_AT_ONCE = 1000


def list_persons(call: Call, project: Project) -> Response:
    """Who is in the cohort, as JSON or CSV; CSV without a limit holds everybody."""
    cohort = project.look(project.cohort(int(call.path["id"])))
    inside = Condition("id IN (SELECT person_id FROM cohort_people WHERE cohort_id = ?)", (cohort.id,))
    csv = call.query.get("format") == "csv" or call.query.get("is_csv_export") is True
    if csv and "limit" not in call.request.query_params:
        return csv_page(found(project, [inside, wanted(call, project)], MOST_EXPORTED, 0))
    limit, offset = window(call)
    rows = found(project, [inside, wanted(call, project)], limit, offset)
    return csv_page(rows) if csv else answer(uncounted(call, rows, limit, offset))


def add_persons(call: Call, project: Project) -> Response:
    """Put people into a static cohort; ids that match nobody are passed over, unless none matches."""
    cohort = _static(call, project)
    given = (call.body or {}).get("person_ids")
    if not isinstance(given, list) or not given or len(given) > MOST_AT_ONCE:
        raise invalid("person_ids", f"person_ids must be a list of 1 to {MOST_AT_ONCE} person UUIDs.")
    known = project.warehouse.rows(
        "SELECT id FROM persons WHERE id::VARCHAR IN (SELECT lower(unnest(?::VARCHAR[])))",
        [[str(item) for item in given]],
    )
    if not known:
        raise invalid("person_ids", "None of these persons exists in this project.")
    with project.warehouse.cursor() as connection:
        connection.execute(
            "INSERT INTO cohort_people SELECT ?, unnest(?::UUID[]) EXCEPT FROM cohort_people",
            [cohort.id, [row["id"] for row in known]],
        )
    _recount(project, cohort)
    changes = [{"type": "Cohort", "action": "changed", "field": "persons", "before": None, "after": len(known)}]
    project.log(cohort, "persons_added_manually", changes)
    return answer({"success": True})


def remove_person(call: Call, project: Project) -> Response:
    """Take one person out of a static cohort."""
    cohort = _static(call, project)
    try:
        person = UUID(str((call.body or {}).get("person_id")))
    except ValueError:
        raise invalid("person_id", "person_id must be a person's UUID.") from None
    if project.warehouse.value("SELECT count(*) FROM persons WHERE id = ?", [person]) == 0:
        raise Refusal(404, "There is no such person in this project.")
    with project.warehouse.cursor() as connection:
        removed = _removed(connection, cohort, person)
    if not removed:
        raise Refusal(404, "The person is not in this cohort.")
    _recount(project, cohort)
    changes = [{"type": "Cohort", "action": "deleted", "field": "persons", "before": person, "after": None}]
    project.log(cohort, "person_removed_manually", changes)
    return answer({"success": True})


def _static(call: Call, project: Project) -> Cohort:
    cohort = project.look(project.cohort(int(call.path["id"])))
    if not cohort.is_static:
        raise invalid(None, "People can only be added to and removed from static cohorts.")
    return cohort


def _removed(connection: duckdb.DuckDBPyConnection, cohort: Cohort, person: UUID) -> int:
    rows = connection.execute(
        "DELETE FROM cohort_people WHERE cohort_id = ? AND person_id = ? RETURNING person_id", [cohort.id, person]
    ).fetchall()
    return len(rows)


def _recount(project: Project, cohort: Cohort) -> None:
    cohort.count = project.warehouse.value("SELECT count(*) FROM cohort_people WHERE cohort_id = ?", [cohort.id])
