"""The PostHog sandbox: cohorts, persons and HogQL of a made-up retailer's two projects, in PostHog's own dialect.

Cohorts keep their state in `project`, their people and every figure come from the locked database of `warehouse`.
"""

from __future__ import annotations

from starlette.routing import Route

from audience_mcp.sandbox.core import SandboxState
from audience_mcp.sandbox.posthog import access, actors, cohorts, members, persons, query, records
from audience_mcp.sandbox.posthog.directory import Directory
from audience_mcp.sandbox.posthog.service import Service, refusal

__all__ = ["REMARKS", "environment", "refusal", "routes"]

REMARKS = (
    f"PostHog key {access.ONE_PROJECT.value} is limited to the main project.",
    f"PostHog key {access.READ_COHORTS.value} lacks every scope but user:read and cohort:read.",
    f"PostHog takes the access token {access.OAUTH.value} as well as a key, and a key in a body's personal_api_key.",
    f"PostHog key {access.OTHER_REGION} belongs to the other region: 401.",
    "PostHog's lifecycle, stickiness and trends refuse every key; the sandbox alone serves them to the session token "
    f"{access.SESSION.value}.",
)

PROJECT = "/api/projects/{project_id}"
COHORTS = f"{PROJECT}/cohorts/"
COHORT = f"{COHORTS}{{id}}/"
PERSONS = f"{PROJECT}/persons/"


def routes(state: SandboxState) -> list[Route]:
    """Every endpoint; what is more specific comes first."""
    service = Service(state)
    directory = Directory(state)
    inside = service.project_route
    return [
        service.route("GET", "/api/users/@me/", directory.me, "user:read"),
        service.route("GET", "/api/personal_api_keys/@current", directory.key, "", in_project=True),
        service.route("GET", "/api/organizations/", directory.organizations, "organization:read"),
        service.route("GET", "/api/organizations/{organization_id}/", directory.organization, "organization:read"),
        service.route(
            "GET", "/api/organizations/{organization_id}/projects/", directory.organization_projects, "project:read"
        ),
        service.route("GET", "/api/projects/", directory.projects, "project:read"),
        service.route("GET", f"{PROJECT}/", directory.project, "project:read", in_project=True),
        inside("GET", COHORTS, cohorts.list_cohorts, "cohort:read"),
        inside("POST", COHORTS, cohorts.create_cohort, "cohort:write", cohorts.explain),
        inside("GET", f"{COHORTS}activity/", records.list_all_activity, "activity_log:read"),
        inside("GET", COHORT, cohorts.get_cohort, "cohort:read"),
        inside("PATCH", COHORT, cohorts.update_cohort, "cohort:write", cohorts.explain),
        inside("DELETE", COHORT, cohorts.refuse_delete, "cohort:write"),
        inside("GET", f"{COHORT}activity/", records.list_activity, "activity_log:read", records.without_body),
        inside("GET", f"{COHORT}calculation_history/", records.list_calculations, "cohort:read"),
        inside("GET", f"{COHORT}duplicate_as_static_cohort/", cohorts.duplicate_as_static, "cohort:write"),
        inside("GET", f"{COHORT}persons/", members.list_persons, "cohort:read person:read"),
        inside("PATCH", f"{COHORT}add_persons_to_static_cohort/", members.add_persons, "cohort:write"),
        inside("PATCH", f"{COHORT}remove_person_from_static_cohort/", members.remove_person, "cohort:write"),
        inside("GET", PERSONS, persons.list_persons, "person:read", alone=False),
        inside("GET", f"{PERSONS}lifecycle/", actors.lifecycle, None, actors.explain),
        inside("GET", f"{PERSONS}stickiness/", actors.stickiness, None),
        inside("GET", f"{PERSONS}trends/", actors.trends, None),
        inside("GET", f"{PERSONS}values/", persons.list_values, "person:read", alone=False),
        inside(
            "GET",
            f"{PERSONS}properties_at_time/",
            persons.properties_at_time,
            "person:read",
            persons.plain_problem,
            False,
        ),
        inside("POST", f"{PERSONS}reset_person_distinct_id/", persons.reset_distinct_id, "person:write"),
        inside("GET", f"{PERSONS}{{id}}/", persons.get_person, "person:read", alone=False),
        inside("POST", f"{PROJECT}/query/", query.run_query, "query:read", alone=False),
    ]


def environment(state: SandboxState, base: str) -> dict[str, str]:
    """The key that reaches both projects, and where."""
    return {"POSTHOG_API_KEY": access.FULL.value, "POSTHOG_BASE_URL": base}
