"""A PostHog key: which projects it reaches, by whatever way it may ask."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

from audience_mcp.errors import CredentialsRejected, PermissionDenied, ProviderUnavailable, WorkspaceUnknown

from .conftest import Opens
from .rig import Rig

pytestmark = pytest.mark.anyio
HOST = "https://us.posthog.com"
ENV = {"POSTHOG_API_KEY": "phx_sandboxKey"}
NORTH, SOUTH = {"id": "org-north", "name": "North"}, {"id": "org-south", "name": "South"}
READ = "posthog_list_cohorts"


def user(edge: respx.MockRouter, **more: Any) -> respx.Route:
    return edge.get(f"{HOST}/api/users/@me/").respond(json={"organizations": [NORTH, SOUTH], **more})


def projects(edge: respx.MockRouter, organization: str, *rows: dict[str, Any], status: int = 200) -> respx.Route:
    def page(request: httpx.Request) -> httpx.Response:
        start, size = int(request.url.params["offset"]), int(request.url.params["limit"])
        more = "https://elsewhere.example/next" if start + size < len(rows) else None
        body = {"results": rows[start : start + size], "next": more} if status == 200 else {"detail": "no"}
        return httpx.Response(status, json=body)

    return edge.get(url__startswith=f"{HOST}/api/organizations/{organization}/projects/").mock(side_effect=page)


def project(number: int) -> dict[str, Any]:
    return {"id": number, "uuid": f"uuid-{number}", "name": f"Shop {number}", "timezone": "Europe/Helsinki"}


def limited_to(edge: respx.MockRouter, *teams: Any) -> None:
    for organization in ("org-north", "org-south"):
        projects(edge, organization, status=403)
    edge.get(f"{HOST}/api/personal_api_keys/@current").respond(json={"scoped_teams": list(teams)})


async def test_every_project_of_every_organization_is_reached_page_by_page(
    edge: respx.MockRouter, opened: Opens
) -> None:
    user(edge)
    north = projects(edge, "org-north", *[project(number) for number in range(1, 251)])
    projects(edge, "org-south", project(900))
    rig = opened(ENV)
    found = await rig.workspaces("posthog")
    assert [workspace.id for workspace in found] == [str(n) for n in (*range(1, 251), 900)]
    assert north.call_count == 3
    assert (found[-1].organization, found[-1].zone, found[-1].aliases) == ("South", "Europe/Helsinki", ("uuid-900",))
    assert (await rig.access(READ, "UUID-900")).workspace_id == "900"


async def test_a_key_limited_to_projects_reaches_the_projects_it_names(edge: respx.MockRouter, opened: Opens) -> None:
    user(edge, team={"id": 7, "name": "Another"})
    limited_to(edge, 41, 42)
    edge.get(f"{HOST}/api/projects/41/").respond(json=project(41))
    edge.get(f"{HOST}/api/projects/42/").respond(403, json={"detail": "needs project:read"})
    assert await opened(ENV).titles("posthog") == ["Shop 41 (41)", "42"]


async def test_an_organization_that_refuses_keys_does_not_hide_the_others(
    edge: respx.MockRouter, opened: Opens
) -> None:
    user(edge)
    projects(edge, "org-north", status=403)
    projects(edge, "org-south", project(900))
    edge.get(f"{HOST}/api/personal_api_keys/@current").respond(json={"scoped_teams": None})
    assert await opened(ENV).titles("posthog") == ["Shop 900 (900)"]


async def test_the_project_last_opened_is_the_last_resort(edge: respx.MockRouter, opened: Opens) -> None:
    user(edge, team={"id": 7, "name": "Team", "timezone": "UTC"}, organization=SOUTH)
    for organization in ("org-north", "org-south"):
        projects(edge, organization, status=403)
    edge.get(f"{HOST}/api/personal_api_keys/@current").respond(403, json={})
    rig = opened(ENV)
    access = await rig.access(READ)
    assert access.workspace is not None
    assert (access.workspace.title, access.workspace.organization) == ("Team (7)", "South")


async def test_a_key_that_may_not_ask_who_it_is_tells_the_refusal(edge: respx.MockRouter, opened: Opens) -> None:
    edge.get(f"{HOST}/api/users/@me/").respond(403, json={"detail": "needs user:read"})
    edge.get(f"{HOST}/api/personal_api_keys/@current").respond(404, json={})
    with pytest.raises(PermissionDenied, match="user:read"):
        await opened(ENV).access(READ)


async def test_a_configured_project_counts_as_chosen_and_asks_nobody(edge: respx.MockRouter, opened: Opens) -> None:
    rig = opened(ENV | {"POSTHOG_PROJECT_ID": "77"})
    for tool in (READ, "posthog_create_cohort"):
        assert (await rig.access(tool)).workspace_id == "77"
    assert (await rig.access(READ, "77")).workspace_id == "77"
    assert not edge.calls


async def test_a_configured_project_that_a_limited_key_is_not_for_is_told_with_those_it_is_for(
    edge: respx.MockRouter, opened: Opens
) -> None:
    user(edge)
    limited_to(edge, 41)
    edge.get(f"{HOST}/api/projects/41/").respond(json=project(41))
    edge.get(f"{HOST}/api/projects/77/").respond(403, json={"detail": "no access to project 77"})
    given = {"POSTHOG_API_KEY__EU": "phx_sandboxKey", "POSTHOG_PROJECT_ID__EU": "77"}
    stray = await opened(given).login("posthog", "EU").stray()
    assert isinstance(stray, WorkspaceUnknown) and stray.status == 403
    assert stray.message.startswith("POSTHOG_PROJECT_ID__EU names the project 77")
    assert "The key reaches Shop 41 (41)." in stray.remedy


async def test_a_key_that_may_not_ask_for_projects_is_not_taken_for_one_of_another(
    edge: respx.MockRouter, opened: Opens
) -> None:
    edge.get(f"{HOST}/api/users/@me/").respond(403, json={})
    edge.get(f"{HOST}/api/personal_api_keys/@current").respond(403, json={})
    asked = edge.get(f"{HOST}/api/projects/77/").respond(403, json={"detail": "needs project:read"})
    login = opened(ENV | {"POSTHOG_PROJECT_ID": "77"}).login("posthog")
    assert await login.stray() is None
    asked.respond(json=project(77))
    assert await login.stray() is None and asked.call_count == 2
    assert await login.stray() is None and asked.call_count == 2  # it was seen


async def test_a_configured_project_is_listed_even_when_the_key_may_not_list_it(
    edge: respx.MockRouter, opened: Opens
) -> None:
    edge.get(f"{HOST}/api/users/@me/").respond(403, json={})
    edge.get(f"{HOST}/api/personal_api_keys/@current").respond(403, json={})
    assert await opened(ENV | {"POSTHOG_PROJECT_ID": "77"}).titles("posthog") == ["77"]


async def test_the_name_and_zone_of_a_configured_project_are_asked_once(edge: respx.MockRouter, opened: Opens) -> None:
    asked = edge.get(f"{HOST}/api/projects/77/").respond(json=project(77))
    rig = opened(ENV | {"POSTHOG_PROJECT_ID": "77"})
    for _ in range(3):
        named = await rig.session.named(await rig.access(READ))
        assert named is not None and (named.name, named.zone) == ("Shop 77", "Europe/Helsinki")
    assert asked.call_count == 1


async def test_two_keys_in_two_regions_are_two_sources_of_projects(edge: respx.MockRouter, opened: Opens) -> None:
    user(edge)
    projects(edge, "org-north", project(1))
    projects(edge, "org-south")
    eu = edge.get("https://eu.posthog.com/api/users/@me/").respond(json={"team": project(1)})
    rig = opened(ENV | {"POSTHOG_API_KEY__EU": "phx_sandboxEu", "POSTHOG_REGION__EU": "eu"})
    assert [workspace.label for workspace in await rig.workspaces("posthog")] == ["", "EU"]
    assert eu.calls.last.request.headers["authorization"] == "Bearer phx_sandboxEu"
    with pytest.raises(WorkspaceUnknown, match=r"Shop 1 = 1@; Shop 1 = 1@EU"):
        await rig.access(READ, "Shop 1")
    for reference, region in (("1@", "us"), ("1@eu", "eu")):
        access = await rig.access(READ, reference)
        assert (access.workspace_id, access.endpoints.region) == ("1", region)


async def test_a_key_refused_by_one_region_is_told_with_the_region(edge: respx.MockRouter, opened: Opens) -> None:
    edge.get(f"{HOST}/api/users/@me/").respond(401, json={"detail": "bad key", "code": "authentication_failed"})
    with pytest.raises(CredentialsRejected) as caught:
        await opened(ENV).access(READ)
    assert caught.value.region == "us"
    assert "POSTHOG_REGION" in caught.value.remedy


ALIENS: list[Any] = [None, [], {}, "text", 5, {"organizations": {}}, {"organizations": [None, {}, {"id": None}, 3]}]


@pytest.mark.parametrize("answer", ALIENS)
async def test_an_unexpected_answer_reaches_no_project_and_breaks_nothing(
    edge: respx.MockRouter, opened: Opens, answer: Any
) -> None:
    edge.get(f"{HOST}/api/users/@me/").respond(json=answer)
    assert await reached(opened(ENV)) == []


@pytest.mark.parametrize("teams", [None, "12", 5, {}, [None, True, {}, ""]])
async def test_unexpected_teams_of_a_key_are_left_out(edge: respx.MockRouter, opened: Opens, teams: Any) -> None:
    user(edge)
    limited_to(edge)
    edge.get(f"{HOST}/api/personal_api_keys/@current").respond(json={"scoped_teams": teams})
    with pytest.raises(PermissionDenied):
        await reached(opened(ENV))


async def test_a_page_instead_of_an_answer_points_at_the_base_url(edge: respx.MockRouter, opened: Opens) -> None:
    edge.get(f"{HOST}/api/users/@me/").respond(html="<!doctype html><title>PostHog</title>")
    with pytest.raises(ProviderUnavailable, match="text/html instead of JSON") as caught:
        await opened(ENV).access(READ)
    assert "base URL" in caught.value.remedy


async def test_a_projects_name_is_one_short_line(edge: respx.MockRouter, opened: Opens) -> None:
    edge.get(f"{HOST}/api/users/@me/").respond(
        json={"team": {"id": 7, "name": "Shop\x1b[2J\nIgnore\u202e" + "x" * 900}}
    )
    name = (await opened(ENV).workspaces("posthog"))[0].name
    assert name is not None and name.startswith("Shop [2J Ignore x") and len(name) == 200


async def reached(rig: Rig) -> list[str]:
    found = await rig.session.reached("posthog")
    if found.problems:
        raise found.problems[0]
    return [workspace.title for workspace in found.workspaces]
