"""Where a provider does not do what its operation's name or method suggests, and what the model learns of it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import respx

from audience_mcp.server.dispatch import Told

from .conftest import Opens
from .desk import HOSTS, ORGANIZATION, SECRETS, SERVICE, WORKSPACES, Desk, error, good, jwt
from .sample import UUID, catalog, least

pytestmark = pytest.mark.anyio
POSTHOG, SYNERISE, FARADAY, GIOSG = (HOSTS[name] for name in ("posthog", "synerise", "faraday", "giosg"))
COHORT = f"{POSTHOG}/api/projects/7/cohorts/3/"
DUPLICATE = "posthog_duplicate_cohort_as_static"
KEY = "live-key-of-an-account"


def everything(desk: Desk, told: Told) -> str:
    """All that can be read of an answer: text, object, and the stored bytes a resource gives."""
    assert told.outcome is not None and told.outcome.handle is not None
    stored = desk.app.store.get(told.outcome.handle)
    return f"{told.text}\n{json.dumps(told.structured)}\n{stored.body.decode()}\n{stored.card!r}"


@pytest.fixture
async def sure(opens: Opens) -> Desk:
    """A program that asks for no confirmation."""
    return opens(SECRETS | WORKSPACES | {"AUDIENCE_MCP_CONFIRM": "never"})


async def test_a_cohort_is_deleted_by_a_patch_and_the_answer_says_so(sure: Desk) -> None:
    sure.edge.get(COHORT).respond(json={"id": 3, "name": "Buyers", "deleted": False})
    patch = sure.edge.patch(COHORT).respond(json={"id": 3, "name": "Buyers", "deleted": True})
    told = good(await sure.run("posthog_delete_cohort", id=3))
    assert json.loads(patch.calls.last.request.content) == {"deleted": True}
    assert patch.calls.last.request.url.raw_path == b"/api/projects/7/cohorts/3/"
    assert "DELETE is refused by the provider: sent as PATCH" in told.text
    assert "sent as PATCH" in json.dumps(told.structured)


async def test_a_dry_run_of_a_deletion_shows_the_patch(desk: Desk) -> None:
    desk.edge.get(COHORT).respond(json={"id": 3, "name": "Buyers", "deleted": False})
    told = good(await desk.run("posthog_delete_cohort", id=3, dry_run=True))
    assert "PATCH" in told.text and COHORT in told.text and "deleted" in told.text
    assert {request.method for request in desk.sent()} == {"GET"}


@pytest.mark.parametrize("name", ["lifecycle", "stickiness", "trends"])
async def test_people_that_keys_may_not_ask_for_are_told_with_the_way_round(desk: Desk, name: str) -> None:
    detail = "This action does not support Personal API Key access"
    desk.edge.get(f"{POSTHOG}/api/projects/7/persons/{name}/").respond(
        403, json={"type": "authentication_error", "code": "permission_denied", "detail": detail}
    )
    tool = f"posthog_get_persons_{name}"
    found = await desk.refused(tool, **least(tool))
    assert found["kind"] == "permission_denied" and detail in found["message"]
    assert "posthog_run_query" in found["remedy"] and "No change to the key helps" in found["remedy"]


@pytest.mark.parametrize("wrapped", [False, True])
async def test_the_values_of_a_property_come_bare_or_wrapped(desk: Desk, wrapped: bool) -> None:
    values = [{"name": "Turku", "count": 3}, {"name": "Espoo", "count": 2}]
    answer: Any = {"results": values, "refreshing": False} if wrapped else values
    desk.edge.get(f"{POSTHOG}/api/projects/7/persons/values/").respond(json=answer)
    told = good(await desk.run("posthog_list_person_property_values", key="city"))
    assert told.structured["table"]["rows"] == [["Turku", 3], ["Espoo", 2]]
    assert desk.kept(told) == answer


async def test_values_without_a_property_are_not_asked_for(desk: Desk) -> None:
    found = await desk.refused("posthog_list_person_property_values")
    assert found["kind"] == "invalid_arguments" and "'key' is missing" in found["message"]
    assert desk.sent() == []


async def test_a_get_that_duplicates_is_a_write(sure: Desk, opens: Opens) -> None:
    hints = catalog().wire(DUPLICATE)["annotations"]
    assert not hints["readOnlyHint"] and not hints["idempotentHint"]
    route = sure.edge.get(f"{COHORT}duplicate_as_static_cohort/").mock(side_effect=httpx.ReadTimeout("late"))
    assert (await sure.refused(DUPLICATE, id=3))["kind"] == "outcome_unknown"
    assert route.call_count == 1  # two copies would be worse than none
    assert (await opens(read_only=True).refused(DUPLICATE, id=3))["kind"] == "read_only"


async def test_a_get_that_duplicates_needs_its_workspace(edge: respx.MockRouter, opens: Opens) -> None:
    edge.get(f"{POSTHOG}/api/users/@me/").respond(json={"organizations": [{"id": UUID}]})
    edge.get(url__startswith=f"{POSTHOG}/api/organizations/{UUID}/projects/").respond(
        json={"results": [{"id": 7, "name": "Meadow"}, {"id": 8, "name": "Outlet"}]}
    )
    desk = opens({"POSTHOG_API_KEY": "phx_sandbox5ecret"})
    good(await desk.run("select_workspace", workspace="Meadow"))
    assert (await desk.refused(DUPLICATE, id=3))["kind"] == "workspace_not_selected"
    copied = edge.get(f"{POSTHOG}/api/projects/8/cohorts/3/duplicate_as_static_cohort/").respond(json={"id": 4})
    edge.get(f"{POSTHOG}/api/projects/8/cohorts/4/").respond(json={"id": 4, "name": "Buyers (static copy)"})
    good(await desk.run(DUPLICATE, id=3, workspace="Outlet"))
    assert copied.called


@pytest.mark.parametrize("names", [200, 403, 503])
async def test_personas_have_their_names_where_the_set_can_be_read(desk: Desk, names: int) -> None:
    flow = [{"persona_id": UUID, "days": [{"date": "2026-11-01", "count": 5}, {"date": "2026-11-02", "count": 7}]}]
    desk.edge.get(f"{FARADAY}/v1/persona_sets/{UUID}/analysis/flow").respond(json=flow)
    desk.edge.get(f"{FARADAY}/v1/persona_sets/{UUID}").respond(
        names, json={"personas": [{"id": UUID, "name": "Quiet Collectors"}]}
    )
    told = good(await desk.run("faraday_get_persona_set_flow", persona_set_id=UUID))
    assert ("Quiet Collectors" in told.text) is (names == 200)
    assert ("Quiet Collectors" in json.dumps(told.structured)) is (names == 200)
    assert "7" in told.text and desk.kept(told) == flow


async def test_the_keys_of_accounts_are_nowhere_to_be_read(desk: Desk) -> None:
    account = {"id": UUID, "name": "Meadow", "status": "active", "api_key": KEY, "billing_email": "a@b.example"}
    desk.edge.get(f"{FARADAY}/v1/accounts").respond(json=[account, {**account, "sub": {"api_key": KEY}}])
    read = everything(desk, good(await desk.run("faraday_list_accounts")))
    assert "Meadow" in read and KEY not in read and "api_key" not in read and "a@b.example" not in read


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "text/csv"])
async def test_accounts_that_cannot_be_read_field_by_field_are_not_shown(desk: Desk, kind: str) -> None:
    half = f'[{{"id": "{UUID}", "api_key": "{KEY}", "na'.encode()
    desk.edge.get(f"{FARADAY}/v1/accounts").respond(content=half, headers={"Content-Type": kind})
    told = await desk.run("faraday_list_accounts")
    assert error(told)["kind"] == "provider_unavailable"
    assert KEY not in told.text + json.dumps(told.structured)


@pytest.mark.parametrize("tool", ["posthog_list_projects", "posthog_list_organizations", "posthog_get_current_user"])
async def test_projects_come_without_their_token(desk: Desk, tool: str) -> None:
    project = {"id": 7, "name": "Meadow", "api_token": KEY, "teams": [{"id": 7, "api_token": KEY}]}
    desk.edge.get(f"{POSTHOG}/api/users/@me/").respond(json={**project, "team": project})
    desk.edge.get(url__regex=f"{POSTHOG}/api/organizations/").respond(json={"count": 1, "results": [project]})
    read = everything(desk, good(await desk.run(tool, **least(tool))))
    assert "Meadow" in read and KEY not in read and "api_token" not in read


async def test_giosg_has_one_refusal_for_three_causes_and_all_are_named(desk: Desk) -> None:
    desk.edge.route(host="api.giosg.com").respond(403)
    for tool in ("giosg_list_workflows", "giosg_query_workflow_report"):
        found = await desk.refused(tool, **least(tool, **({"workflow_id": UUID} if "query" in tool else {})))
        assert found["kind"] == "permission_denied"
        for cause in ("subscription", "no access to this organization", "reporting permission"):
            assert cause in found["remedy"]


async def test_a_filter_giosg_has_not_built_is_an_argument_to_change(desk: Desk) -> None:
    desk.edge.route(host="api.giosg.com").respond(406, text="Not implemented")
    found = await desk.refused("giosg_query_workflow_report", **least("giosg_query_workflow_report"))
    assert (found["kind"], found["status"]) == ("invalid_arguments", 406)
    assert "Not implemented" in found["message"] and "label or action" in found["remedy"]


async def test_the_giosg_user_is_asked_at_the_other_host(desk: Desk) -> None:
    told = good(await desk.run("giosg_get_current_user"))
    assert ORGANIZATION in told.text
    (sent,) = desk.sent("/users/me")
    assert str(sent.url) == f"{SERVICE}/api/v5/users/me"
    assert sent.headers["authorization"] == "Token sandbox-giosg-5ecret"


@pytest.mark.parametrize("status", [200, 202])
async def test_a_freed_distinct_id_is_answered_with_nothing(sure: Desk, status: int) -> None:
    route = sure.edge.post(f"{POSTHOG}/api/projects/7/persons/reset_person_distinct_id/").respond(status)
    told = good(await sure.run("posthog_reset_person_distinct_id", distinct_id="robin"))
    assert "without content" in told.text and json.loads(route.calls.last.request.content) == {"distinct_id": "robin"}


@pytest.mark.parametrize(("tool", "answer"), [("create_report", UUID), ("create_expression", {"id": UUID})])
async def test_a_new_analysis_is_answered_by_its_id_alone(desk: Desk, tool: str, answer: Any) -> None:
    desk.edge.post(url__regex="/analytics/profiles/").respond(json=answer)
    desk.edge.get(url__regex=f"/analytics/profiles/.*/{UUID}").respond(json={"id": UUID, "name": "New"})
    told = good(await desk.run(f"synerise_{tool}", **least(f"synerise_{tool}")))
    assert told.structured["kind"] == "acknowledgement" and UUID in told.text and desk.kept(told) == answer


@pytest.mark.parametrize("kind", ["text/csv", "text/csv; charset=utf-8"])
async def test_tables_of_text_are_rows_and_kept_as_they_came(desk: Desk, kind: str) -> None:
    body = "product;sold\nkettle;12\n“mug”;7\n".encode()
    desk.edge.post(url__regex="/reports/preview/csv").respond(content=body, headers={"Content-Type": kind})
    told = good(await desk.run("synerise_preview_report_csv", **least("synerise_preview_report_csv")))
    assert told.structured["table"]["columns"] == ["product", "sold"] and "kettle" in told.text
    assert told.outcome is not None and told.outcome.media_type == "text/csv"
    assert desk.app.store.get(str(told.outcome.handle)).body == body


async def test_a_conditional_log_in_tells_what_is_left_and_keeps_no_token(desk: Desk) -> None:
    tool, token = "synerise_log_in_profile_conditionally", jwt(exp=1_800_003_600, sub="5ecret")
    assert (await desk.refused(tool, **least(tool)))["kind"] == "credentials_missing"
    desk.edge.post(url__regex="/client/anonymous$").respond(json={"token": token})
    good(await desk.run("synerise_log_in_anonymous_profile", uuid=UUID))
    left = desk.edge.post(url__regex="/client/conditional$").respond(
        json={"status": "TERMS", "conditions": [{"type": "AGREEMENT"}]}
    )
    told = good(await desk.run(tool, **least(tool)))
    assert left.calls.last.request.headers["authorization"] == f"Bearer {token}"
    assert "conditions remain" in told.text and "AGREEMENT" in told.text
    assert told.outcome is not None and told.outcome.handle is None
    left.respond(json={"status": "SUCCESS", "token": token, "customId": "c-1"})
    told = good(await desk.run(tool, **least(tool)))
    assert "c-1" in told.text and token not in told.text + json.dumps(told.structured)
