"""A document of any kind -> the same neutral form."""

from __future__ import annotations

from typing import Any

import pytest
import respx

from audience_mcp.contract.importing.described import Described
from audience_mcp.errors import DocumentProblem

from .made import HOST, INJECTION, description, in_path, in_query, openapi, operation

Node = dict[str, Any]
BODY = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "size": {"type": "number"}}}
ANSWER = {"type": "object", "properties": {"id": {"type": "string"}}}
PATH = "/things/{thingId}/parts"


def only(document: Node, provider: str = "synerise") -> Described:
    (found,) = description(document, provider).operations
    return found


def told(one: Described) -> tuple[Any, ...]:
    parameters = {(p.name, p.place): (p.required, p.schema) for p in one.parameters}
    return one.method, one.path, one.base, parameters, one.body, one.answer


DRY = in_query("dry", type="boolean")
MAKE = operation("Make a part", {"$ref": "#/components/schemas/Body"}, ANSWER, parameters=[DRY])
AS_OPENAPI = openapi(
    {PATH: {"parameters": [{"$ref": "#/components/parameters/Thing"}], "post": MAKE}},
    components={"parameters": {"Thing": in_path("thingId")}, "schemas": {"Body": BODY}},
)
AS_SWAGGER = {
    "swagger": "2.0",
    "host": "api.synerise.com",
    "basePath": "/things",
    "paths": {
        "/{thingId}/parts": {
            "parameters": [{"name": "thingId", "in": "path", "required": True, "type": "string"}],
            "post": {
                "summary": "Make a part",
                "parameters": [
                    {"name": "dry", "in": "query", "type": "boolean"},
                    {"name": "body", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Body"}},
                ],
                "responses": {"200": {"description": INJECTION, "schema": ANSWER}},
            },
        }
    },
    "definitions": {"Body": BODY},
}


def test_swagger_and_openapi_come_to_the_same() -> None:
    expected = (
        "POST",
        PATH,
        "api",
        {("thingId", "path"): (True, {"type": "string"}), ("dry", "query"): (False, {"type": "boolean"})},
        BODY,
        ANSWER,
    )
    assert told(only(AS_OPENAPI)) == expected
    assert told(only(AS_SWAGGER)) == expected


def collection(*items: Node) -> Node:
    return {"info": {"name": "Things", "_postman_id": "1"}, "item": [{"name": "Folder", "item": list(items)}]}


def request(url: Any, body: str | None = None, **more: Any) -> Node:
    asked: Node = {"method": "POST", "url": url, "header": [{"key": "Authorization", "value": "Bearer s3cret"}]}
    if body is not None:
        asked["body"] = {"mode": "raw", "raw": body}
    return {"name": "Make a part", "request": asked, **more}


@pytest.mark.parametrize(
    "url",
    [
        f"{HOST}/things/:thingId/parts?dry=true",
        {"raw": "{{baseUrl}}/things/{{thingId}}/parts?dry=true", "query": [{"key": "dry", "value": "true"}]},
        {"host": ["api", "synerise", "com"], "path": ["things", ":thingId", "parts"], "query": [{"key": "dry"}]},
    ],
)
def test_a_postman_request_shows_path_names_and_types(url: Any) -> None:
    answer = {"code": 200, "body": '{"id": "a1b2"}'}
    found = only(collection(request(url, '{"name": "x", "size": {{n}}}', response=[answer])))
    assert (found.method, found.path, found.sampled) == ("POST", PATH, True)
    assert found.body == {"type": "object", "properties": {"name": {"type": "string"}, "size": {}}}
    assert found.answer == ANSWER
    assert [part.name for part in found.parameters] == ["dry"]


def test_a_postman_request_that_is_an_address_alone_is_a_get() -> None:
    found = only(collection({"name": "List", "request": f"{HOST}/things?page=1&{{{{other}}}}&sort%5Bby%5D=a&page=2"}))
    assert (found.method, found.path) == ("GET", "/things")
    assert [part.name for part in found.parameters] == ["page", "sort[by]"]


def test_a_postman_parameter_of_the_list_comes_before_the_one_in_the_text() -> None:
    url = {"raw": f"{HOST}/things?b=1&a=2", "query": [{"key": "a"}]}
    assert [part.name for part in only(collection(request(url))).parameters] == ["a", "b"]


def test_ids_that_an_author_left_in_an_address_are_parameters() -> None:
    found = only(collection(request(f"{HOST}/things/123e4567-e89b-12d3-a456-426614174000/parts/42")))
    assert found.path == "/things/{id1}/parts/{id3}"


def test_a_postman_request_to_another_host_is_passed_over_and_told() -> None:
    other = request("https://evil.example/things/1/parts")
    read = description(collection(request(f"{HOST}/things"), other))
    assert [one.path for one in read.operations] == ["/things"]
    assert any("evil.example" in note for note in read.notes)


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/x", "//evil.example/x", "/a/../../x", "/a/%2e%2e/x", "/a/./b", "x", "/a b", "/a?x=1", "/a#b",
     "/{x.__class__}", "/{0}", "/{x!r}", "/{x}/{x}", "/a\\b", "/" + "a" * 400],
)  # fmt: skip
def test_a_path_that_could_leave_the_host_is_passed_over_and_told(path: str) -> None:
    read = description(openapi({path: {"get": operation("Bad")}, "/fine": {"get": operation("Fine")}}))
    assert [one.path for one in read.operations] == ["/fine"]
    assert any("passed over" in note for note in read.notes)


def test_the_path_of_a_server_comes_in_front() -> None:
    document = openapi({"/things": {"get": operation("List")}}, version="3.1.0")
    document["servers"] = [{"url": "https://mock.example/v0"}, {"url": f"{HOST}/v4/"}]
    read = description(document)
    assert [one.path for one in read.operations] == ["/v4/things"]
    assert any("mock.example" in note and "ignored" in note for note in read.notes)


@pytest.mark.parametrize(
    "url", ["https://evil.example/v0", "https://api.synerise.com@evil.example", "https://api.synerise.com.evil.example"]
)
def test_a_document_for_another_host_alone_is_not_the_providers(url: str) -> None:
    document = openapi({"/things": {"get": operation("List")}})
    document["servers"] = [{"url": url}]
    with pytest.raises(DocumentProblem, match="is not the provider's") as told:
        description(document)
    assert "provider's own document" in told.value.remedy


@pytest.mark.parametrize("url", ["http://{h}/", "https://{h}:{port}/v0", "https://{region}.evil.example/v0"])
def test_a_variable_hides_no_other_host(url: str) -> None:
    document = openapi({"/things": {"get": operation("List")}})
    document["servers"] = [{"url": url, "variables": {"h": {"default": "evil.example"}, "port": {"default": "443"}}}]
    with pytest.raises(DocumentProblem, match="is not the provider's"):
        description(document)


def test_a_host_that_is_all_variable_names_none() -> None:
    document = openapi({"/things": {"get": operation("List")}})
    document["servers"] = [{"url": "https://{yourHost}/v4"}]
    assert [(one.path, one.base) for one in description(document).operations] == [("/v4/things", None)]


def test_a_swagger_document_for_another_host_is_not_the_providers() -> None:
    with pytest.raises(DocumentProblem, match=r"evil\.example.*is not the provider's"):
        description({**AS_SWAGGER, "host": "evil.example"})


def test_one_path_with_a_host_of_its_own_is_another_service() -> None:
    own = {"servers": [{"url": "https://evil.example"}], "get": operation("Evil")}
    read = description(openapi({"/things": {"get": operation("List")}, "/evil": own}))
    assert [one.path for one in read.operations] == ["/things"]


def test_a_server_path_cannot_climb() -> None:
    document = openapi({"/things": {"get": operation("List")}})
    document["servers"] = [{"url": f"{HOST}/a/../.."}]
    with pytest.raises(DocumentProblem, match="climbs"):
        description(document)


@respx.mock
def test_references_out_of_the_document_are_told_and_never_fetched() -> None:
    route = respx.route().respond(200, json=BODY)
    body = {"type": "object", "properties": {"a": {"$ref": "https://evil.example/a.json#/A"}, "b": {"$ref": "b.yaml"}}}
    read = description(
        openapi({"/things": {"post": operation("Make", body)}, "/x": {"$ref": "https://evil.example/p"}})
    )
    (one,) = read.operations
    assert one.fields == {"a": {}, "b": {}}
    assert not route.called
    assert any("evil.example/p" in note and "not fetched" in note for note in read.notes)


@pytest.mark.parametrize(
    "paths",
    [None, [], 7, {"/a": 7}, {"/a": {"get": []}}, {"/a": {"get": None}}, {"/a": {"$ref": "#/paths/~1a"}}],
)
def test_a_document_without_an_operation_is_told(paths: Any) -> None:
    with pytest.raises(DocumentProblem, match="No operation of the provider"):
        description(openapi(paths))


@pytest.mark.parametrize("odd", [7, "x", [], {}, [7], {"x": []}, None, [None], [{"name": 1, "in": {}}]])
def test_odd_values_where_objects_belong_break_nothing(odd: Any) -> None:
    node = {"summary": odd, "operationId": odd, "parameters": odd, "requestBody": odd, "responses": odd, "servers": odd}
    found = description(openapi({"/a": {"post": node, "parameters": odd, "servers": odd}}, components=odd)).operations
    assert [(one.path, one.body, one.answer) for one in found] == [("/a", None, None)]
    host = None if isinstance(odd, str) else odd  # any text there is a host
    plain = {"swagger": "2.0", "host": host, "basePath": odd, "paths": {"/a": {"post": node}}}
    assert description(plain).operations
    asked = {
        "name": odd,
        "request": {"url": {"raw": "{{base}}/a", "query": odd}, "body": odd, "method": "POST"},
        "response": odd,
    }
    assert description(collection(asked)).operations


def test_variables_of_a_server_stand_for_their_defaults() -> None:
    document = openapi({"/things": {"get": operation("List")}})
    region = {"region": {"default": "api"}, "base": {"default": "v4"}}
    document["servers"] = [{"url": "https://{region}.synerise.com/{base}", "variables": region}]
    assert [(one.path, one.base) for one in description(document).operations] == [("/v4/things", "api")]


def test_a_variable_of_a_collection_may_hold_the_server() -> None:
    asked = collection(request("{{baseUrl}}/things"))
    asked["variable"] = [{"key": "baseUrl", "value": f"{HOST}/v4"}]
    assert (only(asked).path, only(asked).base) == ("/v4/things", "api")
    asked["variable"] = [{"key": "baseUrl", "value": "https://evil.example/v4"}]
    with pytest.raises(DocumentProblem, match=r"evil\.example.*is not the provider's"):
        description(asked)


def test_what_is_left_out_of_a_body_is_told_once_it_was_read() -> None:
    read = description(openapi({"/things": {"post": operation("Make", {"properties": {INJECTION: {}}})}}))
    assert read.operations[0].fields == {}
    assert any("its name is no plain name" in note for note in read.notes)
