"""A run: what is sent of a plan, in which order, and when it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.contract.probing.plan import Ask
from audience_mcp.contract.probing.running import Probe
from audience_mcp.errors import NotReached

from .made import Answer, Provider, answer, no_route, operation, plan, probed, refusing, unknown_id

pytestmark = pytest.mark.anyio
PLAN = plan()
MISSING = PLAN.missing


def where(known: Callable[[Ask], bool]) -> Callable[[Ask], Answer]:
    """A provider that has routes where `known` says, and no object at all."""

    def rule(ask: Ask) -> Answer:
        if ask == PLAN.known:
            return unknown_id(ask)
        if "nonexistent" in ask.target or ask.method == "OPTIONS" or not known(ask):
            return no_route(ask)
        return answer(200, {"data": []}) if ask.method == "GET" else refusing(ask)

    return rule


def moved(ask: Ask) -> bool:
    """Everything is under the named resource: where it stands is learnt from the first that is found."""
    return ask.target.startswith("/analytics/profiles/")


async def test_what_was_proven_of_one_operation_is_tried_first_for_the_others() -> None:
    findings, provider = await probed(where(moved), PLAN)
    assert len(findings.of("proven")) == len(PLAN.operations) and findings.stopped is None
    assert len(provider.asked) <= 40 < len(PLAN.trials)
    for one in findings.found:
        assert one.trial is not None and moved(one.trial.ask)


async def test_nothing_is_asked_of_an_operation_that_is_proven() -> None:
    _, provider = await probed(where(lambda ask: True), PLAN)
    tried = [trial.candidate.operation.id for ask in provider.asked for trial in PLAN.trials if trial.ask == ask]
    assert sorted(tried) == sorted(one.id for one in PLAN.operations)


async def test_a_provider_that_has_none_of_them_disproves_all_in_the_end() -> None:
    made = plan(most=1000)
    findings, provider = await probed(where(lambda ask: False), made)
    assert {one.state for one in findings.found} == {"disproven"} and not findings.stopped
    assert len(provider.asked) <= len(made.trials) + 4


async def test_no_more_requests_are_sent_than_allowed_and_the_rest_stays_unknown() -> None:
    made = plan(most=7)
    findings, provider = await probed(where(lambda ask: False), made)
    assert len(provider.asked) == findings.requests == 7 and findings.limited
    assert {one.state for one in findings.found} == {"unknown"}
    assert any("one run sends 7 at most" in one.said for one in findings.found)
    assert any("so far" in one.said for one in findings.found)


@pytest.mark.parametrize(
    ("status", "said"), [(401, "credential is refused"), (429, "slow down"), (502, "fails"), (503, "fails")]
)
@pytest.mark.parametrize("after", [0, 3, 6])
async def test_the_first_sign_of_trouble_ends_the_run(status: int, said: str, after: int) -> None:
    usual = where(lambda ask: True)
    provider = Provider(lambda ask: usual(ask) if len(provider.asked) <= after else answer(status, {}))
    findings = await Probe(PLAN, provider.send, lambda *told: None).run()
    assert len(provider.asked) == after + 1
    assert findings.stopped is not None and said in findings.stopped and not findings.limited


async def test_one_failure_is_no_outage_and_two_in_a_row_are() -> None:
    funnels = "/funnels/"
    usual = where(lambda ask: not ask.target.endswith("funnels/preview"))
    guess = next(one.ask for one in PLAN.trials if one.candidate.operation.id == "preview_funnel")
    findings, _ = await probed(lambda ask: answer(500, {}) if ask == guess else usual(ask), plan(most=60))
    assert [one.operation.id for one in findings.of("unknown")] == ["preview_funnel"] and findings.stopped is None
    assert findings.of("unknown")[0].said == "a failure of the provider"
    findings, provider = await probed(lambda ask: answer(500, {}) if funnels in ask.target else usual(ask), PLAN)
    assert findings.stopped is not None and "fails (500)" in findings.stopped
    assert [funnels in ask.target for ask in provider.asked[-2:]] == [True, True]


async def test_a_provider_that_is_not_reached_ends_the_run_and_what_was_proven_stays() -> None:
    usual = where(lambda ask: True)
    sent: list[Ask] = []

    async def send(ask: Ask) -> Answer:
        sent.append(ask)
        if len(sent) > 8:
            raise NotReached("The host could not be reached.", "Check the network.")
        return usual(ask)

    findings = await Probe(PLAN, send, lambda *told: None).run()
    assert len(sent) == 9 and findings.stopped == "The host could not be reached"
    assert (findings.requests, findings.remedy) == (8, "Check the network.")
    assert findings.of("proven") and findings.of("unknown")


async def test_a_provider_that_answers_everything_alike_proves_nothing() -> None:
    for reply in (
        refusing,
        lambda ask: answer(200, {"data": [], "calculationResult": []}),
        lambda ask: answer(403, {}),
    ):
        findings, _ = await probed(reply, plan(most=1000))
        assert not findings.of("proven") and not findings.of("disproven")


async def test_a_route_that_takes_any_word_in_its_place_proves_nothing() -> None:
    def rule(ask: Ask) -> Answer:
        taken = re.search(r"/v3/(\w+)/[^/]+$", ask.target)
        return refusing(ask) if taken and ask.method == "POST" else where(lambda _: False)(ask)

    findings, _ = await probed(rule, plan(most=1000))
    assert not findings.of("proven")


async def test_options_goes_in_place_of_posting_where_it_tells_routes_apart() -> None:
    true = re.compile(r"/analytics/profiles/\w+/(.+/)?(calculate|preview)$")

    def rule(ask: Ask) -> Answer:
        if ask.method != "OPTIONS":
            return unknown_id(ask) if ask == PLAN.known else no_route(ask)
        if PLAN.known is not None and ask.target == PLAN.known.target:
            return answer(200, None, allow="GET, PUT, DELETE, OPTIONS")
        return answer(200, None, allow="POST, OPTIONS") if true.search(ask.target) else no_route(ask)

    findings, provider = await probed(rule, plan(most=1000))
    proven = {one.operation.id for one in findings.of("proven")}
    assert {"calculate_funnel", "preview_funnel", "preview_trend"} <= proven
    posted = [ask for ask in provider.asked if ask.method == "POST"]
    words = {trial.ask for trial in plan(most=1000).trials if trial.candidate.other_word}
    assert all(ask in words or "nonexistent" in ask.target for ask in posted)


async def test_options_that_promises_everything_everywhere_is_not_believed() -> None:
    usual = where(lambda ask: False)
    findings, provider = await probed(
        lambda ask: answer(204, None, allow="GET, POST, PUT") if ask.method == "OPTIONS" else usual(ask), PLAN
    )
    assert not findings.of("proven") and sum(ask.method == "OPTIONS" for ask in provider.asked) == 2


async def test_a_request_that_the_plan_does_not_list_is_not_sent() -> None:
    stranger = Ask("POST", "/analytics/profiles/funnels", True, operation=operation("create_funnel"))
    assert not {stranger, stranger.by_options()} & PLAN.requests()
    provider = Provider(no_route)
    with pytest.raises(ValueError, match="not in the plan"):
        await Probe(PLAN, provider.send, lambda *told: None)._ask(stranger)
    assert not provider.asked


@settings(deadline=None, max_examples=15)
@given(
    replies=st.lists(
        st.builds(
            answer,
            st.sampled_from([200, 201, 302, 400, 401, 403, 404, 405, 422, 429, 500, 503]),
            st.sampled_from([None, {"data": []}, {"message": "Not Found"}, {"message": "analysis, variables"}, [1]]),
            allow=st.sampled_from(["", "GET", "POST", "GET, POST, DELETE"]),
        ),
        min_size=1,
        max_size=5,
    ),
    most=st.integers(1, 60),
)
async def test_whatever_is_answered_only_the_plan_is_sent_once_and_within_its_bound(
    replies: list[Answer], most: int
) -> None:
    made = plan(most=most)
    findings, provider = await probed(lambda ask: replies[crc32(ask.target.encode()) % len(replies)], made)
    assert len(provider.asked) == len(set(provider.asked)) == findings.requests <= most
    allowed = made.requests()
    assert all(ask in allowed and ask.method in ("GET", "POST", "OPTIONS") for ask in provider.asked)
    assert {one.operation.id for one in findings.found} == {one.id for one in made.operations}
