"""A Synerise workspace key: one token for all calls, renewed in time, or Basic."""

from __future__ import annotations

import base64

import anyio
import pytest

from audience_mcp.errors import CredentialsMissing, CredentialsRejected

from .conftest import Opens
from .rig import Clock
from .synerise_edge import KEY_ENV, MAIN, SyneriseEdge

pytestmark = pytest.mark.anyio
READ = "synerise_list_funnels"
BASIC_ENV = KEY_ENV | {"SYNERISE_AUTH": "basic", "SYNERISE_WORKSPACE_GUID": MAIN}


async def test_many_calls_at_once_share_one_token(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(KEY_ENV)
    async with anyio.create_task_group() as calls:
        for _ in range(30):
            calls.start_soon(rig.call, READ)
    assert synerise.asked == {"log_in_workspace": 1}
    assert synerise.seen == [("key", 48)] * 30


async def test_a_wrong_key_is_tried_once_for_all_calls_that_wait_for_it(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened({"SYNERISE_API_KEY": "sandbox-key-unknown"})
    failures: list[CredentialsRejected] = []

    async def call() -> None:
        with pytest.raises(CredentialsRejected) as caught:
            await rig.call(READ)
        failures.append(caught.value)

    async with anyio.create_task_group() as calls:
        for _ in range(10):
            calls.start_soon(call)
    assert synerise.asked["log_in_workspace"] == 1
    assert len(failures) == len(set(map(id, failures))) == 10  # each call may add its own workspace to its own error
    assert "sandbox-key-unknown" not in "".join(error.text() for error in failures)
    await call()
    assert synerise.asked["log_in_workspace"] == 2  # a later call tries anew


async def test_a_token_is_renewed_a_minute_before_it_ends(synerise: SyneriseEdge, opened: Opens, clock: Clock) -> None:
    rig = opened(KEY_ENV)
    await rig.call(READ)
    clock.pass_by(3600 - 61)
    await rig.call(READ)
    assert synerise.asked["log_in_workspace"] == 1
    clock.pass_by(1)
    await rig.call(READ)
    assert synerise.asked["log_in_workspace"] == 2


async def test_a_token_without_an_end_is_kept_until_it_is_refused(
    synerise: SyneriseEdge, opened: Opens, clock: Clock
) -> None:
    synerise.lifetime = None
    rig = opened(KEY_ENV)
    await rig.call(READ)
    clock.pass_by(1_000_000)
    await rig.call(READ)
    assert synerise.asked["log_in_workspace"] == 1


async def test_a_refused_token_is_minted_anew_once_for_all_that_held_it(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(KEY_ENV)
    await rig.call(READ)
    synerise.forget_tokens()
    async with anyio.create_task_group() as calls:
        for _ in range(10):
            calls.start_soon(rig.call, READ)
    assert synerise.asked["log_in_workspace"] == 2
    assert len(synerise.seen) == 11


async def test_a_cancelled_log_in_does_not_hold_up_the_next(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(KEY_ENV)
    async with anyio.create_task_group() as calls:
        calls.start_soon(rig.call, READ)
        await anyio.lowlevel.checkpoint()
        calls.cancel_scope.cancel()
    await rig.call(READ)
    assert synerise.seen == [("key", 48)]


async def test_basic_authorization_sends_guid_and_key_and_mints_nothing(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(BASIC_ENV)
    await rig.call(READ)
    assert synerise.seen == [("basic", 48)]
    assert synerise.asked["log_in_workspace"] == 0
    access = await rig.access(READ)
    token = await access.login.token("workspace", access.workspace)
    sent = token.headers["Authorization"].get_secret_value()
    assert base64.b64decode(sent.removeprefix("Basic ")) == f"{MAIN}:sandbox-key-main".encode()
    assert access.workspace_id == MAIN


@pytest.mark.parametrize("label", ["", "PL"])
async def test_basic_authorization_without_a_guid_names_the_variable(
    synerise: SyneriseEdge, opened: Opens, label: str
) -> None:
    suffix = f"__{label}" if label else ""
    rig = opened({f"SYNERISE_API_KEY{suffix}": "sandbox-key-main", f"SYNERISE_AUTH{suffix}": "basic"})
    with pytest.raises(CredentialsMissing) as caught:
        await rig.call(READ)
    assert f"SYNERISE_WORKSPACE_GUID{suffix}," in caught.value.remedy
    assert caught.value.provider == "synerise"


async def test_several_keys_are_several_workspaces(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(KEY_ENV | {"SYNERISE_API_KEY__OUTLET": "sandbox-key-outlet"})
    assert await rig.titles("synerise") == ["Meadow (48)", "Outlet (49)"]
    await rig.call(READ, workspace="outlet")
    await rig.call(READ, workspace="48")
    assert synerise.seen == [("key", 49), ("key", 48)]


async def test_a_key_that_may_not_ask_for_its_name_works_without_one(synerise: SyneriseEdge, opened: Opens) -> None:
    synerise.names_allowed = False
    rig = opened(KEY_ENV)
    assert await rig.titles("synerise") == ["48"]
    await rig.call(READ)
    assert synerise.seen == [("key", 48)]


async def test_the_names_of_a_key_are_asked_once(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(KEY_ENV)
    for _ in range(3):
        access = await rig.access(READ)
        await rig.call(READ)
        named = await rig.session.named(access)
        assert named is not None and named.title == "Meadow (48)"
    assert synerise.asked["check"] == 1


async def test_logging_in_and_refreshing_by_tool_replace_the_keys_token(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(KEY_ENV)
    told = await rig.call("synerise_log_in_workspace")
    assert told["workspace id"] == "48"
    await rig.call(READ)
    assert synerise.asked == {"log_in_workspace": 1}


async def test_basic_without_a_guid_has_no_workspace_that_could_be_a_wrong_one(
    synerise: SyneriseEdge, opened: Opens
) -> None:
    login = opened({"SYNERISE_API_KEY": "sandbox-key-main", "SYNERISE_AUTH": "basic"}).login("synerise")
    assert await login.stray() is None and await opened(KEY_ENV).login("synerise").stray() is None
    assert await opened(BASIC_ENV).login("synerise").stray() is None
    assert synerise.seen == []
