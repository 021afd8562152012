"""Synerise log-ins: keys, Basic, users with a second factor, expiry, and customers of the shop."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.synerise.accounts import OWNER, PASSWORD, VERIFICATION_CODE

from .checked import client
from .synerise_desk import Desk, bearer, by_key, by_user

pytestmark = pytest.mark.anyio
METRICS = "/analytics/profiles/metrics"


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


async def test_a_workspace_key_is_exchanged_for_a_token_of_its_workspace(sandbox: Sandbox) -> None:
    async with by_key(sandbox, "__OUTLET") as desk:
        found = claims(desk.http.headers["authorization"].removeprefix("Bearer "))
        items = (await desk.get(METRICS))["data"]
    now = int(sandbox.state.clock())
    assert (found["bpi"], found["iss"], found["aud"]) == (482, "Synerise", "API")
    assert (found["exp"], found["ctd"]) == (now + 3600, now * 1000)
    assert {item["businessProfileId"] for item in items} == {482}


async def test_a_wrong_key_is_refused(sandbox: Sandbox) -> None:
    async with client(sandbox, "synerise") as http:
        error = await Desk(http).refused("POST", "/uauth/v2/auth/login/profile", {"apiKey": "no"})
    assert (error["status"], error["path"]) == (401, "/uauth/v2/auth/login/profile")


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Bearer a.b.c", "Basic nonsense", "Basic YTpi", "Other x"])
async def test_without_a_good_credential_nothing_is_told(sandbox: Sandbox, header: str | None) -> None:
    async with client(sandbox, "synerise") as http:
        if header:
            http.headers["Authorization"] = header
        assert (await Desk(http).refused("GET", METRICS))["status"] == 401


async def test_a_token_ends_when_its_time_is_over(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as desk:
        sandbox.advance(3599)
        await desk.get(METRICS)
        sandbox.advance(1)
        assert (await desk.refused("GET", METRICS))["status"] == 401


async def test_a_workspace_token_is_renewed_while_it_lasts(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as desk:
        sandbox.advance(3000)
        token = (await desk.get("/v4/auth/refresh/profile"))["token"]
        sandbox.advance(3000)
        assert (await desk.refused("GET", "/v4/auth/refresh/profile"))["status"] == 401
        desk.http.headers.update(bearer(token))
        await desk.get(METRICS)


async def test_basic_authorization_takes_the_workspace_and_its_own_key_only(sandbox: Sandbox) -> None:
    main, outlet = sandbox.state.world.workspaces
    key = sandbox.environment("http://x")["SYNERISE_API_KEY"]
    async with client(sandbox, "synerise") as http:
        http.headers["Authorization"] = "Basic " + base64.b64encode(f"{main.synerise_guid}:{key}".encode()).decode()
        sandbox.advance(10**6)
        assert (await Desk(http).get(METRICS))["data"]
        http.headers["Authorization"] = "Basic " + base64.b64encode(f"{outlet.synerise_guid}:{key}".encode()).decode()
        assert (await Desk(http).refused("GET", METRICS))["status"] == 401


async def test_a_user_selects_a_workspace_and_gets_a_token_for_it(sandbox: Sandbox) -> None:
    async with by_user(sandbox, None) as desk:
        items = await desk.get("/uauth/business-profile/")
        assert await desk.get("/uauth/business-profile/current") == {"selected": False, "data": None}
        assert (await desk.refused("GET", METRICS))["status"] == 403
        session = await desk.post(f"/uauth/auth/login/user/profile/{items[1]['guid']}")
        desk.http.headers.update(bearer(session["token"]))
        current = await desk.get("/uauth/business-profile/current")
    assert [item["name"] for item in items] == ["Meadow & Main", "Meadow & Main Outlet"]
    assert session["consumer"]["businessProfileId"] == items[1]["id"]
    assert current == {"selected": True, "data": items[1]}


async def test_a_workspace_that_the_user_cannot_enter_is_refused(sandbox: Sandbox) -> None:
    async with by_user(sandbox, None) as desk:
        path = "/uauth/auth/login/user/profile/{}"
        assert (await desk.refused("POST", path.format("00000000-0000-4000-8000-000000000000")))["status"] == 403
        assert (await desk.refused("POST", path.format("no-uuid")))["status"] == 400


async def test_a_second_factor_is_asked_for_and_then_not_again_on_the_same_device(sandbox: Sandbox) -> None:
    login = {"username": OWNER.username, "password": PASSWORD, "deviceId": "laptop"}
    verification = "/uauth/auth/login/user/mfa/verification?mfaType="
    async with client(sandbox, "synerise") as http:
        desk = Desk(http)
        session = await desk.post("/uauth/auth/login/user", login)
        assert session["mfaMethods"] == ["TOTP_AUTHENTICATOR", "EMAIL"]
        http.headers.update(bearer(session["token"]))
        assert (await desk.refused("GET", "/uauth/business-profile/"))["status"] == 403
        wrong = {"verificationCode": "000000", "deviceId": "laptop"}
        assert (await desk.refused("POST", verification + "EMAIL", wrong))["status"] == 401
        assert (await desk.refused("POST", verification + "SMS", wrong))["status"] == 400
        right = {"verificationCode": VERIFICATION_CODE, "deviceId": "laptop"}
        http.headers.update(bearer((await desk.post(verification + "TOTP_AUTHENTICATOR", right))["token"]))
        assert len(await desk.get("/uauth/business-profile/")) == 2
        assert (await desk.post("/uauth/auth/login/user", login))["mfaMethods"] == []
        assert (await desk.post("/uauth/auth/login/user", {**login, "deviceId": "phone"}))["mfaMethods"] != []
        sandbox.advance(8 * 3600 + 1)
        assert (await desk.post("/uauth/auth/login/user", login))["mfaMethods"] != []


async def test_what_is_for_users_only_is_refused_to_a_key(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as desk:
        assert (await desk.refused("GET", "/uauth/business-profile/"))["status"] == 403


async def test_a_key_can_ask_what_it_may_do(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as desk:
        names = ["SAUTH_SERVER_LOGIN_CLIENT_CREATE", "NO_SUCH_PERMISSION"]
        told = await desk.post("/uauth/api-key/permission-check", names)
    assert told == {"businessProfileName": "Meadow & Main", "permissions": [True, False]}


async def test_an_incomplete_body_is_refused_with_the_fields_name(sandbox: Sandbox) -> None:
    async with client(sandbox, "synerise") as http:
        error = await Desk(http).refused("POST", "/uauth/auth/login/user", {"username": "a"})
        assert error["status"] == 400
        assert "password" in error["message"]
        answer = await http.post("/uauth/auth/login/user", content=b"{", headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        answer = await http.post("/uauth/auth/login/user", content=b"{}", headers={"Content-Type": "text/plain"})
        assert answer.status_code == 415


async def test_a_customer_logs_in_and_sees_no_analytics(sandbox: Sandbox) -> None:
    settings = sandbox.environment("http://x")
    key, password = settings["SYNERISE_PROFILE_API_KEY"], settings["SYNERISE_PROFILE_PASSWORD"]
    (person,) = sandbox.state.world.rows("SELECT email, profile_id FROM profiles WHERE profile_id = 1000003")
    login = {"apiKey": key, "identityProvider": "SYNERISE", "email": person["email"], "password": password, "uuid": "u"}
    async with client(sandbox, "synerise") as http:
        desk = Desk(http)
        assert (await desk.refused("POST", "/sauth/v3/auth/login/client", {**login, "password": "x"}))["status"] == 401
        token = (await desk.post("/sauth/v3/auth/login/client", login))["token"]
        assert claims(token)["clId"] == 1000003
        http.headers.update(bearer(token))
        assert (await desk.refused("GET", METRICS))["status"] == 403
        renewed = await desk.post("/sauth/v3/auth/refresh/client", {"apiKey": key})
    assert renewed["customId"] == "MM-000003"
    assert claims(renewed["token"])["clId"] == 1000003


async def test_only_the_unconditional_log_in_creates_a_customer_from_outside(sandbox: Sandbox) -> None:
    settings = sandbox.environment("http://x")
    outside = {
        "apiKey": settings["SYNERISE_PROFILE_API_KEY"],
        "identityProvider": "GOOGLE",
        "identityProviderToken": settings["SYNERISE_IDENTITY_PROVIDER_TOKEN"],
        "email": "new@customer.example",
    }
    async with client(sandbox, "synerise") as http:
        desk = Desk(http)
        anonymous = {"apiKey": outside["apiKey"], "uuid": "8f8d3ef5-6c1c-4c5c-9e36-9d7a5c6f7a11"}
        http.headers.update(bearer((await desk.post("/sauth/v3/auth/login/client/anonymous", anonymous))["token"]))
        conditional = "/sauth/v3/auth/login/client/conditional"
        assert (await desk.refused("POST", conditional, outside))["status"] == 401
        first = await desk.post("/sauth/v3/auth/login/client", outside)
        second = await desk.post(conditional, outside)
    assert (second["status"], second["conditions"]) == ("SUCCESS", [])
    assert claims(first["token"])["clId"] == claims(second["token"])["clId"] > 1000200


async def test_a_server_logs_a_customer_in_with_its_own_token(sandbox: Sandbox) -> None:
    settings = sandbox.environment("http://x")
    body = {
        "ipAddress": "203.0.113.7",
        "apiKey": settings["SYNERISE_PROFILE_API_KEY"],
        "identityProvider": "SYNERISE",
        "customId": "MM-000005",
        "password": settings["SYNERISE_PROFILE_PASSWORD"],
        "uuid": "any",
    }
    path = "/sauth/v3/auth/login/client/server"
    async with by_key(sandbox) as desk, by_key(sandbox, "__OUTLET") as other:
        assert claims((await desk.post(path, body))["token"])["clId"] == 1000005
        assert (await other.refused("POST", path, body))["status"] == 403
