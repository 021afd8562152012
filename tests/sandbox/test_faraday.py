"""The Faraday sandbox: keys, accounts, persona sets, and daily members computed from the world."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.faraday import routes
from audience_mcp.sandbox.faraday.accounts import EXPIRED, key_of

from .checked import client

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def account(sandbox: Sandbox, workspace: str = "main") -> AsyncIterator[httpx.AsyncClient]:
    key = key_of(sandbox.state.world.workspace(workspace))
    async with client(sandbox, "faraday", headers={"Authorization": f"Bearer {key}"}) as http:
        yield http


async def sets(http: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in (await http.get("/v1/persona_sets")).json()}


def test_every_documented_operation_is_served(shared: Sandbox) -> None:
    documented = {one.path for one in shared.state.contract("faraday").document.entries()}
    assert documented <= {one.path for one in routes(shared.state)}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "MISSING_API_KEY"),
        ("Basic abc", "INVALID_AUTHORIZATION"),
        ("Bearer phx_abc", "MALFORMED_API_KEY"),
        ("Bearer prod_fdysec_nobody", "INVALID_AUTHORIZATION"),
        (f"Bearer {EXPIRED}", "EXPIRED_API_KEY"),
    ],
)
async def test_what_is_wrong_with_a_key_is_told_by_its_code(shared: Sandbox, header: str | None, code: str) -> None:
    async with client(shared, "faraday", headers={"Authorization": header} if header else {}) as http:
        answer = await http.get("/v1/accounts/current")
    assert (answer.status_code, answer.json()["error"]) == (401, code)
    assert UUID(answer.json()["id"]) and answer.json()["note"]


async def test_an_account_reaches_itself_and_its_subaccounts_with_their_keys(shared: Sandbox) -> None:
    async with account(shared) as main, account(shared, "outlet") as outlet:
        mine = (await main.get("/v1/accounts")).json()
        theirs = (await outlet.get("/v1/accounts")).json()
        current = (await outlet.get("/v1/accounts/current")).json()
        one = (await main.get("/v1/accounts", params={"ids": [current["id"]]})).json()
        forbidden = await outlet.get(f"/v1/accounts/{mine[0]['id']}")
    assert [entry["id"] for entry in mine] == [mine[0]["id"], current["id"]]
    assert theirs == one == [current]
    assert current["parent_account_id"] == mine[0]["id"]
    assert current["api_key"].startswith("prod_fdysec_")
    assert (forbidden.status_code, forbidden.json()["error"]) == (403, "FORBIDDEN")


async def test_persona_sets_are_a_plain_list_that_ids_narrow(shared: Sandbox) -> None:
    async with account(shared) as http:
        every = (await http.get("/v1/persona_sets")).json()
        two = (await http.get("/v1/persona_sets", params={"ids": [every[0]["id"], every[2]["id"]]})).json()
        single = (await http.get(f"/v1/persona_sets/{every[0]['id']}")).json()
    assert two == [every[0], every[2]] and single == every[0]
    assert {one["status"] for one in every} == {"ready", "running"}
    assert [one["name"] for one in single["personas"]]


async def test_the_flow_counts_the_members_of_each_persona_on_each_day(shared: Sandbox) -> None:
    world = shared.state.world
    expected = """SELECT count(*) AS count FROM profiles WHERE workspace = ? AND persona = ?
        AND created_at < ?::TIMESTAMP + INTERVAL 1 DAY"""
    for workspace in ("main", "outlet"):
        async with account(shared, workspace) as http:
            found = (await sets(http))["Shopper personas"]
            flow = (await http.get(f"/v1/persona_sets/{found['id']}/analysis/flow")).json()
        assert [one["persona_id"] for one in flow] == [one["id"] for one in found["personas"]]
        for number, series in enumerate(flow):
            assert len(series["days"]) == 180 and series["days"][-1]["date"] == str(world.today)
            assert series["days"][-1]["count"] == found["personas"][number]["individuals_count"]
            for day in (series["days"][0], series["days"][90], series["days"][-1]):
                assert day["count"] == world.rows(expected, [workspace, number, day["date"]])[0]["count"]


async def test_activity_by_tier_follows_the_events(shared: Sandbox) -> None:
    world = shared.state.world
    expected = """SELECT count(DISTINCT profile_id) AS count FROM events JOIN profiles USING (workspace, profile_id)
        WHERE workspace = 'main' AND tier = 'silver'
            AND "at" >= ?::TIMESTAMP - INTERVAL 6 DAY AND "at" < ?::TIMESTAMP + INTERVAL 1 DAY"""
    async with account(shared) as http:
        found = (await sets(http))["Active members by tier"]
        flow = (await http.get(f"/v1/persona_sets/{found['id']}/analysis/flow")).json()
    silver = next(one for one in found["personas"] if one["name"] == "Regulars")
    days = next(one["days"] for one in flow if one["persona_id"] == silver["id"])
    for day in (days[30], days[120], days[-1]):
        assert day["count"] == world.rows(expected, [day["date"], day["date"]])[0]["count"]


async def test_a_set_that_is_not_ready_has_no_flow_yet(shared: Sandbox) -> None:
    async with account(shared) as http:
        running = (await sets(http))["Spring clustering"]
        assert (await http.get(f"/v1/persona_sets/{running['id']}/analysis/flow")).json() == []


async def test_foreign_unknown_and_malformed_ids_are_told_apart(shared: Sandbox) -> None:
    async with account(shared) as main, account(shared, "outlet") as outlet:
        theirs = (await sets(outlet))["Shopper personas"]["id"]
        foreign = await main.get(f"/v1/persona_sets/{theirs}/analysis/flow")
        unknown = await main.get(f"/v1/persona_sets/{uuid4()}/analysis/flow")
        malformed = await main.get("/v1/persona_sets/spring/analysis/flow")
    assert (foreign.status_code, foreign.json()["error"]) == (403, "FORBIDDEN")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "NOT_FOUND")
    assert (malformed.status_code, malformed.json()["error"]) == (400, "VALIDATION_FAILED")
    assert malformed.json()["validationErrors"][0]["path"] == "/path/persona_set_id"


async def test_the_variables_hold_a_key_for_each_account(shared: Sandbox) -> None:
    given = shared.environment("http://sandbox")
    for label, workspace in (("", "main"), ("__OUTLET", "outlet")):
        async with client(shared, "faraday") as http:
            http.headers["Authorization"] = f"Bearer {given[f'FARADAY_API_KEY{label}']}"
            current = (await http.get("/v1/accounts/current")).json()
        assert current["name"] == shared.state.world.workspace(workspace).name
        assert given[f"FARADAY_BASE_URL{label}"] == "http://sandbox/faraday"
