"""The same question through two platforms has the same answer, whatever is asked: they are views of the same people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from audience_mcp.sandbox.giosg.service import token_of
from audience_mcp.sandbox.posthog.membership import Definitions
from audience_mcp.sandbox.posthog.warehouse import Warehouse
from audience_mcp.sandbox.synerise import segmentations

from .checked import client
from .conftest import TODAY, small
from .posthog_desk import did, filters, person
from .test_properties_synerise import LAWS, NAMES, WORLD, calculation, counted, workspaces

SANDBOX = small(profiles=150, events=3000)  # the same world, asked over HTTP
CLIENT = TestClient(SANDBOX.app)
WAREHOUSES = {workspace: Warehouse(WORLD, workspace) for workspace in ("main", "outlet")}


@LAWS
@given(
    name=st.sampled_from(NAMES),
    days=st.integers(1, 180),
    country=st.sampled_from(["GB", "PL", "DE", "IE"]),
    device=st.sampled_from(["mobile", "desktop", "tablet"]),
    workspace=workspaces,
)
def test_a_metric_of_synerise_a_cohort_and_a_query_of_posthog_find_the_same_people(
    name: str, days: int, country: str, device: str, workspace: str
) -> None:
    event = {"name": name, "conditions": [{"attribute": "device", "logic": "EQUAL", "value": device}]}
    window = {
        "type": "RELATIVE",
        "offset": {"type": "DAYS", "value": 0},
        "duration": {"type": "DAYS", "value": days},
    }
    residents = {"conditions": [{"attribute": "country", "logic": "EQUAL", "value": country}]}
    people = counted(event, window, residents, workspace, function="PROFILES")
    times = counted(event, window, residents, workspace)

    on_device = [{"type": "event", "key": "$device_type", "operator": "exact", "value": device}]
    tree = filters(did(name, days=days, event_filters=on_device), person("country", "exact", [country]))
    warehouse = WAREHOUSES[workspace]
    with warehouse.cursor() as connection:
        members = Definitions(connection, WORLD.now).of_filters(tree)
    assert len(warehouse.rows(members.sql, members.values)) == people
    told = warehouse.value(
        "SELECT count(*) FROM events_with_person WHERE event = ? AND timestamp >= ?::DATE"
        " AND prop(properties, '$device_type') = ? AND prop(person.properties, 'country') = ?",
        [name, TODAY - timedelta(days=days - 1), device, country],
    )
    assert told == times


@LAWS
@given(days=st.integers(1, 180), length=st.integers(1, 60), workspace=workspaces)
def test_orders_of_giosg_are_purchases_of_synerise(days: int, length: int, workspace: str) -> None:
    first = TODAY - timedelta(days=days - 1)
    last = min(TODAY, first + timedelta(days=length - 1))
    window = {"type": "ABSOLUTE", "from": f"{first}T00:00:00Z", "to": f"{last}T23:59:59.999Z"}
    purchases = counted({"name": "transaction.charge"}, window, {}, workspace)

    organization = SANDBOX.state.world.workspace(workspace)
    workflow = SANDBOX.state.world.identifier("giosg", workspace, "Help chat")
    path = f"/giosg/api/reporting/workflow/v1/orgs/{organization.giosg_organization}/workflows/{workflow}/source_data"
    interval = {"start": f"{first}T00:00:00Z", "end": f"{last + timedelta(days=1)}T00:00:00Z"}
    body = {"filters": [], "interval": interval, "target": "affected_goal_total", "basic": True}
    answer = CLIENT.post(path, json=body, headers={"Authorization": f"Token {token_of(organization)}"})
    assert sum(row["event"] == "transaction.charge" for row in answer.json()["data"]) == purchases


@pytest.mark.anyio
@pytest.mark.parametrize("workspace", ["main", "outlet"])
@pytest.mark.parametrize("name", NAMES)
async def test_two_platforms_give_the_same_answer(name: str, workspace: str) -> None:
    project = SANDBOX.state.world.workspace(workspace).posthog_project
    key = SANDBOX.environment("http://x")["POSTHOG_API_KEY"]
    query = (
        f"SELECT count(), count(DISTINCT person_id), sum(toFloat(properties.amount)) FROM events WHERE event = '{name}'"
    )
    async with client(SANDBOX, "posthog", headers={"Authorization": f"Bearer {key}"}) as http:
        answer = await http.post(
            f"/api/projects/{project}/query/", json={"query": {"kind": "HogQLQuery", "query": query}}
        )
    assert answer.status_code == 200, answer.text
    ((occurrences, people, amount),) = answer.json()["results"]
    assert occurrences == counted({"name": name}, {}, {}, workspace)
    assert people == counted({"name": name}, {}, {}, workspace, function="PROFILES")
    if amount is not None:
        assert amount == pytest.approx(
            counted({"name": name}, {}, {}, workspace, function="SUM", attribute="amount"), abs=0.01
        )


@pytest.mark.anyio
@pytest.mark.parametrize("label", ["", "__OUTLET"])
async def test_the_personas_of_faraday_are_the_profiles_of_synerise(label: str) -> None:
    headers = {"Authorization": f"Bearer {SANDBOX.environment('http://x')[f'FARADAY_API_KEY{label}']}"}
    async with client(SANDBOX, "faraday", headers=headers) as http:
        sets = (await http.get("/v1/persona_sets")).json()
        wanted = next(item["id"] for item in sets if item["name"] == "Shopper personas")
        flow = (await http.get(f"/v1/persona_sets/{wanted}/analysis/flow")).json()
    everybody = segmentations.calculate(
        calculation("outlet" if label else "main"), {"title": "n", "segments": [{"title": "all", "filter": {}}]}
    )
    last_day = [next(day for day in series["days"] if day["date"] == TODAY.isoformat()) for series in flow]
    assert sum(day["count"] for day in last_day) == everybody["totalContacts"] == 150


@pytest.mark.anyio
async def test_the_chats_of_giosg_are_the_chats_of_synerise() -> None:
    organization = SANDBOX.state.world.workspaces[0].giosg_organization
    headers = {"Authorization": f"Token {SANDBOX.environment('http://x')['GIOSG_API_TOKEN']}"}
    workflow = SANDBOX.state.world.identifier("giosg", "main", "Help chat")
    body = {"filters": [], "interval": {"start": "2026-05-01T00:00:00Z", "end": "2026-11-20T23:59:59Z"}}
    async with client(SANDBOX, "giosg", headers=headers) as http:
        path = f"/api/reporting/workflow/v1/orgs/{organization}/workflows/{workflow}/query/"
        report = (await http.post(path, json=body)).json()
    (chats,) = [node["count"] for node in report["nodes"] if node["step"] == 1]
    assert chats == counted({"name": "chat.contact"}, {}, {})  # a visit has one chat at most
