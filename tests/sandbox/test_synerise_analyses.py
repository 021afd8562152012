"""Saved analyses and their directories: list, create, read, update, move and delete, per workspace."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.core import Refusal
from audience_mcp.sandbox.synerise.calculation import Calculation
from audience_mcp.sandbox.synerise.definitions import KINDS
from audience_mcp.sandbox.synerise.service import Service

from .synerise_desk import V3, Desk, by_key, by_user

pytestmark = pytest.mark.anyio
UNKNOWN = "00000000-0000-4000-8000-000000000000"
ALL_TYPES = [kind.upper() for kind in KINDS]


def body_for(kind: str, definition: dict[str, Any]) -> dict[str, Any]:
    visible = kind in ("aggregate", "expression", "segmentation")
    return {"analysis": definition, **({"isVisibleForClientProfile": True} if visible else {})}


async def some(desk: Desk, kind: str) -> dict[str, Any]:
    """A saved analysis of a kind."""
    page = await desk.get(f"/analytics/profiles/{kind}s", limit=1)
    found: dict[str, Any] = await desk.get(f"/analytics/profiles/{kind}s/{page['data'][0]['id']}")
    return found


@pytest.mark.parametrize("kind", list(KINDS))
async def test_a_workspace_starts_with_some_of_each_kind(sandbox: Sandbox, kind: str) -> None:
    async with by_key(sandbox) as main, by_key(sandbox, "__OUTLET") as outlet:
        pages = [await desk.get(f"/analytics/profiles/{kind}s") for desk in (main, outlet)]
    assert all(len(page["data"]) >= 3 for page in pages)
    ids = [{item["id"] for item in page["data"]} for page in pages]
    assert ids[0].isdisjoint(ids[1])


@pytest.mark.parametrize("kind", list(KINDS))
async def test_an_analysis_is_created_read_updated_and_deleted(sandbox: Sandbox, kind: str) -> None:
    async with by_key(sandbox) as desk:
        source = (await some(desk, kind))["analysis"]
        collection = f"/analytics/profiles/{kind}s"
        created = await desk.post(collection, body_for(kind, {**source, "title": "A copy", "description": "mine"}))
        item = f"{collection}/{created['id'] if kind == 'expression' else created}"
        details = await desk.get(item)
        assert (details["name"], details["description"]) == ("A copy", "mine")
        assert details["analysis"] == {**source, "title": "A copy", "description": "mine"}
        answer = await desk.http.put(item, json=body_for(kind, {**source, "title": "Renamed"}))
        assert answer.status_code == 200
        renamed = await desk.get(item)
        assert answer.content == b"" if kind != "metric" else answer.json() == renamed
        assert renamed["name"] == "Renamed"
        assert renamed["updatedAt"] > details["updatedAt"]
        assert renamed["createdAt"] == details["createdAt"]
        assert (await desk.http.delete(item)).content == b""
        assert (await desk.refused("GET", item))["status"] == 404
        assert (await desk.refused("DELETE", item))["status"] == 404


@pytest.mark.parametrize("kind", list(KINDS))
async def test_an_unknown_part_of_a_definition_is_refused(sandbox: Sandbox, kind: str) -> None:
    async with by_key(sandbox) as desk:
        source = (await some(desk, kind))["analysis"]
        error = await desk.refused("POST", f"/analytics/profiles/{kind}s", body_for(kind, {**source, "surprise": 1}))
    assert error["status"] == 400
    assert "analysis.surprise" in error["message"]


def test_an_unknown_part_is_refused_wherever_it_is_hidden(shared: Sandbox) -> None:
    shelf, tried = Service(shared.state).shelves["main"], 0
    for saved in list(shelf.analyses.values()):
        read = KINDS[saved.kind].read
        read(Calculation(shared.state.world, "main", shelf.definition), saved.definition)
        for surprising in with_a_surprise(saved.definition):
            with pytest.raises(Refusal) as refused:
                read(Calculation(shared.state.world, "main", shelf.definition), surprising)
            assert refused.value.status == 400
            tried += 1
    assert tried > 100


def with_a_surprise(value: Any) -> Iterator[Any]:
    """A definition with an unknown part, once in each object it is made of."""
    if isinstance(value, dict):
        yield {**value, "surprise": 1}
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        for surprising in with_a_surprise(below):
            copied = dict(value) if isinstance(value, dict) else list(value)
            copied[key] = surprising
            yield copied


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"title": ""}, "analysis.title"),
        ({"steps": []}, "analysis.steps"),
        ({"steps": [{"name": "page.visit"}, {"label": "x"}]}, "analysis.steps[1].name"),
        ({"dateFilter": {"type": "SINCE"}}, "dateFilter.type"),
        ({"dateFilter": {"type": "RELATIVE", "offset": {"type": "DAYS", "value": 0}}}, "dateFilter.duration"),
        ({"completedWithin": {"type": "FORTNIGHTS", "value": 1}}, "completedWithin.type"),
        ({"filter": {"conditions": [{"attribute": "shoe", "logic": "EQUAL", "value": 1}]}}, "conditions[0].attribute"),
        ({"filter": {"conditions": [{"attribute": "city", "logic": "MORE", "value": 1}]}}, "conditions[0].logic"),
        ({"filter": {"conditions": [{"attribute": "city", "logic": "EQUAL", "value": 1}]}}, "conditions[0].value"),
    ],
)
async def test_the_message_names_the_part_that_is_wrong(sandbox: Sandbox, change: dict[str, Any], named: str) -> None:
    async with by_key(sandbox) as desk:
        source = await desk.definition("funnel", "Visit to purchase")
        error = await desk.refused("POST", f"{V3}/funnels/preview", {"analysis": {**source, **change}})
    assert error["status"] == 400
    assert named in error["message"]


async def test_pages_follow_each_other_in_the_asked_order_without_overlap(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as desk:
        path = "/analytics/profiles/metrics"
        names: list[str] = []
        for page in range(1, 4):
            answer = await desk.get(path, page=page, limit=3, sortBy="name:asc")
            names += [item["name"] for item in answer["data"]]
        assert len(answer["data"]) == 2
        assert (await desk.get(path, page=9))["data"] == []
        newest = [item["updatedAt"] for item in (await desk.get(path))["data"]]
    assert names == sorted(names, key=str.casefold)
    assert len(set(names)) == answer["meta"]["totalCount"] == 8
    assert all(one >= other for one, other in pairwise(newest))


async def test_a_list_is_narrowed_by_words_ids_directory_and_type(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as desk:
        metrics = "/analytics/profiles/metrics"
        assert {i["name"] for i in (await desk.get(metrics, search="REVEN"))["data"]} == {"Revenue", "Category revenue"}
        some = (await desk.get(metrics, limit=2))["data"]
        wanted = [item["id"] for item in some]
        assert {item["id"] for item in (await desk.get(metrics, ids=",".join(wanted)))["data"]} == set(wanted)
        inside = (await desk.get(metrics, directoryId=some[0]["directoryId"]))["data"]
        assert {item["directoryId"] for item in inside} == {some[0]["directoryId"]}
        running = (await desk.get("/analytics/profiles/aggregates", aggregateType="RUNNING_AGGREGATE"))["data"]
        assert {item["name"] for item in running} == {"Running spend", "Running orders", "Largest order so far"}


@pytest.mark.parametrize("query", ["page=0", "page=a", "limit=0", "sortBy=name", "directoryId=x"])
async def test_a_bad_query_is_refused(sandbox: Sandbox, query: str) -> None:
    async with by_key(sandbox) as desk:
        assert (await desk.refused("GET", f"/analytics/profiles/metrics?{query}"))["status"] == 400


async def test_an_analysis_of_another_workspace_or_kind_is_not_found(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as main, by_key(sandbox, "__OUTLET") as outlet:
        metric = await outlet.id_of("metric", "Revenue")
        assert (await main.refused("GET", f"/analytics/profiles/metrics/{metric}"))["status"] == 404
        assert (await outlet.refused("GET", f"/analytics/profiles/funnels/{metric}"))["status"] == 404
        assert (await main.refused("GET", "/analytics/profiles/metrics/no-uuid"))["status"] == 400


async def test_only_definitions_with_dynamic_keys_are_dynamic(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as desk:
        metrics = (await desk.get("/analytics/profiles/metrics"))["data"]
    assert [item["name"] for item in metrics if item["isDynamicAnalytic"]] == ["Category revenue"]


@pytest.mark.parametrize("kind", ALL_TYPES)
async def test_each_type_has_one_default_directory_that_stays(sandbox: Sandbox, kind: str) -> None:
    async with by_key(sandbox) as desk:
        defaults = [item for item in await desk.get("/analytics/directories", analyticType=kind) if item["isDefault"]]
        assert len(defaults) == 1
        error = await desk.refused("DELETE", f"/analytics/directories/{defaults[0]['id']}")
    assert error["status"] == 400


async def test_analyses_of_a_deleted_directory_go_to_the_default_one(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as desk:
        made = (await desk.post("/analytics/directories", {"name": "Mine", "analyticType": "FUNNEL"}))["id"]
        funnel = await desk.id_of("funnel", "Visit to purchase")
        move = {"newDir": made, "analyticType": "FUNNEL"}
        assert (await desk.http.put(f"/analytics/directories/analyses/{funnel}", json=move)).status_code == 200
        assert (await desk.http.put(f"/analytics/directories/{made}", json={"newName": "Ours"})).status_code == 200
        listed = await desk.get("/analytics/directories", analyticType="FUNNEL")
        assert "Ours" in {item["name"] for item in listed}
        assert (await desk.get(f"/analytics/profiles/funnels/{funnel}"))["directoryId"] == made
        assert (await desk.http.delete(f"/analytics/directories/{made}")).status_code == 200
        home = next(item["id"] for item in listed if item["isDefault"])
        assert (await desk.get(f"/analytics/profiles/funnels/{funnel}"))["directoryId"] == home


async def test_an_analysis_moves_only_to_a_directory_of_its_type(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as desk:
        metrics = (await desk.get("/analytics/directories", analyticType="METRIC"))[0]["id"]
        path = f"/analytics/directories/analyses/{await desk.id_of('funnel', 'Visit to purchase')}"
        assert (await desk.refused("PUT", path, {"newDir": metrics, "analyticType": "FUNNEL"}))["status"] == 400
        assert (await desk.refused("PUT", path, {"newDir": metrics, "analyticType": "METRIC"}))["status"] == 404
        assert (await desk.refused("PUT", path, {"newDir": UNKNOWN, "analyticType": "FUNNEL"}))["status"] == 404


async def test_many_analyses_are_deleted_by_a_user_all_or_none(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as key, by_user(sandbox) as user, by_user(sandbox, None) as nowhere:
        nothing: dict[str, list[str]] = {f"{kind}Ids": [] for kind in KINDS}
        path = f"{V3}/batch-delete"
        funnel, report = await key.id_of("funnel", "Visit to purchase"), await key.id_of("report", "Campaign revenue")
        doomed = {**nothing, "funnelIds": [funnel], "reportIds": [report]}
        assert (await key.refused("POST", path, doomed))["status"] == 403
        assert (await nowhere.refused("POST", path, doomed))["status"] == 403
        assert (await user.refused("POST", path, {"funnelIds": [funnel]}))["status"] == 400
        assert (await user.refused("POST", path, {**doomed, "metricIds": [UNKNOWN]}))["status"] == 404
        await key.get(f"/analytics/profiles/funnels/{funnel}")
        assert (await user.http.post(path, json=doomed)).status_code == 200
        assert (await key.refused("GET", f"/analytics/profiles/funnels/{funnel}"))["status"] == 404
        assert (await key.refused("GET", f"/analytics/profiles/reports/{report}"))["status"] == 404


async def test_who_saved_it_is_kept(sandbox: Sandbox) -> None:
    async with by_key(sandbox) as key, by_user(sandbox) as user:
        definition = await key.definition("metric", "Orders")
        made = await key.post("/analytics/profiles/metrics", {"analysis": definition})
        changed = (await user.http.put(f"/analytics/profiles/metrics/{made}", json={"analysis": definition})).json()
    assert changed["author"] != changed["modifier"] == 7001


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PATCH", "/analytics/profiles/funnels", 405), ("GET", "/uauth/business-profile", 404)],
)
async def test_a_wrong_address_is_told_in_the_providers_own_error(
    sandbox: Sandbox, method: str, path: str, status: int
) -> None:
    async with by_key(sandbox) as desk:
        error = await desk.refused(method, path)
    assert (error["status"], error["path"]) == (status, path)


@pytest.mark.parametrize("label", ["", "__OUTLET"])
@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_workspace_starts_with_three_analyses_of_each_kind_some_in_a_directory(
    shared: Sandbox, kind: str, label: str
) -> None:
    async with by_key(shared, label) as desk:
        saved = (await desk.get(f"/analytics/profiles/{kind}s"))["data"]
        directories = await desk.get("/analytics/directories", analyticType=kind.upper())
    named = {item["id"] for item in directories if not item["isDefault"]}
    assert len(saved) >= 3
    assert named & {item["directoryId"] for item in saved}
