"""The giosg sandbox: tokens, workflows, reports and event rows computed from the world."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.giosg import routes
from audience_mcp.sandbox.giosg.service import NO_REPORTING, access_token_of, token_of

from .checked import client

pytestmark = pytest.mark.anyio
INTERVAL = {"start": "2026-09-01T00:00:00Z", "end": "2026-11-01T00:00:00Z"}
INSIDE = """ "at" >= '2026-09-01' AND "at" < '2026-11-01' AND workspace = 'main' """


class Desk:
    """A client of one organization."""

    def __init__(self, http: httpx.AsyncClient, organization: str) -> None:
        self.http = http
        self.organization = organization

    async def workflows(self) -> dict[str, str]:
        answer = await self.http.get(f"/api/objectives/v1/orgs/{self.organization}/workflows")
        return {one["name"]: one["id"] for one in answer.json()}

    async def report(self, name: str, what: str, status: int = 200, **body: Any) -> Any:
        path = f"/api/reporting/workflow/v1/orgs/{self.organization}/workflows/{(await self.workflows())[name]}/{what}"
        answer = await self.http.post(path, json={"filters": [], "interval": INTERVAL, **body})
        assert answer.status_code == status, answer.text
        return answer.json()


@asynccontextmanager
async def desk(sandbox: Sandbox, workspace: str = "main") -> AsyncIterator[Desk]:
    organization = sandbox.state.world.workspace(workspace)
    async with client(sandbox, "giosg", headers={"Authorization": f"Token {token_of(organization)}"}) as http:
        yield Desk(http, str(organization.giosg_organization))


def figure(sandbox: Sandbox, sql: str) -> Any:
    return next(iter(sandbox.state.world.rows(sql)[0].values()))


def test_every_documented_operation_is_served(shared: Sandbox) -> None:
    documented = {one.path for one in shared.state.contract("giosg").document.entries()}
    assert documented <= {one.path for one in routes(shared.state)}


async def test_a_token_belongs_to_a_user_of_one_organization(shared: Sandbox) -> None:
    for workspace in ("main", "outlet"):
        async with desk(shared, workspace) as at:
            user = (await at.http.get("/api/v5/users/me")).json()
        assert user["organization_id"] == user["organization"]["id"] == at.organization
        assert user["organization"]["name"] == shared.state.world.workspace(workspace).name


async def test_an_access_token_is_as_good_as_an_api_token_in_its_own_scheme(shared: Sandbox) -> None:
    main = shared.state.world.workspace("main")
    for credential, status in (
        (f"Bearer {access_token_of(main)}", 200),
        (f"Token {access_token_of(main)}", 401),
        (f"Bearer {token_of(main)}", 401),
    ):
        async with client(shared, "giosg", headers={"Authorization": credential}) as http:
            answer = await http.get("/api/v5/users/me")
        assert answer.status_code == status
        assert status == 401 or answer.json()["organization_id"] == str(main.giosg_organization)


@pytest.mark.parametrize("header", ["", "Bearer abc", "Token wrong"])
async def test_without_a_good_token_nobody_is_let_in(shared: Sandbox, header: str) -> None:
    async with client(shared, "giosg", headers={"Authorization": header}) as http:
        answer = await http.get("/api/v5/users/me")
    assert answer.status_code == 401 and answer.json()["detail"]


async def test_403_has_one_body_for_several_causes(shared: Sandbox) -> None:
    async with desk(shared) as main, desk(shared, "outlet") as outlet:
        number = (await outlet.workflows())["Help chat"]
        info = "/api/reporting/workflow/v1/orgs/{}/workflows/{}/info/"
        foreign = await main.http.get(info.format(outlet.organization, number))
        mine = info.format(main.organization, (await main.workflows())["Help chat"])
        main.http.headers["Authorization"] = f"Token {NO_REPORTING}"
        without = await main.http.get(mine)
        unknown = await main.http.get(info.format(uuid4(), number))
    assert foreign.status_code == without.status_code == 403
    assert foreign.json() == without.json()
    assert unknown.status_code == 404


async def test_an_address_that_is_none_is_a_page_of_html(shared: Sandbox) -> None:
    async with desk(shared) as at:
        answer = await at.http.get("/api/v5/nothing")
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/html")


async def test_a_workflow_tells_its_type_and_the_days_of_its_events(shared: Sandbox) -> None:
    async with desk(shared) as at:
        path = f"/api/reporting/workflow/v1/orgs/{at.organization}/workflows/"
        found = {
            name: (await at.http.get(f"{path}{number}/info/")).json() for name, number in (await at.workflows()).items()
        }
        missing = await at.http.get(f"{path}{uuid4()}/info/")
    assert {one["type"] for one in found.values()} == {"giosg-default", "interaction", "user-generated"}
    first = figure(shared, """SELECT min("at") FROM events WHERE workspace = 'main' AND name = 'chat.contact'""")
    assert found["Help chat"]["start_date"] <= f"{first.isoformat()}.000Z"
    assert found["Referral campaign"]["start_date"] is None and not found["Referral campaign"]["is_published"]
    assert missing.status_code == 404


async def test_rows_of_a_step_are_the_events_of_sessions_that_came_so_far(shared: Sandbox) -> None:
    chats = figure(shared, f"SELECT count(*) FROM events WHERE {INSIDE} AND name = 'chat.contact'")
    async with desk(shared) as at:
        first = await at.report("Help chat", "step/1")
        second = await at.report("Help chat", "step/2")
        triggered = await at.report("Help chat", "step/1", target="triggered_goal")
        await at.report("Help chat", "step/9", 404)
    assert len(first["data"]) == chats > len(second["data"]) > 0
    started = {row["session_id"] for row in first["data"]}
    assert {row["session_id"] for row in second["data"]} <= started
    assert 0 < len(triggered["data"]) < chats
    assert [one["name"] for one in first["fields"]] == list(first["data"][0])


async def test_goals_are_those_of_the_workflow_or_all_of_them(shared: Sandbox) -> None:
    goals = f"FROM events WHERE {INSIDE} AND name IN ('transaction.charge', 'product.addToCart')"
    readers = f"SELECT session_id FROM events WHERE {INSIDE} AND name = 'newsletter.open'"
    async with desk(shared) as at:
        own = await at.report("Newsletter banner", "source_data")
        every = await at.report("Newsletter banner", "source_data", target="affected_goal_total")
    assert len(own["data"]) == figure(shared, f"SELECT count(*) {goals} AND session_id IN ({readers})") > 0
    assert len(every["data"]) == figure(shared, f"SELECT count(*) {goals}")


async def test_filters_take_label_and_action_and_nothing_else(shared: Sandbox) -> None:
    orders = figure(shared, f"SELECT count(*) FROM events WHERE {INSIDE} AND name = 'transaction.charge'")
    async with desk(shared) as at:
        report = await at.report("Checkout journey", "query/")
        goal = next(one["id"] for one in report["goals"] if one["name"] == "Order placed")
        by_label = [{"property": "label", "values": [goal]}]
        rows = await at.report("Help chat", "source_data", target="affected_goal_total", filters=by_label)
        by_action = [{"property": "action", "values": ["transaction.charge"]}]
        same = await at.report("Help chat", "source_data", target="affected_goal_total", filters=by_action)
        refused = await at.report("Help chat", "source_data", 406, filters=[{"property": "city", "values": ["Leeds"]}])
    assert len(rows["data"]) == orders and rows["data"] == same["data"]
    assert "city" in refused["detail"]


async def test_step_data_counts_in_some_workflows_and_is_ignored_in_others(shared: Sandbox) -> None:
    steps: dict[str, Any] = {"step_data": [{}, {"actions": ["https://www.meadowandmain.example/sale"]}]}
    async with desk(shared) as at:
        whole = (await at.report("Checkout journey", "step/1"))["data"]
        part = (await at.report("Checkout journey", "step/1", **steps))["data"]
        chats = (await at.report("Help chat", "step/1"))["data"]
        same = (await at.report("Help chat", "step/1", **steps))["data"]
    assert 0 < len(part) < len(whole)
    assert chats == same


async def test_basic_rows_are_readable_and_told_in_the_intervals_zone(shared: Sandbox) -> None:
    interval = {"start": "2026-10-01T00:00:00+02:00", "end": "2026-10-08T00:00:00+02:00", "time_zone": "Europe/Warsaw"}
    async with desk(shared) as at:
        raw = await at.report("Checkout journey", "step/1", interval=interval, limit=5)
        basic = await at.report("Checkout journey", "step/1", interval=interval, limit=5, basic=True)
    assert len(raw["data"]) == len(basic["data"]) == 5
    assert {"visitor_id", "event_id", "properties"} <= raw["data"][0].keys()
    assert basic["data"][0]["time"].endswith("+02:00") and basic["data"][0]["time"] >= "2026-10-01T00:00:00+02:00"
    assert raw["data"][0]["timestamp"].endswith("Z")


async def test_the_report_is_a_graph_whose_links_follow_the_steps(shared: Sandbox) -> None:
    async with desk(shared) as at:
        report = await at.report("Checkout journey", "query/")
    nodes = {node["id"]: node for node in report["nodes"]}
    sessions = figure(shared, f"SELECT count(DISTINCT session_id) FROM events WHERE {INSIDE} AND name = 'page.visit'")
    assert sum(node["count"] for node in nodes.values() if node["step"] == 1) == sessions
    for link in report["links"]:
        assert nodes[link["source"]]["step"] + 1 == nodes[link["target"]]["step"]
    for node in nodes.values():
        assert sum(link["value"] for link in report["links"] if link["source"] == node["id"]) <= node["count"]


async def test_side_data_counts_visitors_and_tells_hours_or_weekdays(shared: Sandbox) -> None:
    visitors = figure(shared, f"SELECT count(DISTINCT profile_id) FROM events WHERE {INSIDE} AND name = 'chat.contact'")
    day = {"start": "2026-10-05T00:00:00Z", "end": "2026-10-06T00:00:00Z"}
    async with desk(shared) as at:
        long = await at.report("Help chat", "sidedata/")
        short = await at.report("Checkout journey", "sidedata/", interval=day)
    assert long["unique_visitors_count"] == visitors
    assert [pair[1] for pair in long["timeframe_stat"]["day_in_week"]] == [1, 2, 3, 4, 5, 6, 7]
    assert [pair[1] for pair in short["timeframe_stat"]["hour_in_day"]] == list(range(24))


@pytest.mark.parametrize(
    "body",
    [
        {"interval": {"start": "2026-09-01T00:00:00Z"}},
        {"interval": {"start": "september", "end": "2026-11-01T00:00:00Z"}},
        {"interval": {**INTERVAL, "time_zone": "Meadow/Main"}},
        {"interval": {"start": INTERVAL["end"], "end": INTERVAL["start"]}},
        {"limit": 0},
        {"target": "everything"},
    ],
)
async def test_a_malformed_question_is_a_400(shared: Sandbox, body: dict[str, Any]) -> None:
    async with desk(shared) as at:
        assert (await at.report("Help chat", "source_data", 400, **body))["detail"]


async def test_a_workflow_without_events_has_no_data(shared: Sandbox) -> None:
    async with desk(shared) as at:
        await at.report("Referral campaign", "source_data", 404)
