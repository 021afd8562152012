"""From what a model sends, careless or not, to the request that leaves."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from .conftest import Opens
from .desk import HOSTS, ORGANIZATION, SECRETS, TOKEN, USER, WORKSPACES, Desk, good, jwt
from .sample import UUID, least, operation, operations

pytestmark = pytest.mark.anyio
OTHER = "99999999-2222-4333-8444-555555555555"
FILTERS = {
    "properties": {
        "type": "OR",
        "values": [
            {"type": "AND", "values": [{"type": "person", "key": "email", "operator": "is_set", "value": "is_set"}]}
        ],
    }
}
INTERVAL = {"start": "2026-05-01T00:00:00Z", "end": "2026-06-01T00:00:00Z"}
PROPERTIES = [{"key": "city", "value": ["Åbo", "a&b=c"], "type": "person", "operator": "exact"}]


async def sent(desk: Desk, tool: str, /, **arguments: Any) -> httpx.Request:
    """The one request of a call that goes well."""
    desk.edge.route().respond(json={"token": TOKEN})
    good(await desk.run(tool, **arguments))
    (request,) = desk.sent()
    return request


def body(request: httpx.Request) -> Any:
    return json.loads(request.content)


@pytest.mark.parametrize(
    ("tool", "arguments", "path"),
    [
        ("posthog_get_cohort", {"id": "7"}, "/api/projects/7/cohorts/7/"),
        ("posthog_get_cohort", {"id": 7.0}, "/api/projects/7/cohorts/7/"),
        ("posthog_list_cohorts", {"limit": "5", "basic": "true"}, "/api/projects/7/cohorts/?basic=true&limit=5"),
        ("posthog_list_cohorts", {"hide_behavioral_cohorts": False}, "/cohorts/?hide_behavioral_cohorts=false"),
        ("synerise_list_funnels", {"ids": f"{UUID},{OTHER}"}, f"?ids={UUID}%2C{OTHER}"),
        ("synerise_list_funnels", {"search": "50 % & more?"}, "?search=50+%25+%26+more%3F"),
        ("faraday_list_persona_sets", {"ids": [UUID, OTHER]}, f"?ids={UUID}&ids={OTHER}"),
        ("faraday_list_persona_sets", {"ids": f'["{UUID}", "{OTHER}"]'}, f"?ids={UUID}&ids={OTHER}"),
        ("faraday_list_persona_sets", {"ids": []}, "/v1/persona_sets"),
        ("posthog_get_person", {"id": "ab c?d#e"}, "/persons/ab%20c%3Fd%23e/"),
        ("posthog_get_person", {"id": "%2e%2e"}, "/persons/%252e%252e/"),
        ("giosg_get_workflow_info", {"workflow_id": UUID}, f"/workflows/{UUID}/info/"),
        ("giosg_list_workflows", {}, f"/api/objectives/v1/orgs/{ORGANIZATION}/workflows"),
        ("faraday_get_persona_set", {"persona_set_id": UUID}, f"/v1/persona_sets/{UUID}"),
        ("posthog_list_all_cohort_activity", {"page": "2"}, "/cohorts/activity/?page=2"),
    ],
)
async def test_paths_and_queries_arrive_as_the_document_writes_them(
    desk: Desk, tool: str, arguments: dict[str, Any], path: str
) -> None:
    request = await sent(desk, tool, **arguments)
    assert request.url.raw_path.decode().endswith(path)
    assert request.content == b"" and "content-type" not in request.headers


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("posthog_create_cohort", {"name": "x", "filters": json.dumps(FILTERS)}, {"name": "x", "filters": FILTERS}),
        ("posthog_create_cohort", {"name": "7", "is_static": "true"}, {"name": "7", "is_static": True}),
        ("posthog_create_cohort", {"name": None}, {"name": None}),
        ("posthog_create_cohort", {"_create_static_person_ids": f'["{UUID}"]'}, {"_create_static_person_ids": [UUID]}),
        ("posthog_update_cohort", {"id": "3", "description": "[1]"}, {"description": "[1]"}),
        (
            "giosg_query_workflow_report",
            {"workflow_id": UUID, "filters": "[]", "interval": json.dumps(INTERVAL)},
            {"filters": [], "interval": INTERVAL},
        ),
        ("synerise_check_permissions", {"permissions": '["A", "B"]'}, ["A", "B"]),
    ],
)
async def test_text_that_should_be_something_else_arrives_as_that(
    opens: Opens, tool: str, arguments: dict[str, Any], expected: Any
) -> None:
    desk = opens(SECRETS | WORKSPACES)
    desk.edge.route().respond(json={"token": TOKEN})
    good(await desk.run(tool, **arguments))
    request = next(request for request in desk.sent("/permission-check") if request.content)
    assert body(request) == expected and request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("value", [PROPERTIES, json.dumps(PROPERTIES)])
async def test_json_within_a_query_is_one_text(desk: Desk, value: Any) -> None:
    request = await sent(desk, "posthog_list_persons", properties=value)
    assert list(request.url.params) == ["properties"]
    assert json.loads(request.url.params["properties"]) == PROPERTIES


async def test_a_constant_of_the_path_is_never_an_argument(desk: Desk) -> None:
    found = await desk.refused("synerise_list_funnels", namespace="other")
    assert found["kind"] == "invalid_arguments"
    request = await sent(desk, "synerise_list_funnels")
    assert request.url.path == "/analytics/profiles/funnels"


@pytest.mark.parametrize("tool", ["posthog_get_person", "synerise_calculate_aggregate_by_period"])
@pytest.mark.parametrize("way", [".", ".."])
async def test_an_id_cannot_climb_out_of_the_workspace(desk: Desk, tool: str, way: str) -> None:
    name = next(a.name for a in operation(tool).arguments if a.place == "path" and a.name in ("id", "clientId"))
    found = await desk.refused(tool, **least(tool, **{name: way}))
    assert found["kind"] == "invalid_arguments" and desk.sent() == []


async def test_the_workspace_of_a_call_decides_its_path(desk: Desk, opens: Opens) -> None:
    users = {"organizations": [{"id": UUID}]}
    projects = {"results": [{"id": 7, "name": "Meadow"}, {"id": 8, "name": "Outlet"}]}
    desk.edge.get(f"{HOSTS['posthog']}/api/users/@me/").respond(json=users)
    desk.edge.get(url__regex="/api/organizations/").respond(json=projects)
    desk.edge.get(url__regex="/cohorts/").respond(json={"results": []})
    for workspace in ("Outlet", "7", "8", "meadow", None):
        good(await desk.run("posthog_list_cohorts", **({"workspace": workspace} if workspace else {})))
    called = [request.url.path.split("/")[3] for request in desk.sent() if "/cohorts/" in request.url.path]
    assert called == ["8", "7", "8", "7", "7"]
    pinned = opens(SECRETS | WORKSPACES, pin_workspace=True)
    assert (await pinned.refused("posthog_list_cohorts", workspace="Outlet"))["kind"] == "workspace_pinned"


@pytest.mark.parametrize("secret", ["username", "password", "apiKey", "externalProviderToken", "externalProviderType"])
async def test_a_secret_is_no_argument(desk: Desk, secret: str) -> None:
    for tool in ("synerise_log_in_user", "synerise_log_in_workspace", "synerise_log_in_profile"):
        found = await desk.refused(tool, **least(tool, **{secret: "given by a model"}))
        assert found["kind"] == "invalid_arguments" and "given by a model" not in str(found)
    assert not desk.edge.calls


async def test_log_ins_send_what_the_session_holds_and_nothing_that_is_not_set(opens: Opens) -> None:
    desk = opens(SECRETS | {"SYNERISE_USERNAME": "robin@example.org", "SYNERISE_PASSWORD": "sandbox-password-5ecret"})
    desk.edge.post(url__regex="/login/").respond(json={"token": jwt(exp=1_800_003_600), "mfaMethods": []})
    good(await desk.run("synerise_log_in_user"))
    good(await desk.run("synerise_log_in_profile", identityProvider="SYNERISE", email="kim@example.org"))
    user, profile = (body(call.request) for call in desk.edge.calls)
    assert set(user) == {"username", "password", "deviceId"} and user["password"] == "sandbox-password-5ecret"
    assert profile == {
        "identityProvider": "SYNERISE",
        "email": "kim@example.org",
        "apiKey": "sandbox-profile-5ecret",
        "password": "sandbox-profile-password-5ecret",
        "identityProviderToken": "sandbox-identity-5ecret",
    }
    assert [call.request.headers.get("authorization") for call in desk.edge.calls] == [None, None]


async def test_a_constant_travels_with_its_partner_alone(opens: Opens) -> None:
    desk = opens(USER)
    desk.edge.post(url__regex="/login/").respond(json={"token": jwt(exp=1_800_003_600), "mfaMethods": []})
    good(await desk.run("synerise_log_in_user"))
    told = body(desk.edge.calls.last.request)
    assert (told["externalProviderToken"], told["externalProviderType"]) == ("sandbox-external-5ecret", "GOOGLE")


async def test_a_secret_that_nobody_set_is_told_by_its_variable(opens: Opens) -> None:
    desk = opens({"SYNERISE_API_KEY": "sandbox-key-5ecret"})
    found = await desk.refused("synerise_log_in_profile", identityProvider="SYNERISE", email="kim@example.org")
    assert found["kind"] == "credentials_missing" and "SYNERISE_PROFILE_API_KEY" in found["remedy"]
    assert not desk.edge.calls


DRY = [o.name for o in operations() if o.writes]


@pytest.mark.parametrize("tool", DRY)
async def test_a_dry_run_shows_the_request_and_sends_no_write(opens: Opens, tool: str) -> None:
    desk = opens(SECRETS | USER | WORKSPACES | {"AUDIENCE_MCP_WORKSPACE": "posthog=7"})
    desk.edge.get().respond(json={"id": UUID, "name": "Buyers"})
    told = good(await desk.run(tool, **least(tool), dry_run=True))
    writes = operation(tool)
    method = writes.tool.sends.method if writes.tool.sends else writes.method
    assert "nothing was sent" in told.text and method in told.text and HOSTS[writes.provider] in told.text
    assert "5ecret" not in told.text + json.dumps(told.structured)
    assert told.outcome is not None
    assert all(request.method == "GET" for request in desk.sent())
    assert not [request for request in desk.sent() if request.url.path.endswith("_as_static_cohort/")]
