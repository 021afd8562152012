"""Each way a provider can fail a call: its kind, what is told of it, and that the next call is right again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
import respx

from audience_mcp.rest.repeating import MOST_ATTEMPTS

from .conftest import Opens
from .desk import HOSTS, ORGANIZATION, SECRETS, TOKEN, USER, WORKSPACES, Desk, error, good, jwt
from .sample import UUID, least

pytestmark = pytest.mark.anyio
READS = {
    "synerise_get_funnel": f"/analytics/profiles/funnels/{UUID}",
    "posthog_get_cohort": "/api/projects/7/cohorts/1/",
    "faraday_get_persona_set": f"/v1/persona_sets/{UUID}",
    "giosg_get_workflow_info": f"/api/reporting/workflow/v1/orgs/{ORGANIZATION}/workflows/{UUID}/info/",
}
WRITES = {  # Faraday and giosg have none
    "synerise_delete_funnel": READS["synerise_get_funnel"],
    "posthog_create_cohort": "/api/projects/7/cohorts/",
}
CALLS = READS | WRITES
PLACES = {
    "synerise": ("48", "azure-eu"),
    "posthog": ("7", "us"),
    "faraday": ("credential's own", "faraday"),  # one region only
    "giosg": (ORGANIZATION, "giosg"),
}
REFERENCE = "6d5c2b1a-0000-4000-8000-00000000beef"
BODIES: dict[str, dict[str, Any]] = {
    "synerise": {"status": 0, "error": "Refused", "message": "told in prose", "errorCode": "A-1", "path": "/x"},
    "posthog": {"type": "invalid_request", "code": "odd_code", "detail": "told in prose", "attr": "name"},
    "faraday": {"error": "BAD_REQUEST", "id": REFERENCE, "note": "told in prose"},
    "giosg": {"code": "odd_code", "detail": "told in prose", "errorId": REFERENCE},
}
TOLD = {
    "synerise": ("Refused", "told in prose"),
    "posthog": ("odd_code", "told in prose", "name"),
    "faraday": ("BAD_REQUEST", REFERENCE, "told in prose"),
    "giosg": ("odd_code", REFERENCE, "told in prose"),
}
KINDS = {
    400: "invalid_arguments",
    401: "credentials_rejected",
    402: "permission_denied",
    403: "permission_denied",
    404: "not_found",
    405: "not_offered_by_provider",
    406: "invalid_arguments",
    409: "conflict",
    422: "invalid_arguments",
    429: "rate_limited",
    500: "provider_unavailable",
    503: "provider_unavailable",
}
JSON = {"Content-Type": "application/json"}


async def breaking() -> AsyncIterator[bytes]:
    yield b'{"id": '
    raise httpx.ReadError("broken")


def broken_answer(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers=JSON, content=breaking())


# What happens -> the kind for a read, the kind for a write.
MISHAPS: dict[str, tuple[Any, str, str]] = {
    "a timeout": (httpx.ReadTimeout("late"), "timeout", "outcome_unknown"),
    "a lost connection": (httpx.RemoteProtocolError("gone"), "provider_unavailable", "outcome_unknown"),
    "a connection that breaks mid-answer": (broken_answer, "provider_unavailable", "outcome_unknown"),
    "no connection": (httpx.ConnectError("no route"), "provider_unavailable", "provider_unavailable"),
    "a web page": (httpx.Response(200, html="<html><title>Log in"), "provider_unavailable", "outcome_unknown"),
    "a page called JSON": (httpx.Response(200, text="\n<!doctype html>"), "provider_unavailable", "outcome_unknown"),
    "half an answer": (
        httpx.Response(200, headers=JSON, content=b'{"id": 3, "na'),
        "provider_unavailable",
        "outcome_unknown",
    ),
    "a redirect": (
        httpx.Response(302, headers={"Location": "https://elsewhere.test/"}),
        "provider_unavailable",
        "provider_unavailable",
    ),
}
LOST = ("a timeout", "a lost connection", "a connection that breaks mid-answer", "half an answer")


@pytest.fixture
async def desk(opens: Opens) -> Desk:
    return opens(SECRETS | WORKSPACES | {"AUDIENCE_MCP_CONFIRM": "never"})


def refusal(tool: str, status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=BODIES[tool.split("_")[0]], headers=headers)


def answering(desk: Desk, tool: str, what: Any) -> respx.Route:
    """The tool's own address, which says `what`; an object that is to be deleted can be read there first."""
    url = HOSTS[tool.split("_")[0]] + CALLS[tool]
    if "delete" in tool:
        desk.edge.get(url).respond(json={"id": UUID, "name": "Meadow"})
    route = desk.edge.route(url=url, method__in=["DELETE", "POST"] if tool in WRITES else ["GET"])
    return route.mock(return_value=what) if isinstance(what, httpx.Response) else route.mock(side_effect=what)


async def check_recovery(desk: Desk, tool: str) -> None:
    answering(desk, tool, httpx.Response(200, json={"id": 1, "name": "Meadow"}))
    good(await desk.run(tool, **least(tool)))


def check_place(found: dict[str, Any], text: str, tool: str) -> None:
    provider = tool.split("_")[0]
    workspace, region = PLACES[provider]
    assert found["provider"] == provider
    assert workspace in found["workspace"] and found["workspace"] in text and region in text
    assert found["remedy"].strip()
    assert "5ecret" not in text and TOKEN not in text


@pytest.mark.parametrize("status", KINDS)
@pytest.mark.parametrize("tool", CALLS)
async def test_a_status_has_its_kind_and_the_next_call_is_right(desk: Desk, tool: str, status: int) -> None:
    route = answering(desk, tool, refusal(tool, status))
    told = await desk.run(tool, **least(tool))
    found = error(told)
    unknown = tool in WRITES and status >= 500
    assert (found["kind"], found["status"]) == ("outcome_unknown" if unknown else KINDS[status], status)
    for part in (f"HTTP {status}", *TOLD[tool.split("_")[0]]):
        assert part in found["message"]
    check_place(found, told.text, tool)
    renewed = status == 401 and tool.startswith("synerise")
    again = status == 429 or (status >= 500 and tool not in WRITES)
    assert route.call_count == (2 if renewed else MOST_ATTEMPTS if again else 1)
    await check_recovery(desk, tool)


@pytest.mark.parametrize("mishap", MISHAPS)
@pytest.mark.parametrize("tool", CALLS)
async def test_what_is_no_answer_has_its_kind_and_the_next_call_is_right(desk: Desk, tool: str, mishap: str) -> None:
    what, read_kind, write_kind = MISHAPS[mishap]
    route = answering(desk, tool, what)
    told = await desk.run(tool, **least(tool))
    found = error(told)
    assert found["kind"] == (write_kind if tool in WRITES else read_kind)
    check_place(found, told.text, tool)
    again = mishap == "no connection" or (mishap in LOST and tool not in WRITES)
    assert route.call_count == (MOST_ATTEMPTS if again else 1)  # a write that may have happened is never repeated
    await check_recovery(desk, tool)


@pytest.mark.parametrize("tool", CALLS)
async def test_an_empty_answer_is_told_as_one(desk: Desk, tool: str) -> None:
    answering(desk, tool, httpx.Response(200))
    told = good(await desk.run(tool, **least(tool)))
    assert "without content" in told.text and told.structured["provenance"]["bytes"] == 0


@pytest.mark.parametrize("tool", CALLS)
async def test_a_rate_limit_tells_the_wait_in_seconds_and_until_a_date(desk: Desk, tool: str) -> None:
    for wait in ("30", format_datetime(datetime.now(UTC) + timedelta(seconds=31), usegmt=True)):
        answering(desk, tool, refusal(tool, 429, **{"Retry-After": wait}))
        found = await desk.refused(tool, **least(tool))
        assert found["kind"] == "rate_limited" and 20 < found["retry_after_s"] <= 31
        assert "Wait" in found["remedy"]


@pytest.mark.parametrize("tool", [tool for tool in CALLS if tool.startswith("synerise")])
async def test_an_old_token_is_renewed_once_and_the_call_repeated_once(desk: Desk, tool: str) -> None:
    tokens = [jwt(bpi=48, number=number) for number in range(3)]
    log_in = desk.edge["log_in"].mock(side_effect=[httpx.Response(200, json={"token": token}) for token in tokens])
    refused, taken = httpx.Response(401, json={"message": "expired"}), httpx.Response(200, json={"id": 1})
    route = answering(desk, tool, [refused, taken, refused, refused])
    good(await desk.run(tool, **least(tool)))
    assert (route.call_count, log_in.call_count) == (2, 2)
    assert (await desk.refused(tool, **least(tool)))["kind"] == "credentials_rejected"
    assert (route.call_count, log_in.call_count) == (4, 3)
    used = [call.request.headers["authorization"].removeprefix("Bearer ") for call in route.calls]
    assert used == [tokens[0], tokens[1], tokens[1], tokens[2]]


async def test_a_key_that_log_in_refuses_is_told_with_its_variable(desk: Desk) -> None:
    desk.edge["log_in"].respond(401, json={"message": "wrong key"})
    found = await desk.refused("synerise_get_funnel", **least("synerise_get_funnel"))
    assert found["kind"] == "credentials_rejected" and "SYNERISE_API_KEY" in found["remedy"]
    assert desk.sent() == []


async def test_a_wrong_code_is_sent_once_only(opens: Opens, edge: respx.MockRouter) -> None:
    desk = opens(USER)
    waiting = {"token": jwt(exp=1_800_003_600), "mfaMethods": ["EMAIL"]}
    log_in = edge.post(f"{HOSTS['synerise']}/uauth/auth/login/user").respond(json=waiting)
    confirm = edge.post(url__regex=r"/mfa/verification\?").respond(401, json={"message": "wrong code"})
    found = await desk.refused("synerise_verify_user_mfa", verificationCode="000000")
    assert found["kind"] == "credentials_rejected" and found["status"] == 401
    assert (log_in.call_count, confirm.call_count) == (1, 1)  # a second try might lock the account
    assert confirm.calls.last.request.url.params["mfaType"] == "EMAIL"


async def test_a_refused_profile_is_told_as_refused_and_not_as_missing(desk: Desk) -> None:
    profile = {"token": jwt(exp=1_800_003_600)}
    desk.edge.post(url__regex=r"/login/client/anonymous$").respond(json=profile)
    good(await desk.run("synerise_log_in_anonymous_profile", uuid=UUID))
    desk.edge.post(url__regex=r"/refresh/client$").respond(401, json={"message": "ended"})
    found = await desk.refused("synerise_refresh_profile_token")
    assert found["kind"] == "credentials_rejected" and "synerise_log_in_profile" in found["remedy"]


async def test_arguments_that_are_wrong_are_told_with_their_provider(desk: Desk) -> None:
    found = await desk.refused("posthog_get_cohort", id="seven")
    assert (found["kind"], found["provider"], found["status"]) == ("invalid_arguments", "posthog", None)
    assert desk.sent() == []
