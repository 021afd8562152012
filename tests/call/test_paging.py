"""`all_pages`: every style of paging to its end, without ever following a link to another place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
import respx

from audience_mcp.call.paging import MOST_PAGES
from audience_mcp.call.pointer import at

from .conftest import Opens
from .desk import SECRETS, WORKSPACES, Desk, good
from .sample import least, operation, operations

pytestmark = pytest.mark.anyio
LIST, COHORTS, HISTORY = "synerise_list_funnels", "posthog_list_cohorts", "posthog_list_cohort_calculation_history"
ACTIVITY, PERSONS = "posthog_list_all_cohort_activity", "posthog_list_cohort_persons"
PAGED = [o.name for o in operations() if o.tool.paging]
ITEMS = [{"id": number, "name": f"item {number}"} for number in range(1, 24)]
Query = Mapping[str, str]


def answered(edge: respx.MockRouter, tool: str, page: Callable[[Query], Any]) -> list[dict[str, str]]:
    """Answer a tool's address by what the query asks; returns the queries that arrive."""
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        return httpx.Response(200, json=page(request.url.params))

    end = operation(tool).path.rpartition("}/")[2]
    edge.get(url__regex=rf"/{end}(\?|$)").mock(side_effect=answer)
    return asked


def offset_page(query: Query, size: int = 10, link: str = "https://us.posthog.com/x/?limit={0}&offset={1}") -> Any:
    start, limit = int(query.get("offset", 0)), int(query.get("limit", size))
    following = link.format(limit, start + limit) if start + limit < len(ITEMS) else None
    return {"count": len(ITEMS), "next": following, "previous": None, "results": ITEMS[start : start + limit]}


def numbered_page(query: Query, most: int = 100) -> Any:
    number, limit = int(query.get("page", 1)), min(int(query.get("limit", 50)), most)
    return {"meta": {"totalCount": len(ITEMS)}, "data": ITEMS[(number - 1) * limit : number * limit]}


def bare(query: Query) -> Any:
    return offset_page(query, link="?limit={0}&offset={1}")


def plain(query: Query) -> Any:
    return offset_page(query, link="limit={0}&offset={1}")


def relative(query: Query) -> Any:
    """People: no count, links without a host, pages that hold fewer than their limit."""
    page = offset_page(query, link="/api/projects/7/cohorts/3/persons?offset={1}&limit={0}&format=json")
    return {"results": page["results"][:-1], "next": page["next"], "previous": None}


def activity(query: Query) -> Any:
    number = int(query.get("page", 1))
    following = f"https://us.posthog.com/api/projects/7/cohorts/activity/?page={number + 1}" if number < 3 else None
    return {"results": ITEMS[(number - 1) * 10 : number * 10], "next": following, "total_count": len(ITEMS)}


STYLES: dict[str, tuple[str, Callable[[Query], Any], dict[str, Any], int]] = {
    "pages by number": (LIST, numbered_page, {"limit": 10}, 23),
    "pages that a limit cannot widen": (LIST, lambda query: numbered_page(query, 10), {"limit": 500}, 23),
    "absolute links": (COHORTS, offset_page, {"limit": 10}, 23),
    "links of the provider's own size": (COHORTS, offset_page, {}, 23),
    "bare query strings": (HISTORY, bare, {"id": 3}, 23),
    "bare query strings without a mark": (HISTORY, plain, {"id": 3}, 23),
    "relative links and short pages": (PERSONS, relative, {"id": 3}, 20),
    "activity by page number": (ACTIVITY, activity, {}, 23),
}


@pytest.mark.parametrize("style", STYLES)
async def test_every_style_is_read_to_its_end(desk: Desk, style: str) -> None:
    tool, page, arguments, count = STYLES[style]
    asked = answered(desk.edge, tool, page)
    told = good(await desk.run(tool, **arguments, all_pages=True))
    items = at(desk.kept(told), operation(tool).tool.paging.items)  # type: ignore[union-attr]
    assert [item["id"] for item in items] == sorted({item["id"] for item in items}) and len(items) == count
    assert told.structured["provenance"]["complete"] is True
    assert "3 pages" in json.dumps(told.structured)
    assert len(asked) == 3


@pytest.mark.parametrize("style", STYLES)
async def test_one_page_of_several_is_told_as_partial(desk: Desk, style: str) -> None:
    tool, page, arguments, _ = STYLES[style]
    asked = answered(desk.edge, tool, page)
    told = good(await desk.run(tool, **arguments))
    assert len(asked) == 1 and told.structured["provenance"]["complete"] is False


@pytest.mark.parametrize(
    ("tool", "page", "arguments"),
    [
        (LIST, numbered_page, {"page": 3, "limit": 10}),
        (ACTIVITY, activity, {"page": 3}),
        (COHORTS, offset_page, {"offset": 20}),
    ],
)
@pytest.mark.parametrize("all_pages", [False, True])
async def test_the_last_page_alone_is_not_the_whole_list(
    desk: Desk, tool: str, page: Callable[[Query], Any], arguments: dict[str, Any], all_pages: bool
) -> None:
    answered(desk.edge, tool, page)
    told = good(await desk.run(tool, **arguments, all_pages=all_pages))
    assert told.structured["provenance"]["complete"] is False


@pytest.mark.parametrize("tool", PAGED)
async def test_a_list_on_one_page_is_complete(desk: Desk, tool: str) -> None:
    desk.edge.get(url__regex="/(profiles|api/projects/7/.+|organizations/.*)").respond(json=_one_page(tool))
    told = good(await desk.run(tool, **least(tool), all_pages=True))
    assert told.structured["provenance"]["complete"] is True


def _one_page(tool: str) -> Any:
    people = [{"uuid": "u", "distinct_ids": ["robin"], "properties": {}}]
    nested = operation(tool).tool.paging.items == "/results/0/people"  # type: ignore[union-attr]
    return {"data": ITEMS[:2], "results": [{"people": people, "count": 1}] if nested else people, "next": None}


async def test_people_within_a_first_entry_are_merged_in_their_place(desk: Desk) -> None:
    def page(query: Query) -> Any:
        start = int(query.get("offset", 0))
        people = [{"uuid": f"u{start}", "distinct_ids": [f"d{start}"], "properties": {}}]
        return {"results": [{"people": people, "count": 1}], "next": "/x?limit=1&offset=1" if not start else None}

    answered(desk.edge, "posthog_get_persons_trends", page)
    told = good(await desk.run("posthog_get_persons_trends", all_pages=True))
    kept = desk.kept(told)
    assert [person["uuid"] for person in kept["results"][0]["people"]] == ["u0", "u1"]
    assert told.structured["kind"] == "persons"


@pytest.mark.parametrize("host", ["https://elsewhere.test", "//elsewhere.test", "http://[::1"])
async def test_a_link_to_another_place_never_leads_there(desk: Desk, host: str) -> None:
    elsewhere = desk.edge.route(host="elsewhere.test").respond(200)
    link = host + "/steal?limit={0}&offset={1}&search=other&deleted=true#x"
    asked = answered(desk.edge, COHORTS, lambda query: offset_page(query, link=link))
    good(await desk.run(COHORTS, search="mine", all_pages=True))
    assert not elsewhere.called and len(asked) == 3
    assert all(query["search"] == "mine" and "deleted" not in query for query in asked)


async def test_filters_stay_as_they_were_passed(desk: Desk) -> None:
    link = "https://us.posthog.com/x?offset={1}&limit={0}&properties=garbled&search=else"
    asked = answered(desk.edge, PERSONS, lambda query: offset_page(query, link=link))
    properties = [{"key": "city", "value": ["Turku"], "type": "person", "operator": "exact"}]
    good(await desk.run(PERSONS, id=3, properties=properties, search="ro bin", all_pages=True))
    assert [json.loads(query["properties"]) for query in asked] == [properties] * 3
    assert {query["search"] for query in asked} == {"ro bin"}
    assert [query.get("offset") for query in asked] == [None, "10", "20"]


@pytest.mark.parametrize(
    "link",
    ["/x?offset=0&limit=10", "/x?offset=²", "/x?offset=-10", f"/x?offset={'9' * 5000}", "/x?cursor=abc", "/x", 7, True],
)
async def test_a_link_that_leads_nowhere_new_ends_the_reading_as_partial(desk: Desk, link: Any) -> None:
    asked = answered(desk.edge, COHORTS, lambda query: {"results": ITEMS[:10], "next": link})
    told = good(await desk.run(COHORTS, all_pages=True, limit=10, offset=0))
    assert len(asked) == 1 and told.structured["provenance"]["complete"] is False
    assert "page 2 and later: the provider says there is more, and not where." in told.text


async def test_links_in_a_circle_end_the_reading(desk: Desk) -> None:
    circle = {"0": "10", "10": "20", "20": "0"}
    asked = answered(
        desk.edge,
        COHORTS,
        lambda query: {"results": [{"id": query.get("offset")}], "next": f"/x?offset={circle[query['offset']]}"},
    )
    told = good(await desk.run(COHORTS, offset=0, all_pages=True))
    assert len(asked) == 3 and told.structured["provenance"]["complete"] is False
    assert "page 4 and later: the provider repeats a page that was read." in told.text


async def test_a_provider_that_repeats_a_page_is_not_counted_twice(desk: Desk) -> None:
    asked = answered(desk.edge, LIST, lambda query: {"data": ITEMS[:10]})  # the page number is ignored
    told = good(await desk.run(LIST, limit=10, all_pages=True))
    assert len(asked) == 2 and len(desk.kept(told)["data"]) == 10
    assert told.structured["provenance"]["complete"] is False


async def test_the_number_of_pages_is_bounded(desk: Desk) -> None:
    asked = answered(desk.edge, LIST, lambda query: {"data": [{"id": query.get("page", "1")}]})
    told = good(await desk.run(LIST, limit=1, all_pages=True))
    assert len(asked) == MOST_PAGES == len(desk.kept(told)["data"])
    assert told.structured["provenance"]["complete"] is False


async def test_all_pages_together_keep_to_the_bound_of_one_answer(opens: Opens) -> None:
    desk = opens(SECRETS | WORKSPACES | {"AUDIENCE_MCP_MAX_RESPONSE_MB": "0.01"})
    asked = answered(desk.edge, COHORTS, lambda query: offset_page(query, 1) | {"note": "x" * 3000})
    told = good(await desk.run(COHORTS, all_pages=True))
    assert len(asked) == 3 and told.structured["provenance"]["bytes"] <= 10_000
    assert told.structured["provenance"]["complete"] is False and "partial" in told.text
    assert "page 4 and later: one call reads 0.01 MB at most." in told.text and "offset=3" in told.text


@pytest.mark.parametrize(
    ("fails", "kind", "remedy"),
    [
        (lambda: httpx.Response(503), "provider_unavailable", "Try again in a minute"),
        (lambda: httpx.Response(429, headers={"Retry-After": "50"}), "rate_limited", "Wait 50 s"),
        (lambda: httpx.Response(401), "credentials_rejected", "HTTP 401"),
    ],
)
async def test_a_page_that_fails_keeps_the_pages_before_it_and_says_how_to_go_on(
    desk: Desk, fails: Callable[[], httpx.Response], kind: str, remedy: str
) -> None:
    desk.edge.get(url__regex="/cohorts/.*offset").mock(side_effect=lambda request: fails())
    desk.edge.get(url__regex="/cohorts/").respond(json=offset_page({}))
    told = good(await desk.run(COHORTS, limit=10, all_pages=True))
    assert desk.kept(told)["results"] == ITEMS[:10] and told.structured["provenance"]["complete"] is False
    for said in (told.text, " ".join(told.structured["left_out"])):
        assert f"page 2 and later: {kind}, " in said and remedy in said
        assert "repeat the call with offset=10; it gives a result of its own." in said


async def test_the_first_page_that_fails_fails_the_call_with_its_kind(desk: Desk) -> None:
    desk.edge.get(url__regex="/cohorts/").respond(429)
    assert (await desk.refused(COHORTS, all_pages=True))["kind"] == "rate_limited"


async def test_where_the_reading_stopped_it_can_go_on(desk: Desk) -> None:
    asked = answered(desk.edge, LIST, lambda query: {"data": [{"id": query.get("page", "1")}]})
    told = good(await desk.run(LIST, limit=1, all_pages=True))
    assert "Left out: page 101 and later: one call reads 100 pages at most." in told.text
    assert "repeat the call with page=101" in told.text
    good(await desk.run(LIST, limit=1, page=101, all_pages=True))
    assert [query.get("page") for query in asked[99:102]] == ["100", "101", "102"]


async def test_a_page_of_another_shape_ends_the_list_and_leaves_it_as_it_is(desk: Desk) -> None:
    pages = [httpx.Response(200, json=offset_page({})), httpx.Response(200, text="try later")]
    desk.edge.get(url__regex="/cohorts/").mock(side_effect=pages)
    told = good(await desk.run(COHORTS, all_pages=True))
    assert desk.kept(told)["results"] == ITEMS[:10] and told.structured["provenance"]["complete"] is False


@pytest.mark.parametrize("tool", ["giosg_list_workflows", "faraday_list_persona_sets", "synerise_list_directories"])
async def test_a_list_without_pages_does_not_offer_them(desk: Desk, tool: str) -> None:
    found = await desk.refused(tool, **least(tool), all_pages=True)
    assert found["kind"] == "invalid_arguments" and "all_pages" in found["message"]


async def test_an_expired_result_names_the_call_with_its_pages(desk: Desk) -> None:
    answered(desk.edge, COHORTS, offset_page)
    told = good(await desk.run(COHORTS, all_pages=True, workspace="7"))
    assert told.outcome is not None
    desk.clock.now += 8 * 24 * 3600
    found = await desk.refused("read_result", handle=told.outcome.handle)
    assert found["kind"] == "result_expired"
    assert '"all_pages":true' in found["remedy"] and '"workspace":"7"' in found["remedy"]
