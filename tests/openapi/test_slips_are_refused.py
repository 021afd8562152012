"""A slip in a document stops the compiler; it never becomes a tool that leaks, misleads or cannot be called."""

from __future__ import annotations

import pytest

from audience_mcp.openapi.document import Document

from .small import document, one, operation

KEY = "{name: id, in: path, required: true, schema: {type: string}}"


def refusal(made: Document) -> str:
    with pytest.raises(ValueError) as caught:
        operation(made)
    return str(caught.value)


def test_the_refusal_names_the_provider_and_the_operation() -> None:
    assert refusal(one(tool="{access: reed, contract: seed}")).startswith("small: GET /things: ")


@pytest.mark.parametrize(
    "tool",
    [
        "{access: read, contract: seed, destructive-wen: {deleted: true}}",
        "{access: read, contract: seed, answer: {kolumns: [id]}}",
        "{access: read, contract: seed, paging: {style: pages}}",
        "{access: read, contract: certain}",
        "{access: read}",
        "{contract: seed}",
    ],
)
def test_a_misspelt_or_missing_part_of_x_tool_is_refused(tool: str) -> None:
    assert "x-tool" in refusal(one(tool=tool)) or "Instructions" in refusal(one(tool=tool))


def test_an_operation_without_x_tool_is_refused() -> None:
    made = one()
    del made.raw["paths"]["/things"]["get"]["x-tool"]
    assert "x-tool" in refusal(made)


def test_an_unknown_extension_of_an_operation_is_refused() -> None:
    made = one()
    made.raw["paths"]["/things"]["get"]["x-tol"] = {}
    assert "x-tol" in refusal(made)


@pytest.mark.parametrize(
    "made",
    [
        one(parameters="[{name: q, in: query, x-credentials: password, schema: {type: string}}]"),
        one(method="post", body="{type: object, properties: {password: {type: string, x-credentials: password}}}"),
        one(components="schemas: {A: {type: object, properties: {p: {type: string, x-credentials: password}}}}"),
    ],
    ids=["parameter", "body field", "component"],
)
def test_a_misspelt_credential_is_refused_wherever_it_stands(made: Document) -> None:
    assert "x-credentials" in refusal(made)


def test_an_unknown_extension_of_a_server_is_refused() -> None:
    made = one()
    made.raw["servers"][0]["x-regoin"] = "eu"
    assert "x-regoin" in refusal(made)


def test_names_and_example_data_that_begin_with_x_are_no_extensions() -> None:
    made = one(
        method="post",
        body="""
            type: object
            properties:
              x-label: {type: string}
              properties: {type: object, default: {x-anything: 1}, properties: {x-deep: {type: string}}}
        """,
    )
    assert [argument.name for argument in operation(made).arguments] == ["x-label", "properties"]


@pytest.mark.parametrize("place", ["header", "cookie"])
def test_parameters_live_in_path_and_query_only(place: str) -> None:
    assert place in refusal(one(parameters=f"[{{name: q, in: {place}, schema: {{type: string}}}}]"))


def test_a_secret_outside_the_body_is_refused() -> None:
    parameter = "[{name: key, in: query, x-credential: api_key, schema: {type: string}}]"
    assert "bodies only" in refusal(one(parameters=parameter))


def test_two_arguments_of_one_name_are_refused() -> None:
    made = one(
        path="/things/{id}",
        method="post",
        parameters=f"[{KEY}]",
        body="{type: object, properties: {id: {type: string}}}",
    )
    assert "id stands in two places" in refusal(made)


@pytest.mark.parametrize(("path", "parameters"), [("/things/{id}", "[]"), ("/things", f"[{KEY}]")])
def test_a_path_and_its_parameters_must_agree(path: str, parameters: str) -> None:
    assert "path parameters differ" in refusal(one(path=path, parameters=parameters))


def test_a_body_that_is_no_object_needs_a_name() -> None:
    assert "body-argument" in refusal(one(method="post", body="{type: array, items: {type: string}}"))


def test_a_constant_sent_with_nothing_that_exists_is_refused() -> None:
    body = "{type: object, properties: {kind: {type: string, const: A, x-sent-with: tiket}}}"
    assert "tiket" in refusal(one(method="post", body=body))


def test_an_operation_stands_in_exactly_one_toolset() -> None:
    made = one()
    made.raw["paths"]["/things"]["get"]["tags"] = ["things", "others"]
    refusal(made)


def test_a_body_of_another_media_type_is_refused() -> None:
    made = document(
        """
        /things:
          post:
            operationId: upload_thing
            tags: [things]
            summary: Upload a thing
            description: Upload one thing.
            x-tool: {access: read, contract: seed}
            requestBody: {content: {text/csv: {schema: {type: string}}}}
            responses: {"200": {description: Done.}}
        """
    )
    assert "application/json" in refusal(made)
