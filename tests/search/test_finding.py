"""search_tools answers with what is needed to call, within the budget; call_tool takes a name for what it means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audience_mcp.builtin.finding import Finding
from audience_mcp.errors import InvalidArguments
from audience_mcp.results.budget import estimate
from audience_mcp.results.summary import Summary
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Catalog, Offer
from audience_mcp.tools.finding import FINDING_NAMES

from .scoring import EVERY_PROVIDER, TUNED, questions

CATALOG = Catalog(Offer(EVERY_PROVIDER, preset="search"))
FINDING = Finding(Settings(), CATALOG)


def told(query: str, finding: Finding = FINDING, **arguments: Any) -> Summary:
    return finding.told({"query": query, **arguments}).summary


def found(summary: Summary) -> list[str]:
    return [str(row[0]) for row in summary.table.rows] if summary.table else []


def test_the_best_come_with_their_schemas_as_they_are_listed() -> None:
    summary = told("who is in this cohort")
    assert len(found(summary)) == 3
    assert summary.table is not None
    for name, access, description, schema in summary.table.rows:
        tool = CATALOG.wire(name)
        assert (description, schema) == (tool["description"], tool["inputSchema"])
        assert access in ("read", "write", "destructive", "session")
    text, structured = summary.text(), summary.structured()
    for name in found(summary):
        assert name in text
    assert json.dumps(CATALOG.wire(found(summary)[0])["inputSchema"]) in text
    assert [row[0] for row in structured["table"]["rows"]] == found(summary)


def test_the_next_best_are_named_and_each_name_leads_to_its_schema() -> None:
    summary = told("change the conditions of a segment")
    (rest,) = summary.left_out
    following = [word.strip(",. ") for word in rest.split() if "_" in word]
    assert len(following) == 8 and not set(following) & set(found(summary))
    for name in following:
        assert found(told(name, limit=1)) == [name]


@pytest.mark.parametrize("tokens", [200, 800])
def test_an_answer_stays_within_the_budget(tokens: int) -> None:
    finding = Finding(Settings(result_tokens=tokens), CATALOG)
    for question in questions(TUNED)[::20]:
        for limit in (1, 10):
            summary = told(question.ask[:60], finding, limit=limit)
            assert estimate(json.dumps(summary.structured())) <= tokens
            assert estimate(summary.text()) <= tokens
    nothing = told("qqqq", finding)
    assert estimate(json.dumps(nothing.structured())) <= tokens


def test_as_many_come_as_were_asked_for_where_they_fit() -> None:
    assert len(found(told("list the saved things", limit=1))) == 1
    assert 3 < len(found(told("which workspace am I in", limit=10))) <= 10


@pytest.mark.parametrize("provider", EVERY_PROVIDER)
def test_a_provider_narrows_the_search_to_its_tools(provider: str) -> None:
    names = found(told("list what there is", provider=provider))
    assert names and all(name.startswith(f"{provider}_") for name in names)


def test_where_nothing_fits_the_areas_are_named() -> None:
    summary = told("zzqx wvvk")
    assert summary.table is None and "No tool fits" in summary.headline
    assert "posthog (cohorts, " in summary.left_out[0] and "faraday (accounts, persona sets)" in summary.left_out[0]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "'query' is missing"),
        ({"query": ""}, "'query'"),
        ({"query": "x", "provider": "mixpanel"}, "'provider' must be one of"),
        ({"query": "x", "limit": 50}, "'limit'"),
        ({"query": "x" * 501}, "'query'"),
        ({"query": "x", "how": 1}, "no argument 'how'"),
    ],
)
def test_wrong_arguments_are_told(sent: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidArguments, match=said):
        FINDING.told(sent)


@pytest.mark.parametrize(
    "offer",
    [
        Offer(EVERY_PROVIDER, read_only=True, preset="search"),
        Offer(EVERY_PROVIDER, ("posthog.query", "giosg"), preset="core"),
        Offer(("faraday",), preset="search"),
    ],
)
def test_only_what_may_be_called_is_found(offer: Offer) -> None:
    catalog = Catalog(offer)
    finding = Finding(Settings(result_tokens=4000), catalog)
    offered = {tool["name"] for tool in catalog.offered()}
    for query in ("delete the cohort", "create a funnel", "run sql", "who am I", "export this"):
        summary = told(query, finding, limit=10)
        following = {word.strip(",. ") for part in summary.left_out for word in part.split() if "_" in word}
        assert set(found(summary)) | following <= offered
        assert not FINDING_NAMES & set(found(summary))


def test_call_tool_means_the_tool_it_names() -> None:
    assert FINDING.meant({"name": "get_session"}) == ("get_session", {})
    arguments = {"id": 5, "confirm": "x"}
    assert FINDING.meant({"name": " posthog_get_cohort ", "arguments": arguments}) == ("posthog_get_cohort", arguments)
    as_text = {"name": "posthog_get_cohort", "arguments": json.dumps(arguments)}
    assert FINDING.meant(as_text) == ("posthog_get_cohort", arguments)
    assert FINDING.meant({"name": "search_tools", "arguments": {"query": "x"}})[0] == "search_tools"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("posthog_list_cohort", "posthog_list_cohorts"),
        ("delete_funnel", "synerise_delete_funnel"),
        ("faraday_personas", "faraday_"),
        ("runSqlQuery", "posthog_run_query"),
    ],
)
def test_a_name_that_no_tool_has_is_answered_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        FINDING.meant({"name": name})
    assert near in caught.value.message and "search_tools" in caught.value.remedy


def test_call_tool_does_not_call_itself() -> None:
    with pytest.raises(InvalidArguments, match="not itself"):
        FINDING.meant({"name": "call_tool", "arguments": {"name": "get_session"}})


@pytest.mark.parametrize("sent", [{}, {"name": 5}, {"name": "get_session", "arguments": [1]}, {"tool": "get_session"}])
def test_what_call_tool_is_sent_is_checked(sent: dict[str, Any]) -> None:
    with pytest.raises(InvalidArguments, match="call_tool was not called"):
        FINDING.meant(sent)
