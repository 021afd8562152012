"""Where an unconfirmed read is looked for: what the documented siblings suggest, and nowhere a write may be."""

from __future__ import annotations

import re

import pytest

from audience_mcp.contract.probing.plan import NIL, Ask
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers import PROVIDERS

from .made import SYNERISE, candidate, catalog, operation, operations, places, plan

READS = [one.id for one in operations() if one.tool.contract == "inferred" and one.access == "read"]
V3, NAMED = "/analytics/analytics/v3/funnels", "/analytics/profiles/funnels"
CREATES = operation("create_funnel")


def everything() -> list[Ask]:
    made = plan()
    listed = [made.known, *made.missing, *(one for trial in made.trials for one in (trial.ask, trial.control))]
    return [ask for ask in listed if ask is not None]


def answers(one: Operation, ask: Ask) -> bool:
    """Whether a request would be taken for this operation, by a rule of the test's own."""
    method = one.tool.sends.method if one.tool.sends else one.method
    return method == ask.method and bool(re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", one.path), ask.target))


def test_every_unconfirmed_read_is_probed_and_no_write_is() -> None:
    made = plan()
    assert {one.id for one in made.operations} == set(READS) and len(READS) > 20
    writes = {one.id for one in operations() if one.tool.contract in ("inferred", "sibling")} - set(READS)
    assert {one.id for one, _ in made.left_out} == writes
    assert all("changes something" in reason for _, reason in made.left_out)


def test_the_guess_comes_first_and_no_place_comes_twice() -> None:
    for name in READS:
        found = places(name)
        assert found[0] == f"{operation(name).method} {operation(name).path}"
        assert len(set(found)) == len(found) <= 8


def test_heads_are_those_of_documented_paths_and_the_most_frequent_come_first() -> None:
    assert places("preview_funnel") == [
        f"POST {V3}/preview",
        f"POST {NAMED}/preview",
        "POST /analytics/funnels/preview",
        "POST /analytics/analytics/definitions-manager/funnels/preview",
        "POST /analytics/analytics/v4/funnels/preview",
        "POST /analytics/analytics/funnels/preview",
    ]


def test_without_a_documented_sibling_that_shows_a_head_it_is_not_tried() -> None:
    fewer = [one for one in operations() if "/v4/" not in one.path and "definitions-manager" not in one.path]
    assert not any("v4" in place or "definitions-manager" in place for place in places("preview_funnel", fewer))
    alone = [operation("preview_funnel"), operation("get_funnel")]
    assert places("preview_funnel", alone) == [
        f"POST {V3}/preview",
        f"POST {NAMED}/preview",
        "POST /analytics/analytics/funnels/preview",  # our own without its version
    ]


def test_another_form_of_the_word_is_tried_below_an_id_alone() -> None:
    found = places("calculate_funnel")
    assert f"POST {V3}/{{funnelId}}/recalculate" in found  # as documented for metrics and reports
    assert f"POST {V3}/{{funnelId}}/calculations" in found
    assert not any(word in place for place in places("preview_funnel") for word in ("previews", "calculat"))
    assert all(one.other_word for one in map(lambda n: candidate("calculate_funnel", n), (6, 7)))


def test_a_read_without_a_body_is_also_looked_for_by_get() -> None:
    bodiless = operation("calculate_funnel").model_copy(update={"body": "none"})
    among = [bodiless if one.id == bodiless.id else one for one in operations()]
    assert f"GET {V3}/{{funnelId}}/calculate" in places("calculate_funnel", among)
    assert not any(place.startswith("GET") for place in places("calculate_funnel"))


@pytest.mark.parametrize("provider", [provider.id for provider in PROVIDERS])
def test_what_is_confirmed_is_never_probed(provider: str) -> None:
    probed = {f"{one.provider}_{one.id}" for one in plan().operations}
    for one in catalog().operations(provider):
        assert one.tool.contract in ("inferred", "sibling") or one.name not in probed


def test_no_request_of_the_plan_reaches_another_operation() -> None:
    made = plan()
    guesses = {trial.ask.target for trial in made.trials if trial.candidate.is_ours}
    for ask in everything():
        taken = [one.id for one in operations() if answers(one, ask)]
        own = [ask.operation.id] if ask == made.known or ask.target in guesses else []
        assert set(taken) <= set(own), (ask.method, ask.target, taken)


def test_every_request_reads_or_sends_an_empty_definition() -> None:
    for ask in everything():
        assert (ask.method, ask.body) in {("GET", False), ("POST", True)}
        assert "{" not in ask.target and not re.search(r"[0-9a-f]{8}-(?!0000)", ask.target)
        assert (ask.by_options().method, ask.by_options().body) == ("OPTIONS", False)


def test_the_address_where_an_object_would_be_created_is_never_tried() -> None:
    # A read that our document puts, by mistake or malice, where funnels are created; and at the bare resource.
    for path in (CREATES.path, "/analytics/analytics/v3/funnels", "/analytics/analytics/v3/funnels/{funnelId}"):
        lying = operation("preview_funnel").model_copy(update={"path": path, "constants": CREATES.constants})
        among = [lying if one.id == lying.id else one for one in operations()]
        assert places("preview_funnel", among) == []
        made = plan(among=among)
        assert not any(answers(CREATES, ask) for trial in made.trials for ask in (trial.ask, trial.control))


@pytest.mark.parametrize(
    "written",
    [
        "/analytics/{namespace}/funnels/preview",
        "/analytics/{namespace}/funnels/{funnelId}",
        "/analytics/{namespace}/{kind}/{id}",
        "/analytics/profiles/funnels/preview/",
    ],
)
@pytest.mark.parametrize("contract", ["seed", "inferred"])
def test_a_place_that_a_write_may_be_at_is_left_out(written: str, contract: str) -> None:
    writes = CREATES.model_copy(
        update={"id": "write", "path": written, "tool": CREATES.tool.model_copy(update={"contract": contract})}
    )
    assert f"POST {NAMED}/preview" in places("preview_funnel")
    assert f"POST {NAMED}/preview" not in places("preview_funnel", [*operations(), writes])


def test_a_place_where_another_method_is_sent_than_documented_is_left_out() -> None:
    sent = operation("delete_funnel")
    tool = type(sent.tool).model_validate({**sent.tool.model_dump(by_alias=True), "sends": {"method": "POST"}})
    posts = sent.model_copy(update={"id": "posts", "path": f"{NAMED}/{{funnelId}}", "tool": tool})
    assert f"POST {NAMED}/preview" not in places("preview_funnel", [*operations(), posts])


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_read_that_claims_a_writing_method_is_not_probed(method: str) -> None:
    odd = operation("calculate_funnel").model_copy(update={"method": method})
    among = [odd if one.id == odd.id else one for one in operations()]
    assert places("calculate_funnel", among) == []


def test_ids_are_ones_that_nothing_has_and_choices_the_first() -> None:
    made = plan()
    targets = {trial.candidate.operation.id: trial.ask.target for trial in made.trials if trial.candidate.is_ours}
    assert targets["calculate_funnel"] == f"{V3}/{NIL}/calculate"
    assert targets["preview_aggregate"] == "/analytics/profiles/aggregates/preview/by/id"


def test_a_control_differs_in_a_word_that_nothing_is_called_by() -> None:
    made = plan()
    for trial in made.trials:
        assert re.search(r"/nonexistent-[0-9a-f]{8}(/|$)", trial.control.target)
        assert trial.control.method == trial.ask.method
    assert made.provider == SYNERISE and len({ask.target for ask in made.missing}) == 2
