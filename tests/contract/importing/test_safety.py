"""Where a document may not move one of our tools, whatever its titles say."""

from __future__ import annotations

import pytest

from .made import FUNNEL_TITLE, Node, examined, matched, openapi, operation, paired

FUNNELS = "/analytics/profiles/funnels"
LOGIN: Node = {"type": "object", "properties": {"username": {"type": "string"}, "password": {"type": "string"}}}


@pytest.mark.parametrize(
    "word", ["delete", "batch-delete", "removal", "duplicate", "archive", "rename", "import", "bulkDelete", "deleteall"]
)
@pytest.mark.parametrize("method", ["post", "get"])
def test_a_read_is_never_moved_to_an_address_that_names_a_change(word: str, method: str) -> None:
    found = matched(openapi({f"{FUNNELS}/{{id}}/{word}": {method: operation(FUNNEL_TITLE)}}))
    assert not found.matches
    if method == "post":
        assert [name for name, _ in found.refused] == ["synerise_calculate_funnel"]


def test_a_word_for_a_change_counts_wherever_it_stands_in_the_address() -> None:
    found = matched(openapi({f"{FUNNELS}/delete/{{id}}/calculate": {"post": operation(FUNNEL_TITLE)}}))
    ((name, reason),) = found.refused
    assert name == "synerise_calculate_funnel" and "names a change (delete)" in reason


def test_a_word_for_a_change_counts_beside_a_parameter() -> None:
    found = matched(openapi({f"{FUNNELS}/calculate/{{id}}:delete": {"post": operation(FUNNEL_TITLE)}}))
    assert [name for name, _ in found.refused] == ["synerise_calculate_funnel"]


@pytest.mark.parametrize("path", [f"{FUNNELS}/{{id}}", f"{FUNNELS}/{{id}}/go", FUNNELS])
def test_a_read_is_never_moved_to_a_post_whose_address_says_of_no_reading(path: str) -> None:
    found = matched(openapi({path: {"post": operation(FUNNEL_TITLE)}}))
    assert not [one for one in found.matches if one.ours.operation.access == "read"]
    assert "synerise_calculate_funnel" in dict([*found.refused, *found.ambiguous])


def test_a_read_is_never_moved_to_where_a_request_may_be_a_write_of_ours() -> None:
    path = "/analytics/preview/funnels"  # with `preview` for the namespace, that is where ours creates a funnel
    found = matched(openapi({path: {"post": operation("Preview funnel calculation")}}))
    assert not found.matches
    assert "could be synerise_create_funnel, a write" in dict(found.refused)["synerise_preview_funnel"]


@pytest.mark.parametrize("word", ["calculate", "recalculate", "calculations", "calculate-now"])
def test_a_read_moves_to_where_its_own_word_still_stands(word: str) -> None:
    path = f"{FUNNELS}/{{id}}/{word}"
    found = matched(openapi({path: {"post": operation(FUNNEL_TITLE)}}))
    assert paired(found) == {"synerise_calculate_funnel": f"POST {path}"}


def test_a_read_does_not_move_to_where_another_word_stands_for_its_own() -> None:
    found = matched(openapi({f"{FUNNELS}/{{id}}/list": {"post": operation(FUNNEL_TITLE)}}))
    assert [name for name, _ in found.refused] == ["synerise_calculate_funnel"]


def test_a_write_is_never_moved_to_an_address_that_names_a_deletion() -> None:
    found = matched(openapi({"/analytics/directories/analyses/all/delete": {"put": operation("Change Directory")}}))
    assert not found.matches
    assert [name for name, _ in found.refused] == ["synerise_move_analysis"]


def test_a_tool_that_carries_a_credential_is_moved_by_no_title_and_that_is_told() -> None:
    found = matched(openapi({"/uauth/v9/steal/auth/login/user": {"post": operation("Log in as User", LOGIN)}}))
    assert not found.matches
    ((name, reason),) = found.refused
    assert name == "synerise_log_in_user" and "credential" in reason


def test_a_tool_that_carries_a_credential_is_still_found_by_method_and_path() -> None:
    found = matched(openapi({"/uauth/auth/login/user": {"post": operation("Log in as User", LOGIN)}}))
    assert paired(found) == {"synerise_log_in_user": "POST /uauth/auth/login/user"}


def test_a_deletion_is_unaffected_by_the_word_in_its_own_address() -> None:
    path = "/analytics/v3/analyses/batch-delete"
    found = examined(openapi({path: {"post": operation("Delete multiple analyses")}}))
    assert [one.operation for one in found.corrections] == ["synerise_delete_analyses"]
