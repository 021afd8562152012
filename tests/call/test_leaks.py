"""No credential and no token can be found in anything a run leaves behind, however its calls end."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from audience_mcp.providers import PROVIDERS
from audience_mcp.server.dispatch import Told

from .conftest import Opens
from .desk import NOW, WORKSPACES, Desk, error, good, jwt
from .sample import UUID, least, operations

pytestmark = pytest.mark.anyio
NAMES = [variable.name for provider in PROVIDERS for variable in provider.variables if variable.secret]
VALUES = {name: f"sandbox-{number}-{name.lower()}-5ecret" for number, name in enumerate(NAMES)}
VALUES |= {"POSTHOG_API_KEY": "phx_sandbox5ecret", "SYNERISE_USERNAME": "robin-5ecret@example.org"}
TOKENS = [jwt(exp=NOW + 3600, bpi=48, sub=f"5ecret-{number}") for number in range(4)]
MORE = WORKSPACES | {"AUDIENCE_MCP_CONFIRM": "never", "AUDIENCE_MCP_UNCONFIRMED": "allow"}
HIDDEN = [*VALUES.values(), *TOKENS, *(token.split(".")[1] for token in TOKENS)]
EVERY = [o.name for o in operations()]
DOCUMENTS = ("audience_mcp.openapi", "audience_mcp.tools")  # the same for everybody, and large
WRITES = [o.name for o in operations() if o.writes]
OURS: dict[str, dict[str, Any]] = {
    "get_session": {},
    "list_workspaces": {},
    "select_workspace": {"workspace": "Meadow"},
    "read_result": {"handle": "r_aaaaaaaaaaaaaaaa"},
}


def parts(value: Any, depth: int = 0) -> Iterator[str]:
    """How an object and what it holds look when something prints them."""
    yield f"{value!r} {value}"
    where = type(value).__module__
    if depth < 6 and where.startswith("audience_mcp") and not where.startswith(DOCUMENTS):
        names = [*getattr(value, "__dict__", {}), *getattr(type(value), "__slots__", ())]
        for held in (getattr(value, name, None) for name in names):
            for inner in (
                held.values() if isinstance(held, dict) else held if isinstance(held, (list, tuple)) else [held]
            ):
                yield from parts(inner, depth + 1)


def check_hidden(desk: Desk, told: list[Told], logs: str) -> None:
    shown = [logs, *parts(desk.app)]
    for one in told:
        shown += [repr(one), one.text, json.dumps(one.structured)]
        if one.outcome is not None and one.outcome.handle is not None:
            stored = desk.app.store.get(one.outcome.handle)
            shown += [stored.body.decode(), repr(stored), repr(stored.answer())]
    text = "\n".join(shown)
    assert len(text) > 10_000
    for secret in HIDDEN:
        assert secret not in text


def log_ins(desk: Desk) -> None:
    sessions = iter(TOKENS * 200)

    def session(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"token": next(sessions), "mfaMethods": [], "status": "SUCCESS"})

    desk.edge.post(url__regex=r"/(login|auth/refresh|refresh/client)").mock(side_effect=session)
    desk.edge.get(url__regex=r"/auth/refresh/profile").mock(side_effect=session)


def echo(status: int, request: httpx.Request) -> httpx.Response:
    """An angry provider that repeats all it was sent."""
    sent = " ".join([*request.headers.values(), request.content.decode()])
    detail = [{"field": sent, "message": sent}]
    body = {"message": sent, "code": sent, "error": sent, "detail": sent, "id": sent, "errors": detail}
    return httpx.Response(status, json=body, headers={"X-Echo": sent, "Set-Cookie": sent})


@pytest.fixture
async def desk(opens: Opens, caplog: pytest.LogCaptureFixture) -> Desk:
    caplog.set_level(logging.DEBUG)
    return opens(VALUES | MORE)


def test_every_secret_of_every_provider_is_among_them() -> None:
    assert len(NAMES) == len(set(VALUES)) == 10 and all("5ecret" in value for value in VALUES.values())


async def test_calls_that_go_well_leave_no_secret(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.edge.pop("log_in")
    log_ins(desk)
    desk.edge.get(url__regex=r"/business-profile/$").respond(json=[{"guid": UUID, "id": 48, "name": "Meadow"}])
    desk.edge.route().respond(json={"data": [{"id": UUID}], "results": []})
    told = [await desk.run(tool, **least(tool)) for tool in EVERY]
    told += [good(await desk.run(tool, **least(tool), dry_run=True)) for tool in WRITES]
    told += [await desk.run(tool, **arguments) for tool, arguments in OURS.items()]
    assert sum(not one.is_error for one in told) > 120
    check_hidden(desk, told, caplog.text)


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_a_provider_that_repeats_what_it_was_sent_is_not_repeated(
    desk: Desk, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    desk.edge.pop("log_in")
    desk.edge.post(url__regex="/login/client/anonymous$").respond(json={"token": TOKENS[2]})
    anonymous = good(await desk.run("synerise_log_in_anonymous_profile", uuid=UUID))
    desk.edge.post(url__regex="/v2/auth/login/profile$").respond(json={"token": TOKENS[3]})
    desk.edge.route().mock(side_effect=lambda request: echo(status, request))
    told = [await desk.run(tool, **least(tool)) for tool in EVERY]
    told += [await desk.run(tool, **arguments) for tool, arguments in OURS.items()]
    assert any(error(one)["status"] == status for one in told if one.is_error)
    check_hidden(desk, [anonymous, *told], caplog.text)


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError, ValueError])
async def test_calls_that_break_leave_no_secret(
    desk: Desk, caplog: pytest.LogCaptureFixture, failure: type[Exception]
) -> None:
    desk.edge.clear()
    desk.edge.route().mock(side_effect=failure(" ".join(HIDDEN)))
    tried = EVERY[::20] if failure is ValueError else EVERY[::3]  # a failure of our own is logged at length
    told = [await desk.run(tool, **least(tool)) for tool in tried]
    assert all(one.is_error for one in told)
    check_hidden(desk, told, caplog.text)
