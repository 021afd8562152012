"""What one answer proves, beside how the provider answers where nothing is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from audience_mcp.contract.probing.judging import Evidence, Judge, by_options, confirmed, fits
from audience_mcp.contract.probing.plan import NIL, Ask

from .made import Answer, answer, answered, candidate, no_route, operation, plan, refusing, unknown_id

PLAN = plan()
assert PLAN.known is not None
KNOWN = answered(PLAN.known, unknown_id(PLAN.known))
MISSING = tuple(answered(ask, no_route(ask)) for ask in PLAN.missing)
JUDGE = Judge(MISSING, KNOWN)
CALCULATE, PREVIEW, LIST = candidate("calculate_funnel"), candidate("preview_funnel"), candidate("list_trends")
RENAMED = next(one for n in range(8) if (one := candidate("calculate_funnel", n)).template.tail[-1] == "recalculate")
HTML = {"content-type": "text/html"}


def ask_of(found: Any) -> Ask:
    target = found.path.replace("{funnelId}", NIL).replace("{namespace}", "profiles")
    return Ask(found.method, target, found.method == "POST", operation=found.operation)


def judged(found: Any, reply: Answer, judge: Judge = JUDGE) -> Evidence:
    return judge.told(found, answered(ask_of(found), reply))


@pytest.mark.parametrize("status", [400, 415, 422])
def test_a_refused_definition_proves_the_route(status: int) -> None:
    assert judged(PREVIEW, answer(status, {"status": status, "message": "analysis: required"})).verdict == "proven"


@pytest.mark.parametrize(
    "reply",
    [
        answer(400, ["another form"]),
        answer(400, {"code": 1}),  # shares nothing with the provider's own error object
        Answer(400, b"<h1>Bad request</h1>", HTML),
        Answer(422, b"", HTML),
    ],
)
def test_a_refusal_by_something_else_proves_nothing(reply: Answer) -> None:
    assert judged(PREVIEW, reply).verdict == "nothing"


@pytest.mark.parametrize("status", [301, 302, 307, 308, 401, 402, 403, 406, 409, 418, 500])
def test_statuses_that_speak_of_something_else_prove_nothing(status: int) -> None:
    assert judged(CALCULATE, answer(status, {"status": status, "message": "x"})).verdict == "nothing"


def test_a_missing_permission_says_so() -> None:
    assert "permission" in judged(PREVIEW, answer(403, {"status": 403})).said


def test_the_answer_of_an_address_that_cannot_exist_disproves() -> None:
    assert judged(PREVIEW, no_route(ask_of(PREVIEW))).verdict == "disproven"
    assert judged(CALCULATE, no_route(ask_of(CALCULATE))).verdict == "disproven"


def test_an_unknown_id_at_a_known_route_proves_it() -> None:
    assert judged(CALCULATE, unknown_id(ask_of(CALCULATE))).verdict == "proven"
    # Without an id in the address there is nothing that could be unknown.
    assert judged(PREVIEW, unknown_id(ask_of(PREVIEW))).verdict == "nothing"


def test_where_the_provider_answers_both_alike_404_proves_nothing() -> None:
    alike = Judge(MISSING, answered(KNOWN.ask, no_route(KNOWN.ask)))
    assert judged(CALCULATE, no_route(ask_of(CALCULATE)), alike).verdict == "nothing"
    assert judged(PREVIEW, no_route(ask_of(PREVIEW)), alike).verdict == "disproven"
    unasked = Judge(MISSING, None)
    assert judged(CALCULATE, unknown_id(ask_of(CALCULATE)), unasked).verdict == "nothing"


def test_where_unknown_addresses_are_answered_differently_each_time_a_difference_proves_nothing() -> None:
    first, second = PLAN.missing
    unsteady = Judge(
        (answered(first, no_route(first)), answered(second, answer(404, {"status": 404, "message": "No luck"}))), KNOWN
    )
    assert judged(CALCULATE, unknown_id(ask_of(CALCULATE)), unsteady).verdict == "nothing"


@pytest.mark.parametrize(
    "noise",
    [
        {"timestamp": "2026-11-21T08:00:00.123Z", "trace": "9f86d081884c7d65"},
        {"timestamp": "2027-01-02T18:59:59Z", "trace": "2c26b46b68ffc68f"},
        {"timestamp": 1795000000, "trace": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"},
    ],
)
def test_moments_and_ids_in_an_error_do_not_count_as_a_difference(noise: dict[str, Any]) -> None:
    def told(ask: Ask) -> Answer:
        return answer(404, {"message": f"No handler for {ask.method} {ask.target}", **noise, "n": 7})

    judge = Judge(tuple(answered(ask, told(ask)) for ask in PLAN.missing), KNOWN)
    assert judged(PREVIEW, told(ask_of(PREVIEW)), judge).verdict == "disproven"


def test_a_success_in_the_documented_shape_proves_and_another_does_not() -> None:
    assert judged(LIST, answer(200, {"data": [], "meta": {}})).verdict == "proven"
    assert judged(PREVIEW, answer(200, {"calculationResult": []})).verdict == "proven"
    others: list[object] = [{"calculationResult": {}}, {"data": []}, [], None, "ok"]
    for value in others:
        assert judged(PREVIEW, answer(200, value)).verdict == "nothing"
    assert judged(LIST, Answer(200, b"<html>", HTML)).verdict == "nothing"


def test_shapes_are_read_by_items_or_by_columns() -> None:
    ask = ask_of(PREVIEW)
    assert fits(operation("calculate_dynamic_metric"), answered(ask, answer(200, {"result": 1, "metricData": {}})))
    assert fits(
        operation("list_profile_card_segmentations"), answered(ask, answer(200, [{"name": "a", "id": "b", "more": 1}]))
    )
    assert not fits(operation("list_profile_card_segmentations"), answered(ask, answer(200, [])))
    assert not fits(operation("check_profile_segmentations"), answered(ask, answer(200, [])))  # nothing is documented


def test_a_refused_method_disproves_and_tells_what_is_taken() -> None:
    found = judged(CALCULATE, answer(405, {}, allow="GET, HEAD"))
    assert found.verdict == "disproven" and "GET, HEAD" in found.said


def test_another_word_than_ours_needs_a_field_of_the_operation_to_be_named() -> None:
    assert RENAMED.other_word
    assert judged(RENAMED, answer(400, {"status": 400, "message": "variables: must not be null"})).verdict == "proven"
    for message in ("id: must not be null", "variablesets", "the definition is empty"):
        assert judged(RENAMED, answer(400, {"status": 400, "message": message})).verdict == "nothing"
    assert judged(RENAMED, unknown_id(ask_of(RENAMED))).verdict == "nothing"
    assert judged(RENAMED, answer(200, {"calculationResult": []})).verdict == "nothing"


def test_what_an_address_beside_it_is_answered_as_well_is_no_proof() -> None:
    trial = next(one for one in PLAN.trials if one.candidate.operation.id == "preview_funnel")
    reply, proof = answered(trial.ask, refusing(trial.ask)), Evidence("proven", "x")
    assert confirmed(proof, reply, answered(trial.control, no_route(trial.control))) == proof
    assert confirmed(proof, reply, answered(trial.control, answer(405, {}))) == proof
    assert confirmed(proof, reply, answered(trial.control, refusing(trial.control))).verdict == "nothing"
    assert confirmed(proof, reply, answered(trial.control, answer(200, {}))).verdict == "nothing"
    # A text that repeats the address is the same text.
    words = [answer(400, {"message": f"{ask.target.split('/')[-1]} is no UUID"}) for ask in (trial.ask, trial.control)]
    assert confirmed(proof, answered(trial.ask, words[0]), answered(trial.control, words[1])).verdict == "nothing"
    disproof = Evidence("disproven", "y")
    assert confirmed(disproof, reply, reply) == disproof


def test_options_tells_by_the_methods_it_names() -> None:
    asked = ask_of(CALCULATE).by_options()
    silent = answered(replace(asked, target="/nonexistent"), answer(404, {"message": "Not Found"}))
    taken = by_options(CALCULATE, answered(asked, answer(200, None, allow="post, OPTIONS")), silent)
    assert taken.verdict == "proven"
    other = by_options(CALCULATE, answered(asked, answer(405, None, allow="GET,PUT,DELETE")), silent)
    assert other.verdict == "disproven" and "GET, PUT, DELETE only" in other.said
    assert by_options(CALCULATE, answered(asked, answer(404, {"message": "Not Found"})), silent).verdict == "disproven"
    assert by_options(CALCULATE, answered(asked, answer(403, {})), silent).verdict == "nothing"
