"""No credential and no token can be read from anything a session shows, raises or logs."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import httpx
import pytest
import respx

from audience_mcp.errors import AudienceError
from audience_mcp.providers import PROVIDERS
from audience_mcp.rest.request import build

from .conftest import Opens
from .rig import Rig, jwt

pytestmark = pytest.mark.anyio
SECRETS = {
    "SYNERISE_API_KEY": "sandbox-key-5ecret",
    "SYNERISE_USERNAME": "robin@example.org",
    "SYNERISE_PASSWORD": "sandbox-password-5ecret",
    "SYNERISE_EXTERNAL_PROVIDER_TOKEN": "sandbox-external-5ecret",
    "SYNERISE_PROFILE_API_KEY": "sandbox-profile-5ecret",
    "SYNERISE_PROFILE_PASSWORD": "sandbox-profile-password-5ecret",
    "SYNERISE_IDENTITY_PROVIDER_TOKEN": "sandbox-identity-5ecret",
    "POSTHOG_API_KEY": "phx_sandbox5ecret",
    "FARADAY_API_KEY": "prod_fdysec_sandbox5ecret",
    "GIOSG_API_TOKEN": "sandbox-giosg-5ecret",
}
TOKEN = jwt(exp=1_900_000_000, bpi=48, secret="5ecret")
HIDDEN = [*(value for name, value in SECRETS.items() if name != "SYNERISE_USERNAME"), TOKEN, TOKEN.split(".")[1]]
READS = {
    "synerise": "synerise_list_funnels",
    "posthog": "posthog_list_cohorts",
    "faraday": "faraday_list_persona_sets",
    "giosg": "giosg_list_workflows",
}


def assert_hidden(*shown: Any) -> None:
    text = "\n".join(f"{thing!r} {thing}" for thing in shown)
    assert text
    for secret in HIDDEN:
        assert secret not in text


def echo(request: httpx.Request) -> httpx.Response:
    """An angry provider that repeats all it was sent, and a token of its own."""
    sent = " ".join([request.headers.get("authorization", ""), request.content.decode()])
    return httpx.Response(400, json={"message": sent, "code": sent, "error": sent, "detail": sent, "id": sent})


@pytest.fixture
async def rig(opened: Opens) -> Rig:
    return opened(SECRETS)


@pytest.fixture
def answering(edge: respx.MockRouter) -> respx.MockRouter:
    body = {"token": TOKEN, "consumer": {"name": "robin@example.org"}, "mfaMethods": ["EMAIL"]}
    edge.post(url__regex="login").respond(json=body)
    return edge


async def test_credentials_tokens_and_requests_hide_what_they_hold(answering: respx.MockRouter, rig: Rig) -> None:
    for provider, tool in READS.items():
        login = rig.login(provider)
        token = await login.token("workspace", None)
        request = build(
            rig.operation(tool),
            {},
            base_url="https://api.example",
            workspace="1",
            secrets=login.credential.secrets,
            headers=token.headers,
        )
        assert_hidden(login.credential, token, request, request.shown(), login.status(), login.own_workspace())
    assert_hidden(rig.session.status("synerise"))


async def test_the_bodies_of_log_ins_hide_what_they_send(rig: Rig) -> None:
    secrets = rig.login("synerise").credential.secrets
    for tool in ("synerise_log_in_user", "synerise_log_in_workspace", "synerise_log_in_profile"):
        request = build(rig.operation(tool), {}, base_url="https://api.example", secrets=secrets)
        assert_hidden(request, request.shown(), request.body)
        assert b"5ecret" in (request.content or b"")


@pytest.mark.parametrize("failure", [echo, httpx.ConnectError("refused"), httpx.ReadTimeout("late"), 401, 403, 503])
@pytest.mark.parametrize("provider", [provider.id for provider in PROVIDERS])
async def test_failures_and_their_tracebacks_hide_what_was_sent(
    edge: respx.MockRouter, rig: Rig, caplog: pytest.LogCaptureFixture, provider: str, failure: Any
) -> None:
    caplog.set_level(logging.DEBUG, "audience_mcp")
    if isinstance(failure, int):
        edge.route().respond(failure, json={"message": "no"})
    else:
        edge.route().mock(side_effect=failure)
    for attempt in (rig.call(READS[provider], None, "x"), rig.session.select("Nowhere", provider)):
        with pytest.raises(AudienceError) as caught:
            await attempt
        error = caught.value
        assert_hidden(error, error.text(), error.structured(), *traceback.format_exception(error), caplog.text)


async def test_a_token_that_the_provider_repeats_is_not_passed_on(edge: respx.MockRouter, rig: Rig) -> None:
    edge.post(url__regex="login").respond(json={"token": TOKEN, "mfaMethods": []})
    edge.route().mock(side_effect=echo)
    reached = await rig.session.reached("synerise")
    assert [problem.kind for problem in reached.problems] == ["invalid_arguments"]
    assert_hidden(*reached.problems, *(problem.text() for problem in reached.problems), reached)


async def test_a_refused_log_in_is_hidden_with_its_second_factor(answering: respx.MockRouter, rig: Rig) -> None:
    login = rig.login("synerise")
    with pytest.raises(AudienceError) as caught:
        await login.token("user", None)
    assert_hidden(caught.value, *traceback.format_exception(caught.value), login.status())
    answering.post(url__regex="login").mock(side_effect=echo)
    with pytest.raises(AudienceError) as caught:
        await login.confirm_factor("123456")
    assert_hidden(caught.value, *traceback.format_exception(caught.value))


@pytest.mark.parametrize("key", ["phx_sandbox\n5ecret", "phx sandbox5ecret", "phx_5ecret“"])
async def test_a_key_that_cannot_be_sent_is_told_by_its_variable_alone(opened: Opens, key: str) -> None:
    rig = opened({"POSTHOG_API_KEY__EU": key, "POSTHOG_PROJECT_ID__EU": "7"})
    with pytest.raises(AudienceError) as caught:
        await rig.call("posthog_list_cohorts")
    assert caught.value.kind == "credentials_missing"
    assert "POSTHOG_API_KEY__EU" in caught.value.text() and "5ecret" not in caught.value.text()
