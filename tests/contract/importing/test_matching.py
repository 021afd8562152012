"""Which of their operations is which of ours, and what is left alone."""

from __future__ import annotations

import pytest

from .made import FUNNEL, FUNNEL_TITLE, OVERRIDES, Node, in_path, matched, openapi, operation, paired

TREND = "/analytics/analytics/v3/trends/{id}"


def test_the_same_method_and_path_is_the_same_operation_whatever_its_parameters_are_called() -> None:
    found = matched(openapi({"/analytics/{ns}/funnels/{funnel_id}": {"get": operation("")}}))
    assert paired(found) == {"synerise_get_funnel": "GET /analytics/{ns}/funnels/{funnel_id}"}
    assert found.matches[0].reason == "same method and path"


def test_a_constant_of_ours_may_be_spelled_out_and_a_last_slash_may_differ() -> None:
    found = matched(openapi({"/analytics/profiles/funnels/": {"get": operation("")}}))
    assert paired(found) == {"synerise_list_funnels": "GET /analytics/profiles/funnels/"}


def test_another_path_is_found_by_its_title() -> None:
    found = matched(openapi({FUNNEL: {"post": operation(FUNNEL_TITLE.upper())}}))
    assert paired(found) == {"synerise_calculate_funnel": f"POST {FUNNEL}"}
    assert "same title" in found.matches[0].reason


def test_another_verb_is_found_by_path_and_title() -> None:
    preview = "/analytics/analytics/v3/funnels/preview"
    found = matched(openapi({preview: {"get": operation("Preview funnel calculation")}}))
    assert paired(found) == {"synerise_preview_funnel": f"GET {preview}"}


def test_an_address_of_ours_that_bears_the_title_of_another_tool_is_not_clear() -> None:
    found = matched(openapi({"/analytics/{namespace}/trends/": {"post": operation("List trends")}}))
    assert [name for name, _ in found.ambiguous] == ["synerise_create_trend"]


def test_an_untitled_operation_is_found_by_the_end_of_its_path_and_its_arguments() -> None:
    body = {"type": "object", "properties": {name: {} for name in ("variables", "dateFilter", "aggregateDataBy")}}
    found = matched(openapi({"/reckoning/v9/trends/{id}/calculate": {"post": operation("", body)}}))
    assert paired(found) == {"synerise_calculate_trend": "POST /reckoning/v9/trends/{id}/calculate"}
    assert "trends/calculate" in found.matches[0].reason and "dateFilter" in found.matches[0].reason


def test_the_end_of_a_path_alone_is_not_enough() -> None:
    body = {"type": "object", "properties": {"sql": {"type": "string"}, "variables": {}}}
    found = matched(openapi({"/reckoning/v9/trends/{id}/calculate": {"post": operation("", body)}}))
    assert not found.matches
    assert [str(one) for one in found.extra] == ["POST /reckoning/v9/trends/{id}/calculate"]


def test_a_title_on_another_kind_of_object_is_not_enough() -> None:
    assert not matched(openapi({"/warehouse/cubes/{id}": {"post": operation(FUNNEL_TITLE)}})).matches


def test_two_that_fit_alike_are_left_alone_and_told() -> None:
    paths: Node = {f"/analytics/v{n}/funnels/{{id}}/recalculate": {"post": operation(FUNNEL_TITLE)} for n in (7, 8)}
    found = matched(openapi(paths))
    assert not found.matches
    ((name, why),) = found.ambiguous
    assert name == "synerise_calculate_funnel"
    assert "v7" in why and "v8" in why


@pytest.mark.parametrize("method", ["delete", "put", "patch"])
def test_a_read_is_never_taken_for_another_kind_of_verb(method: str) -> None:
    found = matched(openapi({FUNNEL: {method: operation(FUNNEL_TITLE)}}))
    assert not found.matches
    ((name, why),) = found.refused
    assert name == "synerise_calculate_funnel"
    assert f"{method.upper()} is no verb for that" in why


def test_a_write_is_never_taken_for_a_deletion() -> None:
    path = "/analytics/directories/analyses/{analyticId}"
    found = matched(openapi({path: {"delete": operation("Change Directory")}}))
    assert [name for name, _ in found.refused] == ["synerise_move_analysis"]


@pytest.mark.parametrize("title", ["Remove trend preview", "deleteTrendPreview", "Save trend preview"])
def test_a_read_whose_title_there_writes_or_deletes_is_refused(title: str) -> None:
    found = matched(openapi({"/analytics/analytics/v3/trends/preview": {"post": operation(title)}}))
    assert not found.matches
    assert [name for name, _ in found.refused] == ["synerise_preview_trend"]


def test_a_guessed_deletion_may_have_another_deleting_verb_by_its_title() -> None:
    found = matched(
        openapi({"/analytics/analytics/v3/batch-delete": {"delete": operation("Delete multiple analyses")}})
    )
    assert paired(found) == {"synerise_delete_analyses": "DELETE /analytics/analytics/v3/batch-delete"}


def test_what_is_documented_or_carries_a_credential_keeps_its_verb() -> None:
    paths = {
        "/analytics/{namespace}/funnels/": {"post": operation("List funnels")},
        "/uauth/auth/login/user": {"put": operation("Log in as User")},
    }
    found = matched(openapi(paths))
    assert not {"synerise_list_funnels", "synerise_log_in_user"} & paired(found).keys()


def test_what_was_left_in_doubt_is_not_said_to_be_none_of_ours() -> None:
    found = matched(openapi({FUNNEL: {"delete": operation(FUNNEL_TITLE)}, "/a": {"get": operation("Other")}}))
    assert found.refused and [str(one) for one in found.extra] == ["GET /a"]


def test_no_operation_of_theirs_is_used_twice() -> None:
    paths: Node = {FUNNEL: {"post": operation(FUNNEL_TITLE, OVERRIDES, parameters=[in_path("id")])}}
    paths[TREND + "/calculate"] = {"post": operation("Calculate trend with parameter override")}
    found = matched(openapi(paths))
    assert len(found.matches) == 2
    assert not found.extra


def test_the_host_an_operation_is_given_for_must_be_its_own() -> None:
    path = "/api/v5/users/me"
    elsewhere = openapi({path: {"get": operation("Get current user")}})
    elsewhere["servers"] = [{"url": "https://api.giosg.com"}]  # the other of the provider's two hosts
    assert not matched(elsewhere, "giosg").matches
    elsewhere["servers"] = [{"url": "https://service.giosg.com"}]
    assert paired(matched(elsewhere, "giosg")) == {"giosg_get_current_user": f"GET {path}"}


def test_a_documented_read_stays_one_whatever_a_generated_name_calls_it() -> None:
    document = openapi({"/api/projects/{project_id}/query/": {"post": {"operationId": "query_create"}}})
    document["servers"] = [{"url": "https://us.posthog.com"}]
    assert paired(matched(document, "posthog")) == {"posthog_run_query": "POST /api/projects/{project_id}/query/"}
