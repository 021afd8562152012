"""Log-ins meet weather too: what passes is asked again, a refusal never, and a code goes out once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
import respx

from audience_mcp.errors import (
    AudienceError,
    CredentialsRejected,
    ProviderUnavailable,
    RateLimited,
    SecondFactorRequired,
    Timeout,
    WorkspaceUnknown,
)
from audience_mcp.session.workspaces import FRESH_SECONDS

from .conftest import Opens
from .reach import KEY, projects
from .rig import Clock, Rig, jwt
from .synerise_edge import HOST, KEY_ENV, USER_ENV

pytestmark = pytest.mark.anyio
LOG_IN = f"{HOST}/uauth/v2/auth/login/profile"
USER_LOG_IN = f"{HOST}/uauth/auth/login/user"
VERIFY = f"{HOST}/uauth/auth/login/user/mfa/verification"
READ, WRITE = "synerise_list_funnels", "synerise_create_funnel"
HALF = httpx.Response(200, content=b'{"token": "ey', headers={"content-type": "application/json"})
PASSING: list[Any] = [
    httpx.ConnectError("no route"),
    httpx.ReadTimeout("slow"),
    httpx.ReadError("broke"),
    httpx.Response(500),
    httpx.Response(503),
    httpx.Response(429, headers={"retry-after": "7"}),
    HALF,
]
named = pytest.mark.parametrize("mishap", PASSING, ids=lambda mishap: str(getattr(mishap, "status_code", mishap)))


@pytest.fixture
def rig(opened: Opens) -> Rig:
    return opened(KEY_ENV)


@pytest.fixture
def funnels(edge: respx.MockRouter) -> respx.Route:
    edge.post(f"{HOST}/uauth/api-key/permission-check").respond(json={"businessProfileName": "Meadow"})
    return edge.route(url__regex=f"{HOST}/analytics/.*funnels").respond(json={"data": []})


def answers(clock: Clock, *first: Any) -> Callable[[httpx.Request], httpx.Response]:
    """These, one after the other, and then a token each time."""
    left = list(first)

    def answer(request: httpx.Request) -> httpx.Response:
        if not left:
            return httpx.Response(200, json={"token": jwt(bpi=48, exp=clock() + 3600)})
        mishap = left.pop(0)
        if isinstance(mishap, Exception):
            raise mishap
        assert isinstance(mishap, httpx.Response)
        return httpx.Response(mishap.status_code, headers=mishap.headers, content=mishap.content)

    return answer


@named
@pytest.mark.parametrize("tool", [READ, WRITE])
async def test_a_log_in_survives_what_passes(
    rig: Rig, edge: respx.MockRouter, clock: Clock, funnels: respx.Route, mishap: Any, tool: str
) -> None:
    log_in = edge.post(LOG_IN).mock(side_effect=answers(clock, mishap, mishap))
    before = clock()
    await rig.call(tool, {"analysis": {}} if tool == WRITE else {})
    assert (log_in.call_count, funnels.call_count) == (3, 1)
    asked_to_wait = 14 if getattr(mishap, "status_code", 0) == 429 else 0.5
    assert clock() - before >= asked_to_wait


@named
async def test_a_log_in_goes_out_three_times_at_most_whatever_waits_for_it(
    rig: Rig, edge: respx.MockRouter, clock: Clock, mishap: Any
) -> None:
    log_in = edge.post(LOG_IN).mock(side_effect=answers(clock, *[mishap] * 99))
    failed: list[AudienceError] = []

    async def one() -> None:
        try:
            await rig.call(READ)
        except AudienceError as error:
            failed.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(one)
    assert len(failed) == 20 and all(isinstance(e, ProviderUnavailable | Timeout | RateLimited) for e in failed)
    assert log_in.call_count == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 423])
@pytest.mark.parametrize("environment", [KEY_ENV, USER_ENV], ids=["a key", "a user"])
async def test_a_log_in_that_is_refused_is_never_repeated(
    opened: Opens, edge: respx.MockRouter, environment: dict[str, str], status: int
) -> None:
    log_in = edge.post(url__regex="/auth/login/(profile|user)$").respond(status)
    with pytest.raises(AudienceError) as caught:
        await opened(environment).call(READ)
    assert caught.value.status == status and log_in.call_count == 1
    assert isinstance(caught.value, CredentialsRejected) or status != 401


@pytest.mark.parametrize("mishap", [*PASSING[:-1], httpx.Response(401)], ids=str)
@pytest.mark.parametrize("by_tool", [True, False], ids=["by the tool", "on the way of a call"])
async def test_a_second_factor_s_code_goes_out_once(
    opened: Opens, edge: respx.MockRouter, clock: Clock, mishap: Any, by_tool: bool
) -> None:
    waiting = {"token": jwt(exp=clock() + 3600), "mfaMethods": ["EMAIL"]}
    edge.post(USER_LOG_IN).respond(json=waiting)
    verify = edge.post(url__startswith=VERIFY).mock(side_effect=answers(clock, *[mishap] * 9))
    rig = opened(USER_ENV)
    with pytest.raises(SecondFactorRequired):
        await rig.call(READ)
    with pytest.raises(AudienceError):
        if by_tool:
            await rig.call("synerise_verify_user_mfa", {"verificationCode": "246810"})
        else:
            await rig.login("synerise").confirm_factor("246810")
    assert verify.call_count == 1


async def test_a_page_where_the_token_should_be_is_a_wrong_address_and_not_the_weather(
    rig: Rig, edge: respx.MockRouter
) -> None:
    log_in = edge.post(LOG_IN).respond(200, html="<!doctype html><title>Welcome</title>")
    with pytest.raises(ProviderUnavailable, match="text/html instead of JSON"):
        await rig.call(READ)
    assert log_in.call_count == 1


async def test_a_renewal_in_mid_flight_survives_what_passes(
    rig: Rig, edge: respx.MockRouter, clock: Clock, funnels: respx.Route
) -> None:
    log_in = edge.post(LOG_IN).mock(side_effect=answers(clock))
    await rig.call(READ)
    funnels.mock(side_effect=[httpx.Response(401), httpx.Response(200, json={"data": []})])
    log_in.mock(side_effect=answers(clock, httpx.Response(502), httpx.ConnectError("no route")))
    await rig.call(WRITE, {"analysis": {}})
    assert (log_in.call_count, funnels.call_count) == (4, 3)


async def test_a_host_that_is_down_gets_no_log_ins(rig: Rig, edge: respx.MockRouter, clock: Clock) -> None:
    log_in = edge.post(LOG_IN).mock(side_effect=httpx.ConnectError("no route"))
    for _ in range(4):
        with pytest.raises(ProviderUnavailable):
            await rig.call(READ)
    assert log_in.call_count == 6
    clock.pass_by(20)
    log_in.mock(side_effect=answers(clock))
    edge.get(url__regex="funnels").respond(json={"data": []})
    await rig.call(READ)


async def test_a_workspace_whose_name_could_not_be_asked_for_a_moment_is_found_by_it_the_next(
    opened: Opens, edge: respx.MockRouter, clock: Clock, funnels: respx.Route
) -> None:
    edge.post(LOG_IN).mock(side_effect=answers(clock))
    name = edge.post(f"{HOST}/uauth/api-key/permission-check").respond(502)
    rig = opened(KEY_ENV)
    with pytest.raises(WorkspaceUnknown, match=r"Not all could be asked: .*502"):
        await rig.call(READ, workspace="Meadow")
    name.respond(json={"businessProfileName": "Meadow"})
    await rig.call(READ, workspace="Meadow")
    assert funnels.call_count == 1


async def test_a_workspace_that_was_reached_stays_so_in_a_bad_moment(
    opened: Opens, edge: respx.MockRouter, clock: Clock
) -> None:
    projects(edge, p1="Meadow")
    projects(edge, "https://eu.posthog.com", p2="Outlet")
    rig = opened(KEY | {"POSTHOG_API_KEY__EU": "phx_sandboxEu", "POSTHOG_REGION__EU": "eu"})
    assert (await rig.access("posthog_list_cohorts", "Outlet")).workspace_id == "2"
    clock.pass_by(FRESH_SECONDS)
    edge.get("https://eu.posthog.com/api/users/@me/").respond(503)
    assert (await rig.access("posthog_list_cohorts", "Outlet")).workspace_id == "2"
    with pytest.raises(WorkspaceUnknown, match="Not all could be asked") as told:
        await rig.access("posthog_list_cohorts", "Outlets")  # it may be in the region that does not answer
    assert "Did you mean" not in told.value.message
    clock.pass_by(FRESH_SECONDS)
    projects(edge, "https://eu.posthog.com", p3="Another")
    with pytest.raises(WorkspaceUnknown, match="No project 'Outlet' is reached"):
        await rig.access("posthog_list_cohorts", "Outlet")
