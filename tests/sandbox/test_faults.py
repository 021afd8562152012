"""Faults on demand: seeded, in the provider's own shape, and written down with whether the request was carried out."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import anyio.lowlevel
import httpx
import pytest

from audience_mcp.sandbox import Sandbox, serving
from audience_mcp.sandbox.faults import ConnectionDropped, FaultsMisspelt, read_faults

from .checked import client
from .conftest import small
from .synerise_desk import bearer

pytestmark = pytest.mark.anyio
METRICS = "/analytics/profiles/metrics"
HEADERS = {
    "synerise": lambda sandbox: bearer(token_of(sandbox)),
    "posthog": lambda sandbox: {"Authorization": f"Bearer {sandbox.environment('http://x')['POSTHOG_API_KEY']}"},
    "faraday": lambda sandbox: {"Authorization": f"Bearer {sandbox.environment('http://x')['FARADAY_API_KEY']}"},
    "giosg": lambda sandbox: {"Authorization": f"Token {sandbox.environment('http://x')['GIOSG_API_TOKEN']}"},
}
PATHS = {"synerise": METRICS, "posthog": "/api/users/@me/", "faraday": "/v1/accounts", "giosg": "/api/v5/users/me"}
SHAPES = {
    "synerise": {"timestamp", "status", "error", "message", "path"},
    "posthog": {"type", "code", "detail", "attr"},
    "faraday": {"error", "id", "note"},
    "giosg": {"detail"},
}


def token_of(sandbox: Sandbox) -> str:
    """A token of the main workspace, made without a request that a fault could strike."""
    from audience_mcp.sandbox.synerise.service import Service

    workspace = sandbox.state.world.workspaces[0]
    return Service(sandbox.state).token("business_profile", workspace, apk="sandbox")


async def asked(sandbox: Sandbox, provider: str = "synerise") -> httpx.Response:
    async with client(sandbox, provider) as http:
        return await http.get(PATHS[provider], headers=HEADERS[provider](sandbox))


@pytest.mark.parametrize("provider", sorted(PATHS))
@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_refusal_on_demand_has_the_shape_of_its_provider(provider: str, status: int) -> None:
    sandbox = small(faults=f"{status}:1")
    response = await asked(sandbox, provider)
    assert response.status_code == status
    assert response.json().keys() == SHAPES[provider]
    assert response.headers.get("retry-after") == ("1" if status == 429 else None)
    (entry,) = sandbox.journal
    assert (entry.status, entry.fault, entry.reached) == (status, str(status), False)


async def test_the_wait_of_a_429_can_be_said() -> None:
    assert (await asked(small(faults="429:1:7s"))).headers["retry-after"] == "7"


async def test_a_token_expires_on_demand_only_where_tokens_expire() -> None:
    sandbox = small(faults="expire:1")
    response = await asked(sandbox)
    assert (response.status_code, response.json()["message"]) == (401, "Token has expired")
    assert (await asked(sandbox, "posthog")).status_code == 200
    key = sandbox.environment("http://x")["SYNERISE_API_KEY"]
    async with client(sandbox, "synerise") as http:
        assert (await http.post("/uauth/v2/auth/login/profile", json={"apiKey": key})).status_code == 200
    assert [entry.fault for entry in sandbox.journal] == ["expire", None, None]


async def test_a_malformed_body_keeps_its_status_and_is_no_json() -> None:
    sandbox = small(faults="garbage:1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), base_url="http://sandbox") as http:
        for _ in range(8):
            response = await http.get(f"/synerise{METRICS}", headers=HEADERS["synerise"](sandbox))
            assert response.status_code == 200
            with pytest.raises(json.JSONDecodeError):
                response.json()


async def test_a_dropped_write_was_carried_out_or_not_as_the_journal_says() -> None:
    sandbox = small(faults="drop:1")
    analysis = {"title": "Dropped", "event": {"name": "page.visit"}}
    headers = HEADERS["synerise"](sandbox)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), base_url="http://sandbox") as http:
        for _ in range(20):
            with pytest.raises(ConnectionDropped):
                await http.post(f"/synerise{METRICS}", json={"analysis": analysis}, headers=headers)
    reached = Counter(entry.reached for entry in sandbox.journal)
    assert reached[True] > 0 < reached[False]
    sandbox.calm()
    async with client(sandbox, "synerise") as http:
        page = (await http.get(METRICS, params={"search": "Dropped"}, headers=headers)).json()
    assert page["meta"]["totalCount"] == reached[True]


async def test_a_client_over_http_sees_the_connection_break(caplog: pytest.LogCaptureFixture) -> None:
    sandbox = small(faults="drop:1")
    async with serving(sandbox) as base, httpx.AsyncClient(base_url=base, trust_env=False) as http:
        for _ in range(4):
            with pytest.raises(httpx.RemoteProtocolError):
                await http.get(f"/synerise{METRICS}", headers=HEADERS["synerise"](sandbox))
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]


async def test_a_slow_answer_comes_late_and_whole() -> None:
    sandbox = small(faults="slow:1:30s", speed=3000)  # a tenth of a second at that speed
    response = await asked(sandbox)
    assert response.status_code == 200
    assert sandbox.journal[-1].fault == "slow"


async def test_the_same_seed_strikes_the_same_requests_at_about_the_given_rates() -> None:
    async def struck(seed: int) -> list[str | None]:
        sandbox = small(seed=seed, faults="429:0.2,500:0.1")
        async with client(sandbox, "faraday") as http:
            for _ in range(300):
                await http.get("/v1/accounts", headers=HEADERS["faraday"](sandbox))
        return [entry.fault for entry in sandbox.journal]

    first = await struck(7)
    assert first == await struck(7) != await struck(8)
    assert 35 < first.count("429") < 85
    assert 15 < first.count("500") < 50


@pytest.mark.parametrize("text", ["429", "teapot:0.1", "200:0.1", "drop:2", "429:0.6,500:0.6", "slow:0.1:soon"])
def test_a_misspelt_specification_is_refused(text: str) -> None:
    with pytest.raises(FaultsMisspelt):
        read_faults(text)


def test_the_specification_of_the_help_text_can_be_read() -> None:
    faults = read_faults("429:0.05,500:0.02,slow:0.1:2s,drop:0.02,expire:0.01,garbage:0.01")
    assert [(fault.kind, fault.rate) for fault in faults] == [
        ("429", 0.05), ("500", 0.02), ("slow", 0.1), ("drop", 0.02), ("expire", 0.01), ("garbage", 0.01),
    ]  # fmt: skip
    assert faults[2].seconds == 2


async def test_the_program_survives_what_the_sandbox_does_to_it() -> None:
    """Every fault comes back as an error of the contract or an answer, never as a crash."""
    from audience_mcp.app import build_app, read_settings
    from audience_mcp.call.asker import NoAsker

    sandbox = small(faults="429:0.1:0.01s,500:0.1,slow:0.1:0.001s,drop:0.2,expire:0.1,garbage:0.1")

    async def at_once(seconds: float) -> None:
        await anyio.lowlevel.checkpoint()

    app = build_app(read_settings({"sandbox": True}, {}), sandbox=sandbox, sleep=at_once)
    kinds: Counter[Any] = Counter()
    try:
        for _ in range(60):
            told = await app.dispatcher.run("synerise_list_metrics", {}, NoAsker())
            kinds[(told.structured.get("error") or {}).get("kind")] += 1
    finally:
        await app.close()
    assert kinds[None] > 0
    assert "internal" not in kinds
    assert any(entry.fault == "drop" for entry in sandbox.journal)
