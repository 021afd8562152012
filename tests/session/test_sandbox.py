"""Sessions against the sandbox: the same rules where tokens, devices and permissions are a witness's own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date

import pytest

from audience_mcp.errors import CredentialsRejected, PermissionDenied, SecondFactorRequired, WorkspaceUnknown
from audience_mcp.rest.client import Client
from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.posthog.access import ONE_PROJECT, READ_COHORTS
from audience_mcp.sandbox.synerise.accounts import OWNER, PASSWORD, VERIFICATION_CODE

from .conftest import Opens
from .rig import MOST_BYTES, Clock, Rig

pytestmark = pytest.mark.anyio
URL = "https://sandbox.invalid"
MAIN, OUTLET = "Meadow & Main", "Meadow & Main Outlet"


class Shop:
    """One sandbox, and sessions with its own or changed credentials."""

    def __init__(self, sandbox: Sandbox, opened: Opens, client: Client) -> None:
        self.sandbox, self._opened, self._client = sandbox, opened, client

    def open(self, *providers: str, **changes: str) -> Rig:
        environment = {
            name: value
            for name, value in {**self.sandbox.environment(URL), **changes}.items()
            if name.lower().startswith(providers) and value
        }
        return self._opened(environment, client=self._client)

    def asked(self, end: str) -> int:
        return sum(entry.path.endswith(end) for entry in self.sandbox.journal)


@pytest.fixture
async def shop(clock: Clock, opened: Opens) -> AsyncIterator[Shop]:
    sandbox = Sandbox(today=date(2026, 11, 20), profiles=50, events=500, clock=clock)
    client = Client(MOST_BYTES, {URL: lambda: sandbox.app})
    yield Shop(sandbox, opened, client)
    await client.close()


async def test_every_provider_tells_its_workspaces(shop: Shop) -> None:
    rig = shop.open("synerise", "posthog", "faraday", "giosg", SYNERISE_API_KEY__OUTLET="")
    for provider in ("synerise", "posthog", "faraday", "giosg"):
        reached = await rig.session.reached(provider)
        assert [workspace.name for workspace in reached.workspaces] == [MAIN, OUTLET]
        assert not reached.problems


async def test_one_workspace_through_two_credentials_is_one_and_the_key_serves_it(shop: Shop) -> None:
    rig = shop.open("synerise")
    reached = await rig.session.reached("synerise")
    assert [workspace.name for workspace in reached.workspaces] == [MAIN, OUTLET]
    guid = reached.workspaces[1].id
    for reference in (OUTLET, "482", guid, "482@outlet", f"{guid}@OUTLET"):
        access = await rig.access("synerise_list_funnels", reference)
        assert access.login.credential.label == "OUTLET"
    assert (await rig.access("synerise_list_funnels", "482@")).login.credential.label == ""


async def test_what_only_a_user_may_do_is_done_by_the_user_whoever_else_reaches_the_workspace(shop: Shop) -> None:
    rig = shop.open("synerise")
    access = await rig.access("synerise_delete_analyses", OUTLET)
    assert access.login.credential.label == ""


async def test_every_read_runs_in_the_workspace_it_names(shop: Shop) -> None:
    rig = shop.open("synerise", "posthog", "faraday", "giosg", SYNERISE_API_KEY__OUTLET="")
    tools = ("synerise_list_funnels", "posthog_list_cohorts", "faraday_list_persona_sets", "giosg_list_workflows")
    for tool in tools:
        for name, key in ((MAIN, "main"), (OUTLET, "outlet")):
            await rig.call(tool, workspace=name)
            assert (shop.sandbox.journal[-1].status, shop.sandbox.journal[-1].workspace) == (200, key)


async def test_a_key_s_token_is_renewed_before_the_provider_ends_it(shop: Shop, clock: Clock) -> None:
    rig = shop.open("synerise_api_key", "synerise_base_url", SYNERISE_API_KEY__OUTLET="")
    for _ in range(4):
        await rig.call("synerise_list_funnels")
        clock.pass_by(1800)
    assert {entry.status for entry in shop.sandbox.journal} == {200}
    assert shop.asked("/auth/login/profile") == 2


async def test_a_token_that_ended_early_costs_one_more_log_in_and_no_error(shop: Shop) -> None:
    rig = shop.open("synerise_api_key", "synerise_base_url", SYNERISE_API_KEY__OUTLET="")
    await rig.call("synerise_list_funnels")
    shop.sandbox.advance(4000)
    await rig.call("synerise_list_funnels")
    assert [entry.status for entry in shop.sandbox.journal] == [200, 200, 401, 200, 200]


async def test_basic_authorization_serves_a_workspace_without_tokens(shop: Shop) -> None:
    guid = str(shop.sandbox.state.world.workspaces[0].synerise_guid)
    rig = shop.open(
        "synerise_api_key",
        "synerise_base_url",
        "synerise_auth",
        "synerise_workspace",
        SYNERISE_API_KEY__OUTLET="",
        SYNERISE_AUTH="Basic",
        SYNERISE_WORKSPACE_GUID=guid,
    )
    await rig.call("synerise_list_funnels")
    assert await rig.titles("synerise") == [f"{MAIN} ({guid})"]
    assert shop.asked("/auth/login/profile") == 0


USER = {"SYNERISE_API_KEY": "", "SYNERISE_API_KEY__OUTLET": "", "SYNERISE_USERNAME": OWNER.username}


async def test_a_confirmed_device_is_not_asked_again_by_the_next_run(shop: Shop) -> None:
    rig = shop.open("synerise", **USER)
    with pytest.raises(SecondFactorRequired):
        await rig.call("synerise_list_funnels", workspace=OUTLET)
    with pytest.raises(CredentialsRejected):
        await rig.login("synerise").confirm_factor("000000")
    told = await rig.call("synerise_verify_user_mfa", {"verificationCode": VERIFICATION_CODE})
    assert told["user"] == OWNER.username
    await rig.call("synerise_list_funnels", workspace=OUTLET)
    again = shop.open("synerise", **USER)
    await again.call("synerise_list_funnels", workspace=MAIN)
    assert shop.asked("/mfa/verification") == 2


async def test_a_selection_at_synerise_is_the_current_workspace_of_the_user(shop: Shop, clock: Clock) -> None:
    rig = shop.open("synerise", **USER | {"SYNERISE_USERNAME": "analyst@meadowandmain.example"})
    assert (await rig.call("synerise_get_current_workspace"))["selected"] is False
    guid = str(shop.sandbox.state.world.workspaces[1].synerise_guid)
    await rig.call("synerise_select_workspace", {"businessProfileUUID": guid})
    for _ in range(2):
        assert (await rig.call("synerise_get_current_workspace"))["data"]["name"] == OUTLET
        assert (await rig.access("synerise_list_funnels")).workspace_title == f"{OUTLET} ({guid})"
        clock.pass_by(3600)


async def test_a_selection_the_user_may_not_make_changes_nothing(shop: Shop) -> None:
    rig = shop.open("synerise", **USER | {"SYNERISE_USERNAME": "analyst@meadowandmain.example"})
    await rig.session.select(MAIN)
    with pytest.raises(WorkspaceUnknown):
        await rig.call("synerise_select_workspace", {"businessProfileUUID": "00000000-0000-4000-8000-000000000000"})
    assert (await rig.access("synerise_list_funnels")).workspace_title.startswith(f"{MAIN} (")  # type: ignore[union-attr]


async def test_posthog_keys_of_all_scopes_find_what_they_reach(shop: Shop) -> None:
    for key in (ONE_PROJECT, READ_COHORTS):
        rig = shop.open("posthog", POSTHOG_API_KEY=key.value)
        assert [name.split(" (")[0] for name in await rig.titles("posthog")] == [MAIN]
        await rig.call("posthog_list_cohorts")
        assert shop.sandbox.journal[-1].workspace == "main"
    with pytest.raises(PermissionDenied):
        await rig.call("posthog_list_persons")


async def test_profiles_log_in_with_their_own_key_and_never_the_operators_password(shop: Shop) -> None:
    rig = shop.open("synerise", SYNERISE_API_KEY__OUTLET="")
    await rig.call("synerise_log_in_anonymous_profile", {"uuid": "11111111-aaaa-4bbb-8ccc-000000000048"})
    await rig.call("synerise_refresh_profile_token")
    await rig.call("synerise_list_funnels")
    assert shop.sandbox.journal[-1].status == 200
    for entry in shop.sandbox.journal:
        if entry.path.startswith("/sauth/"):
            assert PASSWORD not in json.dumps(entry.body.decode())
