"""A Synerise key beside a user, and profiles beside both: who acts when, and no token in another's place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audience_mcp.errors import CredentialsMissing, CredentialsRejected, SecondFactorRequired, WorkspaceUnknown

from .conftest import Opens
from .rig import Clock, Rig, jwt
from .synerise_edge import CODE, KEY_ENV, MAIN, OUTLET, USER_ENV, SyneriseEdge

pytestmark = pytest.mark.anyio
READ = "synerise_list_funnels"
BOTH = KEY_ENV | USER_ENV
PROFILE_ENV = {"SYNERISE_PROFILE_API_KEY": "sandbox-profile-key"}


async def test_what_is_for_users_only_uses_the_user_and_the_rest_the_key(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(BOTH)
    await rig.call(READ)
    await rig.call("synerise_delete_analyses", {"funnelIds": ["a"]})
    await rig.call("synerise_list_workspaces")
    await rig.call(READ)
    await rig.call(READ, workspace=MAIN)
    await rig.call(READ, workspace="Outlet")
    assert synerise.seen == [("key", 48), ("user", 48), ("key", 48), ("key", 48), ("user", 49)]


@pytest.mark.parametrize("tool", ["synerise_log_in_user", "synerise_select_workspace"])
async def test_an_explicit_log_in_or_selection_switches_to_the_user(
    synerise: SyneriseEdge, opened: Opens, tool: str, clock: Clock
) -> None:
    rig = opened(BOTH)
    arguments = {"businessProfileUUID": MAIN} if tool.endswith("select_workspace") else {}
    await rig.call(tool, arguments)
    await rig.call(READ)
    clock.pass_by(4000)
    await rig.call(READ)
    synerise.forget_tokens()
    await rig.call(READ)
    assert synerise.seen == [("user", 48)] * 3  # renewing never falls back to the key
    assert rig.login("synerise").status()["acting as"] == "robin@example.org"
    await rig.call("synerise_log_in_workspace")
    await rig.call(READ)
    assert synerise.seen[-1] == ("key", 48)


async def test_a_factor_that_a_users_call_needed_does_not_switch_the_others(
    synerise: SyneriseEdge, opened: Opens
) -> None:
    synerise.methods = ["TOTP_AUTHENTICATOR"]
    rig = opened(BOTH)
    with pytest.raises(SecondFactorRequired):
        await rig.call("synerise_delete_analyses", {"funnelIds": ["a"]})
    await rig.call(READ)
    await rig.call("synerise_verify_user_mfa", {"verificationCode": CODE})
    await rig.call(READ)
    assert synerise.seen == [("key", 48)] * 2


async def test_an_explicit_log_in_with_a_factor_switches_when_the_factor_is_confirmed(
    synerise: SyneriseEdge, opened: Opens
) -> None:
    synerise.methods = ["TOTP_AUTHENTICATOR"]
    rig = opened(BOTH)
    told = await rig.call("synerise_log_in_user")
    assert told["second factor"] == "TOTP_AUTHENTICATOR"
    await rig.call(READ)
    await rig.call("synerise_verify_user_mfa", {"verificationCode": CODE})
    await rig.call(READ)
    assert synerise.seen == [("key", 48), ("user", 48)]


async def test_a_user_who_waits_for_a_code_does_not_hide_the_keys_workspace(
    synerise: SyneriseEdge, opened: Opens
) -> None:
    synerise.methods = ["TOTP_AUTHENTICATOR"]
    rig = opened(BOTH)
    await rig.call(READ, workspace="Meadow")
    assert synerise.seen == [("key", 48)]
    with pytest.raises(SecondFactorRequired):
        await rig.call(READ, workspace="Outlet")
    await rig.login("synerise").confirm_factor(CODE)
    await rig.call(READ, workspace="Outlet")
    assert synerise.seen[-1] == ("user", 49)


async def test_a_user_is_told_when_the_keys_workspace_is_not_theirs(synerise: SyneriseEdge, opened: Opens) -> None:
    synerise.items = [{"id": 49, "guid": OUTLET, "name": "Outlet"}]
    rig = opened(BOTH)
    with pytest.raises(WorkspaceUnknown, match="does not reach Meadow"):
        await rig.call("synerise_delete_analyses", {"funnelIds": ["a"]})


async def test_refreshing_renews_the_keys_token_even_while_the_user_acts(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(BOTH)
    await rig.call("synerise_log_in_user")
    access = await rig.access("synerise_refresh_workspace_token")
    token = await access.login.token("workspace", access.workspace, "workspace_refresh")
    assert synerise.good[token.secrets[1]] == ("key", 48)


async def log_in_profile(rig: Rig) -> Any:
    return await rig.call("synerise_log_in_anonymous_profile", {"uuid": MAIN})


async def test_a_profiles_token_never_stands_for_the_workspaces(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(KEY_ENV | PROFILE_ENV)
    told = await log_in_profile(rig)
    assert told["logged in"] == "profile"
    await rig.call(READ)
    assert synerise.seen == [("key", 48)]
    login = rig.login("synerise")
    profile = await login.token("profile", None)
    assert synerise.good[profile.secrets[1]] == ("profile", None)


async def test_a_profiles_token_can_be_refreshed_until_its_last_second(
    synerise: SyneriseEdge, opened: Opens, clock: Clock
) -> None:
    rig = opened(PROFILE_ENV)
    with pytest.raises(CredentialsMissing, match="No profile is logged in"):
        await rig.call("synerise_refresh_profile_token")
    await log_in_profile(rig)
    clock.pass_by(3599)
    await rig.call("synerise_refresh_profile_token")
    clock.pass_by(3601)
    with pytest.raises(CredentialsMissing):
        await rig.call("synerise_refresh_profile_token")


async def test_profile_secrets_alone_do_not_reach_a_workspace(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(PROFILE_ENV)
    with pytest.raises(CredentialsMissing, match="SYNERISE_API_KEY"):
        await rig.call(READ)
    beside = opened(PROFILE_ENV | {"SYNERISE_API_KEY__PL": "sandbox-key-outlet"})
    await beside.call("synerise_create_directory", {"name": "x"})
    assert synerise.seen == [("key", 49)]


@pytest.mark.parametrize("event", ["user_login", "mfa", "select_workspace", "workspace_login", "profile_login"])
async def test_what_a_log_in_brought_is_told_without_its_token(opened: Opens, event: str) -> None:
    token = jwt(exp=1_900_000_000, bpi=48)
    answer = {
        "token": token,
        "consumer": {"name": "robin@example.org", "token": token},
        "mfaMethods": ["EMAIL"] if event == "user_login" else [],
        "refreshToken": token,
        "conditions": [{"id": 1, "accessToken": token}],
        "status": "SUCCESS",
    }
    rig = opened(BOTH | PROFILE_ENV)
    login = rig.login("synerise")
    told = login.learn(event, {"businessProfileUUID": OUTLET}, answer)
    assert told
    assert token not in json.dumps(told) + json.dumps(login.status()) + repr(told)


async def test_conditions_that_remain_are_told_and_are_no_log_in(opened: Opens) -> None:
    login = opened(PROFILE_ENV).login("synerise")
    told = login.learn("profile_login", {}, {"token": None, "status": "CONDITIONS", "conditions": [{"id": 1}]})
    assert told["logged in"].startswith("not yet") and told["conditions"] == [{"id": 1}]


@pytest.mark.parametrize("answer", [None, [], "text", 7, {}, {"token": 5}, {"token": "a\nb"}, {"token": "ключ"}])
async def test_an_answer_without_a_token_is_no_log_in(opened: Opens, answer: Any) -> None:
    login = opened(BOTH).login("synerise")
    for event in ("user_login", "mfa", "workspace_login", "profile_login", "workspace_refresh"):
        with pytest.raises(CredentialsRejected):
            login.learn(event, {}, answer)
    assert "token until" not in str(login.status())
