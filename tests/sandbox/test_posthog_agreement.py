"""The same question through PostHog, Faraday and giosg has the same answer: they show the same people."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from audience_mcp.sandbox import Sandbox, faraday, giosg, posthog
from audience_mcp.sandbox.faraday.accounts import key_of
from audience_mcp.sandbox.giosg.service import token_of
from audience_mcp.sandbox.posthog.access import OTHER_REGION

from .checked import client
from .posthog_desk import desk, did, filters

pytestmark = pytest.mark.anyio
SPAN = {"start": "2026-09-01T00:00:00Z", "end": "2026-11-01T00:00:00Z"}


async def giosg_rows(sandbox: Sandbox, workspace: str, workflow: str, what: str, **body: Any) -> list[dict[str, Any]]:
    organization = sandbox.state.world.workspace(workspace)
    async with client(sandbox, "giosg", headers={"Authorization": f"Token {token_of(organization)}"}) as http:
        listed = (await http.get(f"/api/objectives/v1/orgs/{organization.giosg_organization}/workflows")).json()
        number = next(one["id"] for one in listed if one["name"] == workflow)
        path = f"/api/reporting/workflow/v1/orgs/{organization.giosg_organization}/workflows/{number}/{what}"
        answer = await http.post(path, json={"filters": [], "interval": SPAN, **body})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


@pytest.mark.parametrize("workspace", ["main", "outlet"])
async def test_personas_together_are_all_persons(shared: Sandbox, workspace: str) -> None:
    key = key_of(shared.state.world.workspace(workspace))
    async with client(shared, "faraday", headers={"Authorization": f"Bearer {key}"}) as http:
        one = next(kind for kind in (await http.get("/v1/persona_sets")).json() if kind["name"] == "Shopper personas")
        flow = (await http.get(f"/v1/persona_sets/{one['id']}/analysis/flow")).json()
    totals = {
        day["date"]: sum(series["days"][at]["count"] for series in flow) for at, day in enumerate(flow[0]["days"])
    }
    async with desk(shared, workspace) as at:
        joined = dict(await at.rows("select toString(toDate(created_at)), count() from persons group by 1 limit 1000"))
    assert totals == {day: sum(n for date, n in joined.items() if date <= day) for day in totals}
    assert len(totals) == 180 and len(set(totals.values())) > 20
    assert totals[max(totals)] == sum(persona["individuals_count"] for persona in one["personas"])


@pytest.mark.parametrize("workspace", ["main", "outlet"])
async def test_goals_of_giosg_are_events_of_posthog(shared: Sandbox, workspace: str) -> None:
    raw = await giosg_rows(shared, workspace, "Help chat", "source_data", target="affected_goal_total")
    basic = await giosg_rows(shared, workspace, "Help chat", "source_data", target="affected_goal_total", basic=True)
    async with desk(shared, workspace) as at:
        told = await at.rows(
            "select event, count() from events where timestamp >= '2026-09-01' and timestamp < '2026-11-01'"
            " and event in ('transaction.charge', 'product.addToCart') group by event order by event"
        )
    counted = [[name, sum(row["event"] == name for row in basic)] for name in sorted({row["event"] for row in basic})]
    assert told == counted and len(raw) == len(basic) > 0
    assert [row["timestamp"] for row in raw] == [row["time"] for row in basic]


async def test_what_an_element_did_narrows_an_interaction(shared: Sandbox) -> None:
    whole = await giosg_rows(shared, "main", "Newsletter banner", "step/1")
    action = whole[0]["action"]
    steps = [{}, {"actions": [action]}]
    part = await giosg_rows(shared, "main", "Newsletter banner", "step/1", step_data=steps)
    sessions = {row["session_id"] for row in whole if row["action"] == action}
    assert {row["session_id"] for row in part} == sessions and 0 < len(part) < len(whole)


async def test_a_cohort_of_a_period_is_the_people_of_its_events(sandbox: Sandbox) -> None:
    async with desk(sandbox) as at:
        found = await at.create(filters=filters(did("transaction.charge", days=30)))
        count = (await at.ready(found["id"]))["count"]
        bought = "event = 'transaction.charge' and timestamp > now() - interval 30 day"
        assert await at.rows(f"select uniq(person_id) from events where {bought}") == [[count]]
        inside = f"select uniq(person_id) from events where person_id in cohort {found['id']}"
        assert await at.rows(inside) == [[count]]


def test_every_border_can_be_tried_with_a_credential_that_is_told(shared: Sandbox) -> None:
    told = " ".join([*posthog.REMARKS, *faraday.REMARKS, *giosg.REMARKS])
    for value in ("phx_sandboxMain", "phx_sandboxReads", "phs_", "Expired", "without-reporting", OTHER_REGION):
        assert value in told
    assert set(posthog.REMARKS) <= set(shared.remarks)


async def test_a_key_of_the_other_region_is_nobodys(shared: Sandbox) -> None:
    async with client(shared, "posthog", headers={"Authorization": f"Bearer {OTHER_REGION}"}) as http:
        answer: httpx.Response = await http.get("/api/users/@me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")
