"""PostHog keys: what they reach, what they are refused, and in which words."""

from __future__ import annotations

import re

import pytest

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.posthog import routes
from audience_mcp.sandbox.posthog.access import FULL, OAUTH, ONE_PROJECT, READ_COHORTS, project_token

from .posthog_desk import Desk, desk

pytestmark = pytest.mark.anyio


async def refused(at: Desk, path: str, status: int) -> tuple[str, str, str]:
    answer = await at.http.get(path)
    assert answer.status_code == status, answer.text
    body = answer.json()
    return body["type"], body["code"], body["detail"]


def test_every_documented_operation_is_served(shared: Sandbox) -> None:
    def shape(method: str, path: str) -> tuple[str, str]:
        return method.upper(), re.sub(r"\{[^}]*\}", "{}", path)

    documented = {shape(one.method, one.path) for one in shared.state.contract("posthog").document.entries()}
    served = {shape(method, one.path) for one in routes(shared.state) for method in one.methods or ()}
    assert documented <= served


async def test_one_key_reaches_the_projects_of_two_organizations(shared: Sandbox) -> None:
    async with desk(shared) as at:
        user = await at.get("/api/users/@me/")
        organizations = await at.get("/api/organizations/")
        assert organizations["count"] == len(user["organizations"]) == 2
        projects = [
            project
            for one in user["organizations"]
            for project in (await at.get(f"/api/organizations/{one['id']}/projects/"))["results"]
        ]
        assert {project["id"] for project in projects} == {
            workspace.posthog_project for workspace in shared.state.world.workspaces
        }
        assert (await at.get(f"/api/projects/{projects[1]['id']}/"))["name"] == projects[1]["name"]
        assert (await at.get("/api/personal_api_keys/@current"))["scopes"] == ["*"]


async def test_pages_of_projects_are_followed_by_absolute_addresses(shared: Sandbox) -> None:
    async with desk(shared) as at:
        first = await at.get("/api/organizations/", limit=1)
        second = (await at.http.get(first["next"])).json()
    assert first["next"].startswith("http://sandbox/posthog/api/organizations/?limit=1&offset=1")
    assert second["next"] is None and second["previous"] is not None
    assert first["results"][0]["id"] != second["results"][0]["id"]


@pytest.mark.parametrize("header", ["", "Token abc", "Bearer "])
async def test_without_a_key_a_request_is_not_authenticated(shared: Sandbox, header: str) -> None:
    async with desk(shared) as at:
        at.http.headers["Authorization"] = header
        assert (await refused(at, "/api/users/@me/", 401))[:2] == ("authentication_error", "not_authenticated")


async def test_a_key_may_stand_in_the_body_and_an_access_token_for_a_key(shared: Sandbox) -> None:
    query = {"query": {"kind": "HogQLQuery", "query": "select count() from persons"}}
    async with desk(shared) as at, desk(shared, key=OAUTH.value) as app:
        path = f"{at.project}/query/"
        assert (await app.send("POST", path, query, 200))["results"] == [[200]]
        del at.http.headers["Authorization"]
        assert (await at.send("POST", path, {**query, "personal_api_key": FULL.value}, 200))["results"] == [[200]]
        assert (await at.send("POST", path, {**query, "personal_api_key": "x"}, 401))["code"] == "authentication_failed"
        assert (await at.send("POST", path, query, 401))["code"] == "not_authenticated"


async def test_a_wrong_key_and_one_of_the_other_region_are_refused_alike(shared: Sandbox) -> None:
    async with desk(shared, key="phx_eu") as one, desk(shared, key="phx_deleted") as other:
        answers = [await refused(at, "/api/users/@me/", 401) for at in (one, other)]
    assert answers[0] == answers[1]
    assert answers[0][1] == "authentication_failed"


async def test_a_project_token_is_no_key(shared: Sandbox) -> None:
    async with desk(shared, key=project_token(shared.state.world.workspace("main"))) as at:
        assert (await refused(at, at.cohorts, 401))[1] == "authentication_failed"


async def test_a_key_of_one_project_reads_who_it_is_and_that_project_alone(shared: Sandbox) -> None:
    async with desk(shared, key=ONE_PROJECT.value) as at, desk(shared, "outlet", ONE_PROJECT.value) as other:
        assert (await at.get("/api/users/@me/"))["email"]
        assert (await at.get("/api/personal_api_keys/@current"))["scoped_teams"] == [20481]
        assert (await at.get(at.cohorts))["count"] > 0
        assert (await refused(at, "/api/organizations/", 403))[1] == "permission_denied"
        assert "20482" in (await refused(other, other.cohorts, 403))[2]


async def test_a_missing_scope_is_named(shared: Sandbox) -> None:
    async with desk(shared, key=READ_COHORTS.value) as at:
        assert (await at.get(at.cohorts))["count"] > 0
        assert "cohort:write" in (await at.create(403, name="x"))["detail"]
        assert "activity_log:read" in (await refused(at, f"{at.cohorts}activity/", 403))[2]
        number = (await at.named("Gold members"))["id"]
        assert "person:read" in (await refused(at, f"{at.cohorts}{number}/persons/", 403))[2]


async def test_an_unknown_project_address_or_method_is_told_in_the_envelope(shared: Sandbox) -> None:
    async with desk(shared) as at:
        assert (await refused(at, "/api/projects/7/cohorts/", 404))[1] == "not_found"
        assert (await refused(at, "/api/nowhere/", 404))[1] == "not_found"
        assert (await refused(at, at.cohorts.rstrip("/"), 404))[1] == "not_found"
        put = await at.http.put(at.cohorts)
    assert (put.status_code, put.json()["code"]) == (405, "method_not_allowed")


async def test_the_journal_knows_the_project_a_request_ran_in(sandbox: Sandbox) -> None:
    async with desk(sandbox, "outlet") as at:
        await at.get(at.cohorts)
    assert sandbox.journal[-1].workspace == "outlet"
    assert sandbox.journal[-1].headers["authorization"] == f"Bearer {FULL.value}"
