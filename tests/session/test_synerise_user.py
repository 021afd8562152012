"""A Synerise user: one log-in, a second factor where it is due, and one token for each workspace."""

from __future__ import annotations

import anyio
import pytest

from audience_mcp.call.asker import NoAsker
from audience_mcp.errors import Conflict, CredentialsMissing, CredentialsRejected, SecondFactorRequired

from .conftest import Opens
from .rig import Clock
from .synerise_edge import CODE, MAIN, OUTLET, USER_ENV, SyneriseEdge

pytestmark = pytest.mark.anyio
READ = "synerise_list_funnels"
VERIFY = "synerise_verify_user_mfa"


class Person(NoAsker):
    """Somebody at the client who answers every question with one code."""

    def __init__(self, code: str) -> None:
        self.code, self.questions = code, 0

    async def text(self, key: str, message: str, title: str) -> str | None:
        self.questions += 1
        return self.code

    async def yes(self, key: str, message: str) -> bool | None:
        return None


async def test_one_log_in_and_one_token_per_workspace_serve_all_calls(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(USER_ENV)
    async with anyio.create_task_group() as calls:
        for workspace in ("Meadow", "Outlet") * 10:
            calls.start_soon(rig.call, READ, None, workspace)
    assert synerise.asked == {"log_in_user": 1, "list": 1, "select": 2}
    assert sorted(set(synerise.seen)) == [("user", 48), ("user", 49)]


async def test_a_workspaces_token_is_renewed_in_time(synerise: SyneriseEdge, opened: Opens, clock: Clock) -> None:
    rig = opened(USER_ENV)
    await rig.call(READ, workspace="Outlet")
    clock.pass_by(3600 - 60)
    await rig.call(READ, workspace="Outlet")
    assert (synerise.asked["log_in_user"], synerise.asked["select"]) == (2, 2)


async def test_a_log_in_that_the_provider_ended_early_is_done_again(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(USER_ENV)
    await rig.call(READ, workspace="Outlet")
    synerise.forget_tokens()
    await rig.call(READ, workspace="Outlet")
    assert synerise.seen == [("user", 49)] * 2
    synerise.forget_tokens()
    assert len((await rig.session.reached("synerise", fresh=True)).workspaces) == 2


async def test_a_second_factor_stops_the_call_and_says_what_to_do(synerise: SyneriseEdge, opened: Opens) -> None:
    synerise.methods = ["EMAIL", "TOTP_AUTHENTICATOR"]
    rig = opened(USER_ENV)
    for _ in range(2):
        with pytest.raises(SecondFactorRequired) as caught:
            await rig.call(READ, workspace=OUTLET)
    assert "TOTP_AUTHENTICATOR, EMAIL" in caught.value.message
    assert "synerise_verify_user_mfa" in caught.value.remedy
    assert synerise.asked["log_in_user"] == 1  # the first log-in goes on waiting
    assert "TOTP_AUTHENTICATOR" in str(rig.login("synerise").status())


async def test_the_verify_tool_finishes_the_log_in_that_waits(synerise: SyneriseEdge, opened: Opens) -> None:
    synerise.methods = ["TOTP_AUTHENTICATOR"]
    rig = opened(USER_ENV)
    with pytest.raises(SecondFactorRequired):
        await rig.call(READ, workspace="Outlet")
    told = await rig.call(VERIFY, {"verificationCode": CODE})
    assert told["user"] == "robin@example.org"
    await rig.call(READ, workspace="Outlet")
    assert synerise.seen == [("user", 49)]
    assert synerise.asked["log_in_user"] == 1


async def test_the_verify_tool_begins_the_log_in_itself_when_none_waits(synerise: SyneriseEdge, opened: Opens) -> None:
    synerise.methods = ["TOTP_AUTHENTICATOR"]
    rig = opened(USER_ENV)
    await rig.call(VERIFY, {"verificationCode": CODE})
    await rig.call(READ, workspace="Outlet")
    assert synerise.asked["verify"] == synerise.asked["log_in_user"] == 1


async def test_a_code_that_is_not_due_is_told_as_such(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(USER_ENV)
    await rig.call(READ, workspace="Outlet")
    with pytest.raises(Conflict, match="No second factor is due"):
        await rig.call(VERIFY, {"verificationCode": CODE})


async def test_a_person_at_the_client_is_asked_once_for_the_code(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(USER_ENV)
    access = await rig.access(READ, "Outlet")
    synerise.methods = ["TOTP_AUTHENTICATOR"]
    synerise.forget_tokens()
    access.login.reject(await access.login.token("user", None))
    person = Person(CODE)
    await rig.sender.send(rig.operation(READ), {}, access, person)
    await rig.sender.send(rig.operation(READ), {}, access, person)
    assert person.questions == 1
    assert synerise.seen == [("user", 49)] * 2


async def test_a_wrong_code_leaves_the_log_in_waiting_for_the_right_one(synerise: SyneriseEdge, opened: Opens) -> None:
    synerise.methods = ["TOTP_AUTHENTICATOR"]
    rig = opened(USER_ENV)
    with pytest.raises(CredentialsRejected, match="wrong code"):
        await rig.call(VERIFY, {"verificationCode": "000000"})
    login = rig.login("synerise")
    with pytest.raises(CredentialsRejected, match="wrong code"):
        await login.confirm_factor("000001")
    await login.confirm_factor(CODE)
    await rig.call(READ, workspace="Outlet")
    assert synerise.asked["log_in_user"] == 1


@pytest.mark.parametrize("lifetime", [600.0, None])
async def test_a_log_in_that_waited_too_long_begins_anew(
    synerise: SyneriseEdge, opened: Opens, clock: Clock, lifetime: float | None
) -> None:
    synerise.methods, synerise.lifetime = ["TOTP_AUTHENTICATOR"], lifetime
    rig = opened(USER_ENV)
    with pytest.raises(SecondFactorRequired):
        await rig.call(READ, workspace="Outlet")
    clock.pass_by(700)
    synerise.forget_tokens()
    with pytest.raises((SecondFactorRequired, CredentialsRejected)):
        await rig.login("synerise").confirm_factor(CODE)
        await rig.call(READ, workspace="Outlet")
    with pytest.raises(SecondFactorRequired):
        await rig.call(READ, workspace="Outlet")
    await rig.login("synerise").confirm_factor(CODE)
    await rig.call(READ, workspace="Outlet")
    assert synerise.seen == [("user", 49)]


async def test_the_device_keeps_its_name_and_does_not_tell_the_user(synerise: SyneriseEdge, opened: Opens) -> None:
    synerise.methods = ["TOTP_AUTHENTICATOR"]
    for _ in range(2):
        rig = opened(USER_ENV)
        await rig.call(VERIFY, {"verificationCode": CODE})
    devices = {body["deviceId"] for body in synerise.bodies}
    assert len(devices) == 1 and len(synerise.bodies) == 4
    assert "robin" not in devices.pop()
    other = opened(USER_ENV | {"SYNERISE_USERNAME": "kim@example.org"})
    assert other.login("synerise").session_value("device_id") != synerise.bodies[0]["deviceId"]


async def test_an_external_log_in_is_sent_with_its_type(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(USER_ENV | {"SYNERISE_EXTERNAL_PROVIDER_TOKEN": "sandbox-google-token"})
    await rig.call(READ, workspace=MAIN)
    assert synerise.bodies[0]["externalProviderToken"] == "sandbox-google-token"
    assert synerise.bodies[0]["externalProviderType"] == "GOOGLE"


async def test_a_user_without_a_password_is_told_which_variable_is_missing(opened: Opens) -> None:
    rig = opened({"SYNERISE_USERNAME": "robin@example.org"})
    for tool in (READ, "synerise_list_workspaces", "synerise_log_in_user"):
        with pytest.raises(CredentialsMissing) as caught:
            await rig.call(tool)
        assert "SYNERISE_PASSWORD" in caught.value.remedy


async def test_selecting_makes_that_workspace_current_and_keeps_it_so(
    synerise: SyneriseEdge, opened: Opens, clock: Clock
) -> None:
    rig = opened(USER_ENV)
    told = await rig.call("synerise_select_workspace", {"businessProfileUUID": OUTLET})
    assert told["workspace"] == OUTLET
    await rig.call(READ)
    login = rig.login("synerise")
    for _ in range(2):
        token = await login.token("user", None)
        assert synerise.good[token.secrets[1]] == ("user", 49)
        clock.pass_by(3600)


async def test_a_selection_that_is_no_longer_open_does_not_lock_the_user_out(
    synerise: SyneriseEdge, opened: Opens, clock: Clock
) -> None:
    rig = opened(USER_ENV)
    await rig.call("synerise_select_workspace", {"businessProfileUUID": OUTLET})
    clock.pass_by(4000)
    del synerise.open[OUTLET]
    assert len(await rig.call("synerise_list_workspaces")) == 2
    await rig.call("synerise_select_workspace", {"businessProfileUUID": MAIN})
    await rig.call(READ)
    assert synerise.seen == [("user", 48)]


async def test_a_log_in_whose_wait_is_over_is_begun_anew_by_the_next_call(
    synerise: SyneriseEdge, opened: Opens, clock: Clock
) -> None:
    synerise.methods = ["TOTP_AUTHENTICATOR"]
    rig = opened(USER_ENV)
    for asked in (1, 2):
        with pytest.raises(SecondFactorRequired):
            await rig.call(READ, workspace="Outlet")
        assert synerise.asked["log_in_user"] == asked
        clock.pass_by(4000)
