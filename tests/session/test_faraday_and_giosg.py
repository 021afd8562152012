"""A Faraday key is an account; a giosg token belongs to one organization, and may be configured for another."""

from __future__ import annotations

from typing import Any

import pytest
import respx

from audience_mcp.errors import CredentialsRejected, WorkspacePinned, WorkspaceUnknown

from .conftest import Opens

pytestmark = pytest.mark.anyio
FARADAY = {"FARADAY_API_KEY": "prod_fdysec_sandbox"}
GIOSG = {"GIOSG_API_TOKEN": "sandbox-giosg-token"}
ACCOUNT, ORGANIZATION = "acc00000-0000-4000-8000-000000000001", "0a000000-0000-4000-8000-000000000002"
PARTNER = "0b000000-0000-4000-8000-000000000003"
ME = "https://service.giosg.com/api/v5/users/me"


def account(edge: respx.MockRouter, **fields: Any) -> respx.Route:
    return edge.get("https://api.faraday.ai/v1/accounts/current").respond(json=fields)


async def test_a_faraday_key_is_its_account_and_needs_no_choice(edge: respx.MockRouter, opened: Opens) -> None:
    asked = account(edge, id=ACCOUNT, name="Meadow", api_key="prod_fdysec_of_the_account")
    rig = opened(FARADAY)
    access = await rig.access("faraday_list_persona_sets")
    assert not asked.called
    named = await rig.session.named(access)
    assert named is not None and named.title == f"Meadow ({ACCOUNT})"
    assert asked.calls.last.request.headers["authorization"] == "Bearer prod_fdysec_sandbox"
    assert "of_the_account" not in repr(rig.login("faraday").own_workspace())


async def test_several_faraday_keys_are_several_accounts(edge: respx.MockRouter, opened: Opens) -> None:
    account(edge, id=ACCOUNT, name="Meadow")
    rig = opened(FARADAY | {"FARADAY_API_KEY__OUTLET": "prod_fdysec_outlet"})
    access = await rig.access("faraday_list_persona_sets", f"{ACCOUNT}@OUTLET")
    assert access.login.credential.label == "OUTLET"


async def test_a_pinned_faraday_account_may_be_named_by_its_id(edge: respx.MockRouter, opened: Opens) -> None:
    account(edge, id=ACCOUNT, name="Meadow")
    rig = opened(FARADAY, pin_workspace=True)
    for reference in (ACCOUNT, "meadow"):
        assert (await rig.access("faraday_list_persona_sets", reference)).workspace_id == ACCOUNT


@pytest.mark.parametrize("answer", [None, [], "x", {"id": None}, {"id": {}, "name": []}])
async def test_a_faraday_key_works_without_knowing_its_account(
    edge: respx.MockRouter, opened: Opens, answer: Any
) -> None:
    edge.get("https://api.faraday.ai/v1/accounts/current").respond(json=answer)
    rig = opened(FARADAY)
    named = await rig.session.named(await rig.access("faraday_list_persona_sets"))
    assert named is not None and named.title == "(the credential's own)"


async def test_a_giosg_token_is_in_the_organization_of_its_user(edge: respx.MockRouter, opened: Opens) -> None:
    asked = edge.get(ME).respond(json={"organization_id": ORGANIZATION, "organization": {"name": "Meadow"}})
    rig = opened(GIOSG)
    assert (await rig.access("giosg_list_workflows")).workspace_title == f"Meadow ({ORGANIZATION})"
    assert asked.calls.last.request.headers["authorization"] == "Token sandbox-giosg-token"


async def test_a_configured_giosg_organization_asks_nobody(edge: respx.MockRouter, opened: Opens) -> None:
    rig = opened(GIOSG | {"GIOSG_ORGANIZATION_ID": PARTNER})
    assert (await rig.access("giosg_list_workflows")).workspace_id == PARTNER
    assert not edge.calls


async def test_a_partners_organization_is_listed_beside_the_users_own(edge: respx.MockRouter, opened: Opens) -> None:
    edge.get(ME).respond(json={"organization_id": ORGANIZATION, "organization": {"name": "Meadow"}})
    rig = opened(GIOSG | {"GIOSG_ORGANIZATION_ID": PARTNER})
    assert await rig.titles("giosg") == [f"Meadow ({ORGANIZATION})", PARTNER]
    same = opened(GIOSG | {"GIOSG_ORGANIZATION_ID": ORGANIZATION.upper()})
    assert await same.titles("giosg") == [f"Meadow ({ORGANIZATION})"]


async def test_a_partners_organization_is_told_apart_from_a_wrong_one_by_what_it_answers(
    edge: respx.MockRouter, opened: Opens
) -> None:
    edge.get(ME).respond(json={"organization_id": ORGANIZATION, "organization": {"name": "Meadow"}})
    asked = edge.get(f"https://api.giosg.com/api/objectives/v1/orgs/{PARTNER}/workflows").respond(403, json={})
    login = opened(GIOSG | {"GIOSG_ORGANIZATION_ID": PARTNER}).login("giosg")
    stray = await login.stray()
    assert isinstance(stray, WorkspaceUnknown) and "GIOSG_ORGANIZATION_ID" in stray.message
    assert f"belongs to Meadow ({ORGANIZATION})" in stray.remedy
    asked.respond(503)
    assert await login.stray() is None  # nobody can tell
    asked.respond(json=[])
    assert await login.stray() is None
    before = asked.call_count
    assert await login.stray() is None and asked.call_count == before


async def test_a_configured_organization_is_listed_with_the_reason_why_no_other_is(
    edge: respx.MockRouter, opened: Opens
) -> None:
    edge.get(ME).respond(401, json={"detail": "Invalid token."})
    reached = await opened(GIOSG | {"GIOSG_ORGANIZATION_ID": PARTNER}).session.reached("giosg")
    assert [workspace.id for workspace in reached.workspaces] == [PARTNER]
    assert [problem.kind for problem in reached.problems] == ["credentials_rejected"]


async def test_a_refused_giosg_token_is_told_by_the_call(edge: respx.MockRouter, opened: Opens) -> None:
    edge.get(ME).respond(401, json={"detail": "Invalid token."})
    with pytest.raises(CredentialsRejected) as caught:
        await opened(GIOSG).access("giosg_list_workflows")
    assert caught.value.provider == "giosg"


async def test_the_two_giosg_hosts_are_set_apart_from_each_other(edge: respx.MockRouter, opened: Opens) -> None:
    asked = edge.get("http://127.0.0.1:8080/giosg/api/v5/users/me").respond(json={"organization_id": ORGANIZATION})
    rig = opened(GIOSG | {"GIOSG_SERVICE_URL": "http://127.0.0.1:8080/giosg/"})
    access = await rig.access("giosg_list_workflows")
    assert asked.called
    assert access.endpoints.urls == {"api": "https://api.giosg.com", "service": "http://127.0.0.1:8080/giosg"}


async def test_a_pinned_giosg_organization_cannot_be_left(edge: respx.MockRouter, opened: Opens) -> None:
    edge.get(ME).respond(json={"organization_id": ORGANIZATION, "organization": {"name": "Meadow"}})
    rig = opened(GIOSG | {"GIOSG_ORGANIZATION_ID": PARTNER}, pin_workspace=True)
    with pytest.raises(WorkspacePinned, match=PARTNER):
        await rig.access("giosg_list_workflows", "Meadow")


@pytest.mark.parametrize("answer", [None, [], {"organization": "text"}, {"organization_id": [], "organization": {}}])
async def test_an_unexpected_answer_of_giosg_reaches_nothing(
    edge: respx.MockRouter, opened: Opens, answer: Any
) -> None:
    edge.get(ME).respond(json=answer)
    assert await opened(GIOSG).workspaces("giosg") == []
