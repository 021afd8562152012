"""What happened to cohorts: the change log and the calculations."""

from __future__ import annotations

from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Problem, Refusal, answer
from audience_mcp.sandbox.posthog.paging import bare, numbered, window
from audience_mcp.sandbox.posthog.project import Project
from audience_mcp.sandbox.posthog.service import explained


def list_activity(call: Call, project: Project) -> Response:
    """The change log of one cohort; an unknown one is a 404 without a body."""
    number = int(call.path["id"])
    if number not in project.cohorts():
        raise Refusal(404, "", empty=True)
    return answer(numbered(call, [entry for entry in project.activity if entry["item_id"] == str(number)]))


def list_all_activity(call: Call, project: Project) -> Response:
    """The change log of all cohorts."""
    project.cohorts()
    return answer(numbered(call, project.activity))


def list_calculations(call: Call, project: Project) -> Response:
    """Past calculations of one cohort, the latest first."""
    cohort = project.look(project.cohort(int(call.path["id"])))
    return answer(bare(cohort.history, *window(call)))


def without_body(call: Call, problem: Problem) -> Refusal:
    """How the activity endpoints tell that the cohort's number is none."""
    return Refusal(404, "", empty=True) if problem.place == "path" else explained(call, problem)
