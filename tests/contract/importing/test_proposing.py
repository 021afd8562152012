"""A pair -> the correction of our operation, the difference in words, or why it does not fit."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from audience_mcp.contract.importing.proposing import Proposal

from .made import (
    FUNNEL,
    FUNNEL_PATHS,
    FUNNEL_TITLE,
    INJECTION,
    OVERRIDES,
    Node,
    body_fields,
    in_path,
    in_query,
    node_of,
    openapi,
    operation,
    proposals,
)

LIST = "/analytics/{namespace}/funnels"
PREVIEW = "/analytics/analytics/v3/funnels/preview"
CALCULATE = "synerise_calculate_funnel"


def calculation(body: Node | None = None, path: str = FUNNEL, title: str = FUNNEL_TITLE, **more: Any) -> Proposal:
    """What comes of a document with this calculation of a funnel."""
    return proposals(openapi({path: {"post": operation(title, body, **more)}}))[CALCULATE]


def listing(*parameters: Node) -> Proposal:
    found = proposals(openapi({LIST: {"get": operation("List funnels", parameters=list(parameters))}}))
    return found["synerise_list_funnels"]


def parameter(one: Proposal, name: str) -> Node:
    found: Node = next(part for part in node_of(one)["parameters"] if part["name"] == name)
    return found


def test_a_renamed_path_keeps_our_name_of_its_parameter() -> None:
    found = proposals(openapi(FUNNEL_PATHS))[CALCULATE]
    assert found.correction is not None
    assert (found.correction.method, found.correction.path) == ("post", FUNNEL.replace("{id}", "{funnelId}"))
    assert parameter(found, "funnelId")["schema"]["format"] == "uuid"
    assert found.changes[0].endswith(f"becomes POST {found.correction.path}")


def test_yaml_and_json_come_to_the_same() -> None:
    document = openapi(FUNNEL_PATHS, version="3.1.0")
    assert proposals(yaml.safe_dump(document))[CALCULATE].changes == proposals(document)[CALCULATE].changes


def test_a_nested_schema_that_was_open_is_filled() -> None:
    found = calculation(OVERRIDES)
    items = body_fields(found)["variables"]["items"]
    assert items["properties"] == {"key": {"type": "string"}, "value": {"type": ["string", "null"]}}
    assert items["required"] == ["key"]
    assert "variables[]: now known to be object with key, value" in found.changes


def test_new_arguments_are_added_and_told_with_their_types() -> None:
    found = calculation(OVERRIDES, parameters=[in_path("id"), in_query("fast", type="boolean")])
    assert parameter(found, "fast") == {"name": "fast", "in": "query", "schema": {"type": "boolean"}}
    assert body_fields(found)["timeZone"] == {"type": "string", "default": "Europe/Warsaw"}
    assert {"fast: added, optional, boolean", "timeZone: added, optional, string"} <= set(found.changes)


def test_an_argument_that_is_required_there_becomes_required() -> None:
    body = {**OVERRIDES, "required": ["timeZone"]}
    found = calculation(body)
    assert node_of(found)["requestBody"]["content"]["application/json"]["schema"]["required"] == ["timeZone"]
    assert {"timeZone: added, required, string", "variables: no longer required"} <= set(found.changes)


def test_a_retyped_argument_takes_their_type() -> None:
    found = listing(in_query("page", type="string"))
    assert parameter(found, "page")["schema"]["type"] == "string"
    assert "page: integer (int32) becomes string" in found.changes


def test_other_limits_are_taken_and_what_they_leave_out_stays() -> None:
    found = listing(in_query("limit", type="integer", maximum=200))
    assert parameter(found, "limit")["schema"] == {"type": "integer", "format": "int32", "default": 50, "maximum": 200}
    assert "limit: maximum 200" in found.changes


def test_arguments_that_the_document_does_not_name_are_kept_and_told() -> None:
    found = listing(in_query("limit", type="integer", maximum=200))
    assert {"page", "search", "sortBy"} <= set(found.kept)
    assert parameter(found, "search")["in"] == "query"


def test_an_operation_that_is_documented_and_the_same_is_left_as_it_is() -> None:
    found = listing(in_query("limit", type="integer"))
    assert found.correction is None and found.problem is None


def test_a_guess_that_the_document_confirms_is_a_correction_without_a_change() -> None:
    found = calculation(path="/analytics/analytics/v3/funnels/{funnelId}/calculate")
    assert found.changes == ("method and path are confirmed",)
    assert found.correction is not None and found.correction.path.endswith("v3/funnels/{funnelId}/calculate")


def test_no_text_and_no_extension_of_the_document_comes_along() -> None:
    body = {**OVERRIDES, "x-credential": "api_key", "x-shallow": INJECTION}
    paths = {FUNNEL: {"post": {**operation(FUNNEL_TITLE, body), "x-tool": {"access": "destructive"}}}}
    found = proposals(openapi(paths))[CALCULATE]
    assert INJECTION not in str(found.correction)
    assert "x-tool" not in node_of(found) and "x-credential" not in str(node_of(found))


@pytest.mark.parametrize(
    "name", ["workspace", "confirm", "dry_run", "all_pages", "apiKey", "access_token", "__proto__", INJECTION]
)
def test_a_name_that_must_not_be_an_argument_is_left_out(name: str) -> None:
    found = listing(in_query("limit", type="integer", maximum=7), in_query(name))
    assert name not in [part["name"] for part in node_of(found)["parameters"]]
    assert any("left out" in change for change in found.changes)


def test_an_operation_that_needs_such_a_name_does_not_fit() -> None:
    found = listing({**in_query("apiKey"), "required": True})
    assert found.correction is None
    assert found.problem is not None and "looks like a secret" in found.problem


def test_a_fixed_value_there_is_a_choice_of_one_here() -> None:
    found = listing(in_query("mode", type="string", const="all"))
    assert parameter(found, "mode")["schema"] == {"type": "string", "enum": ["all"]}
    known = listing(in_query("search", type="string", const="all"))
    assert parameter(known, "search")["schema"] == {"type": "string", "enum": ["all"]}


def test_lists_are_written_as_the_document_says() -> None:
    many = {**in_query("tags", type="array", items={"type": "string"}), "explode": False}
    assert parameter(listing(many), "tags")["explode"] is False


def test_an_argument_may_move_into_the_body() -> None:
    body = {"type": "object", "properties": {"page": {"type": "integer"}}}
    found = proposals(openapi({"/analytics/{namespace}/trends/list": {"post": operation("List trends", body)}}))
    moved = found["synerise_list_trends"]
    assert "page" in body_fields(moved)
    assert "page: moves from the query to the body" in moved.changes


def test_a_get_has_no_place_for_a_body_of_ours() -> None:
    document = openapi({PREVIEW: {"get": operation("Preview funnel calculation")}})
    found = proposals(document)["synerise_preview_funnel"]
    assert found.problem == "GET there has no place for the argument analysis"


def test_a_path_without_our_object_does_not_fit() -> None:
    found = calculation(path="/analytics/v9/funnels/calculate")
    assert found.problem == "its path has no place for funnelId"


def test_a_namespace_in_their_path_stays_the_constant_it_is() -> None:
    found = calculation(path="/analytics/{namespace}/funnels/{id}/calculate")
    assert parameter(found, "namespace")["schema"] == {"type": "string", "const": "profiles"}


def test_a_constant_of_ours_is_not_sent_in_place_of_another_parameter() -> None:
    path = "/analytics/{release}/trends/all"
    found = proposals(openapi({path: {"get": operation("List trends", parameters=[in_path("release")])}}))
    listed = found["synerise_list_trends"]
    assert parameter(listed, "release") == {**in_path("release"), "required": True}
    assert "namespace" not in [part["name"] for part in node_of(listed)["parameters"]]


def test_an_id_goes_to_the_object_it_stands_behind() -> None:
    path = "/analytics/analytics/v9/aggregates/{id}/client/{clientUuid}/calculate/histogram"
    title = "Calculate aggregate for profile with period conditions"
    found = proposals(openapi({path: {"post": operation(title)}}))["synerise_calculate_aggregate_by_period"]
    assert found.correction is not None
    assert found.correction.path.endswith("/aggregates/{aggregateId}/client/{clientId}/calculate/histogram")


def test_a_word_that_anything_may_follow_pairs_nothing() -> None:
    path = "/analytics/{namespace}/aggregates/preview/now/by/{clientId}"
    document = openapi(
        {path: {"post": operation("Get aggregate preview", parameters=[in_path("clientId", "integer")])}}
    )
    assert proposals(document)["synerise_preview_aggregate"].problem == "its path has no place for identifierType"


def test_a_new_parameter_of_the_path_is_a_required_argument() -> None:
    path = "/analytics/{engine}/funnels/{id}/calculate"
    found = calculation(path=path, parameters=[in_path("engine"), in_path("id")])
    assert parameter(found, "engine")["required"] is True
    assert "engine: added, required, in the path, string" in found.changes


def test_the_workspace_is_never_taken_for_another_parameter() -> None:
    path = "/api/environments/{environment_id}/query/"
    document = openapi({path: {"post": operation("Run SQL query")}})
    document["servers"] = [{"url": "https://us.posthog.com"}]
    found = proposals(document, "posthog")["posthog_run_query"]
    assert found.problem == "its path has no place for project_id"


def test_credentials_and_session_values_stay_where_they_are() -> None:
    body = {"type": "object", "properties": {"username": {"type": "integer"}, "remember": {"type": "boolean"}}}
    document = openapi({"/uauth/auth/login/user": {"post": operation("Log in as User", body)}})
    found = proposals(document)["synerise_log_in_user"]
    assert body_fields(found)["username"] == {"type": "string", "x-credential": "username"}
    assert body_fields(found)["remember"] == {"type": "boolean"}


def test_a_secret_that_the_document_puts_into_the_address_does_not_fit() -> None:
    document = openapi(
        {"/uauth/auth/login/user": {"post": operation("Log in as User", parameters=[in_query("password")])}}
    )
    found = proposals(document)["synerise_log_in_user"]
    assert found.problem is not None and found.problem.startswith("password, which the session supplies")


def test_an_example_adds_and_fills_but_never_retypes_or_requires() -> None:
    raw = '{"variables": [{"key": "brand"}], "dateFilter": 7, "extra": true}'
    asked = {
        "method": "POST",
        "url": "{{base}}/analytics/v9/funnels/:id/calculate",
        "body": {"mode": "raw", "raw": raw},
    }
    found = proposals({"info": {"_postman_id": "1"}, "item": [{"name": FUNNEL_TITLE, "request": asked}]})[CALCULATE]
    assert body_fields(found)["extra"] == {"type": "boolean"}
    assert body_fields(found)["variables"]["items"]["properties"] == {"key": {"type": "string"}}
    assert body_fields(found)["dateFilter"] == {"$ref": "#/components/schemas/DateFilter"}
    assert "extra" not in node_of(found)["requestBody"]["content"]["application/json"]["schema"]["required"]
    assert found.kept == ()


def test_an_answer_that_was_open_is_filled() -> None:
    step = {"type": "object", "properties": {"name": {"type": "string"}, "count": {"type": "integer"}}}
    answer = {"type": "object", "properties": {"calculationResult": {"type": "array", "items": step}}}
    paths = {FUNNEL: {"post": operation(FUNNEL_TITLE, OVERRIDES, answer)}}
    found = proposals(openapi(paths))[CALCULATE]
    schema = node_of(found)["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["properties"]["calculationResult"]["items"] == step
    assert any(change.startswith("answer: calculationResult") for change in found.changes)


def test_a_header_that_is_required_there_is_told() -> None:
    header = {"name": "X-Shard", "in": "header", "required": True, "schema": {"type": "string"}}
    assert (
        "the header 'X-Shard' is required there and is not sent" in calculation(OVERRIDES, parameters=[header]).changes
    )


def test_a_deep_new_argument_is_listed_in_one_line() -> None:
    deep: Node = {
        "type": "object",
        "properties": {f"field{n}": {"type": "string", "enum": ["a", "b"]} for n in range(20)},
    }
    body = {"type": "object", "properties": {"layout": {**deep, "nullable": True}}}
    added = body_fields(calculation(body))["layout"]
    assert added["x-shallow"].startswith("Object with field0, field1")
    assert [branch["type"] for branch in added["anyOf"]] == ["object", "null"]


DATES: Node = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"type": "string", "enum": ["RELATIVE", "ABSOLUTE"]},
        "offset": {"type": "object", "properties": {"type": {"type": "string"}, "value": {"type": "integer"}}},
    },
}


def test_a_poorer_description_of_a_field_takes_nothing_from_ours() -> None:
    found = calculation({"type": "object", "properties": {"dateFilter": DATES}})
    field = str(body_fields(found)["dateFilter"])
    kept = str(body_fields(calculation({"type": "object", "properties": {"dateFilter": {}}}))["dateFilter"])
    assert field == kept  # the reference to ours, with its fields and its example
    assert {"dateFilter.duration", "dateFilter.from", "dateFilter.to"} <= set(found.kept)
    assert not any("becomes object" in change for change in found.changes)


def test_what_a_description_adds_to_the_alternatives_of_ours_joins_them() -> None:
    more = {**DATES, "properties": {**DATES["properties"], "timeZone": {"type": "string"}}}
    found = calculation({"type": "object", "properties": {"dateFilter": more}})
    field = body_fields(found)["dateFilter"]
    fields = [branch.get("properties", {}).keys() for branch in field["anyOf"]]
    assert ["timeZone" in names for names in fields] == [True, True, False]
    assert "from" in fields[0] and "duration" in fields[1]
    assert "last 30 days" in field["x-shallow"]
    assert "dateFilter.timeZone: added, string" in found.changes


def test_a_field_of_another_type_there_takes_the_example_of_ours_away() -> None:
    other = {**DATES, "properties": {**DATES["properties"], "offset": {"type": "integer"}}}
    field = body_fields(calculation({"type": "object", "properties": {"dateFilter": other}}))["dateFilter"]
    assert "last 30 days" not in field.get("x-shallow", "")


def test_a_required_argument_that_the_document_does_not_name_is_optional_from_then_on() -> None:
    body = {"type": "object", "properties": {"name": {"type": "string"}}}
    path = "/analytics/directories/{directoryId}"
    document = openapi({path: {"put": operation("Rename directory", body, parameters=[in_path("directoryId")])}})
    found = proposals(document)["synerise_rename_directory"]
    schema = node_of(found)["requestBody"]["content"]["application/json"]["schema"]
    assert "newName" in schema["properties"] and "newName" not in schema.get("required", [])
    assert "newName: no longer required, as the document does not name it" in found.changes


def test_a_document_that_describes_no_body_leaves_what_is_required() -> None:
    found = calculation(path="/analytics/analytics/v3/funnels/{funnelId}/calculate")
    assert "variables" in node_of(found)["requestBody"]["content"]["application/json"]["schema"]["required"]


def test_headers_that_the_document_offers_are_told_as_not_sent() -> None:
    header = {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}
    sent = {**header, "name": "Authorization"}
    found = calculation(OVERRIDES, parameters=[header, sent])
    assert "headers that are not sent: 'X-Trace'" in found.changes
    assert listing(header).correction is None  # a header alone is no reason for a correction
    assert "Authorization" not in str(found.changes)
