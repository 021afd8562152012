"""Rate limits and permissions come from the documents and hold for every provider."""

from __future__ import annotations

from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.clock import Clock

from .checked import client
from .conftest import small
from .synerise_desk import by_key, by_user

pytestmark = pytest.mark.anyio
CHECK = "/analytics/profiles/segmentations/check/by/id"


def posthog_headers(sandbox: Sandbox) -> dict[str, str]:
    return {"Authorization": f"Bearer {sandbox.environment('http://x')['POSTHOG_API_KEY']}"}


def cohorts(sandbox: Sandbox, workspace: int = 0) -> str:
    return f"/api/projects/{sandbox.state.world.workspaces[workspace].posthog_project}/cohorts/"


async def statuses(sandbox: Sandbox, path: str, times: int) -> list[int]:
    async with client(sandbox, "posthog", headers=posthog_headers(sandbox)) as http:
        return [(await http.get(path)).status_code for _ in range(times)]


async def test_a_profile_may_be_checked_ten_times_a_second() -> None:
    sandbox = small(limits=1)
    async with by_key(sandbox) as desk:
        segmentation = await desk.id_of("segmentation", "Gold and silver")

        async def check(profile: str) -> Any:
            body = {"identifierValue": profile, "segmentationIds": [segmentation]}
            return await desk.http.post(CHECK, json=body)

        assert [(await check("1000001")).status_code for _ in range(10)] == [200] * 10
        one_too_many = await check("1000001")
        assert one_too_many.status_code == 429
        assert one_too_many.headers["retry-after"] == "1"
        assert one_too_many.json().keys() == {"timestamp", "status", "error", "message", "path"}
        assert (await check("1000002")).status_code == 200
        sandbox.advance(1)
        assert (await check("1000001")).status_code == 200


async def test_limits_are_those_of_the_document_times_the_scale() -> None:
    found = await statuses(small(limits=0.01), cohorts(small()), 6)  # 480 a minute and 4,800 an hour, a hundredth of it
    assert found == [200] * 5 + [429]


async def test_a_throttled_request_says_when_to_come_again_and_may() -> None:
    sandbox = small(limits=0.01)
    async with client(sandbox, "posthog", headers=posthog_headers(sandbox)) as http:
        for _ in range(5):
            await http.get(cohorts(sandbox))
        refused = await http.get(cohorts(sandbox))
        assert refused.json()["type"] == "throttled_error"
        wait = int(refused.headers["retry-after"])
        assert 1 <= wait <= 60
        sandbox.advance(wait)
        assert (await http.get(cohorts(sandbox))).status_code == 200


async def test_workspaces_do_not_use_up_each_others_limits() -> None:
    sandbox = small(limits=0.01)
    async with client(sandbox, "posthog", headers=posthog_headers(sandbox)) as http:
        for _ in range(6):
            last = await http.get(cohorts(sandbox))
        other = await http.get(cohorts(sandbox, 1))
    assert (last.status_code, other.status_code) == (429, 200)


async def test_limits_can_be_off() -> None:
    assert set(await statuses(small(limits=0), "/api/users/@me/", 600)) == {200}


@pytest.mark.parametrize("options", [{"limits": -1}, {"speed": 0}, {"withheld": ["FLY"]}])
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        small(**options)


async def test_a_permission_taken_from_the_keys_is_missed_by_its_operations_alone() -> None:
    async with by_key(small(withheld=["ANALYTICS_BACKEND_METRICS_LIST_READ"])) as desk:
        error = await desk.refused("GET", "/analytics/profiles/metrics")
        assert (error["status"], "ANALYTICS_BACKEND_METRICS_LIST_READ" in error["message"]) == (403, True)
        assert await desk.get("/analytics/profiles/funnels")
        names = ["ANALYTICS_BACKEND_METRICS_LIST_READ", "ANALYTICS_BACKEND_FUNNELS_LIST_READ"]
        assert (await desk.post("/uauth/api-key/permission-check", names))["permissions"] == [False, True]


async def test_what_a_key_lacks_a_user_of_the_right_group_may_do() -> None:
    async with by_user(small(withheld=["ANALYTICS_BACKEND_METRICS_LIST_READ"])) as desk:
        assert await desk.get("/analytics/profiles/metrics")
    async with by_user(small(withheld=["ANALYTICS"])) as desk:
        assert (await desk.refused("GET", "/analytics/profiles/metrics"))["status"] == 403


@pytest.mark.parametrize(
    ("scope", "path"), [("cohort:read", "/api/projects/@current/cohorts/"), ("user:read", "/api/users/@me/")]
)
async def test_a_scope_can_be_taken_from_a_posthog_key(scope: str, path: str) -> None:
    sandbox = small(withheld=[scope])
    async with client(sandbox, "posthog", headers=posthog_headers(sandbox)) as http:
        refused = await http.get(path)
        assert refused.status_code == 403
        assert refused.json()["code"] == "permission_denied"
        assert scope in refused.json()["detail"]


async def test_the_reporting_permission_can_be_taken_from_a_giosg_token() -> None:
    sandbox = small(withheld=["reporting"])
    organization = sandbox.state.world.workspaces[0].giosg_organization
    headers = {"Authorization": f"Token {sandbox.environment('http://x')['GIOSG_API_TOKEN']}"}
    async with client(sandbox, "giosg", headers=headers) as http:
        workflow = sandbox.state.world.identifier("giosg", "main", "anything")
        path = f"/api/reporting/workflow/v1/orgs/{organization}/workflows/{workflow}/info/"
        assert (await http.get(path)).status_code == 403
        assert (await http.get("/api/v5/users/me")).status_code == 200


def test_a_fast_clock_counts_more_seconds_than_pass() -> None:
    passed = iter([100.0, 101.0])
    clock = Clock(lambda: next(passed), speed=60)
    assert clock() == 160


async def test_a_token_lives_as_long_as_it_is_told_to() -> None:
    sandbox = small(token_seconds=5)
    async with by_key(sandbox) as desk:
        assert await desk.get("/analytics/profiles/metrics")
        sandbox.advance(5)
        assert (await desk.refused("GET", "/analytics/profiles/metrics"))["status"] == 401
