"""References are followed inside the document, and path-level parts are merged into each operation."""

from __future__ import annotations

from pathlib import Path

import pytest

from audience_mcp.openapi.document import Document, load
from audience_mcp.openapi.reader import read

from .small import arguments, document, one

TWO_LEVELS = """
/things/{id}:
  servers: [{url: "https://second.test", x-base: service}]
  parameters:
    - {name: id, in: path, required: true, schema: {type: string}}
    - {name: limit, in: query, schema: {type: integer}}
  get:
    operationId: read_thing
    tags: [things]
    summary: Read a thing
    description: One thing by its id.
    x-tool: {access: read, contract: seed}
    parameters:
      - {name: limit, in: query, required: true, schema: {type: string}}
    responses: {"200": {description: The thing.}}
  delete:
    operationId: delete_thing
    tags: [things]
    summary: Delete a thing
    description: Delete one thing.
    servers: [{url: "https://third.test"}]
    x-tool: {access: destructive, contract: seed, hints: {destructive: true, idempotent: true}}
    responses: {"200": {description: Gone.}}
"""


def test_a_reference_is_followed_to_what_it_names() -> None:
    made = Document({"components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"type": "integer"}}}})
    assert made.resolve({"$ref": "#/components/schemas/A"}) == {"type": "integer"}


def test_what_stands_beside_a_reference_wins_over_what_it_names() -> None:
    made = Document({"components": {"schemas": {"A": {"type": "integer", "description": "there"}}}})
    assert made.resolve({"$ref": "#/components/schemas/A", "description": "here"})["description"] == "here"


def test_slashes_and_tildes_in_a_reference_are_unescaped() -> None:
    made = Document({"paths": {"/a~b": {"type": "string"}}})
    assert made.resolve({"$ref": "#/paths/~1a~0b"}) == {"type": "string"}


def test_resolving_leaves_the_document_as_it_was() -> None:
    made = Document({"a": {"type": "string"}})
    made.resolve({"$ref": "#/a"})["type"] = "integer"
    assert made.raw == {"a": {"type": "string"}}


def test_a_reference_out_of_the_document_is_refused() -> None:
    with pytest.raises(ValueError, match="inside the document"):
        Document({}).resolve({"$ref": "https://example.test/schema.json"})


def test_a_reference_that_leads_back_to_itself_is_refused() -> None:
    made = Document({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}})
    with pytest.raises(ValueError, match="back to itself"):
        made.resolve({"$ref": "#/a"})


def test_a_reference_to_nothing_is_told() -> None:
    with pytest.raises(KeyError):
        Document({}).resolve({"$ref": "#/components/schemas/Missing"})


def test_an_operations_parameter_replaces_the_paths_of_the_same_name_and_place() -> None:
    reading, deleting = read(document(TWO_LEVELS), "small")
    assert [(a.name, a.required) for a in reading.arguments] == [("id", True), ("limit", True)]
    assert [(a.name, a.required) for a in deleting.arguments] == [("id", True), ("limit", False)]


def test_the_nearest_servers_count_operation_before_path_before_document() -> None:
    reading, deleting = document(TWO_LEVELS).entries()
    assert reading.servers[0]["url"] == "https://second.test"
    assert deleting.servers[0]["url"] == "https://third.test"
    assert next(one().entries()).servers[0]["url"] == "https://api.test"


def test_a_server_says_which_of_the_providers_hosts_it_is() -> None:
    reading, deleting = read(document(TWO_LEVELS), "small")
    assert (reading.base, deleting.base) == ("service", "api")


def test_referenced_parameters_and_bodies_are_read_like_inline_ones() -> None:
    made = one(
        path="/things/{id}",
        method="post",
        parameters='[{$ref: "#/components/parameters/Id"}]',
        body='{$ref: "#/components/schemas/Fields"}',
        components="""
            parameters:
              Id: {name: id, in: path, required: true, schema: {$ref: "#/components/schemas/Key"}}
            schemas:
              Key: {type: integer}
              Fields: {type: object, required: [name], properties: {name: {type: string}, size: {type: integer}}}
        """,
    )
    found = arguments(made)
    assert [(a.name, a.place, a.required) for a in found.values()] == [
        ("id", "path", True),
        ("name", "body", True),
        ("size", "body", False),
    ]


def test_a_yaml_file_and_a_json_file_load_alike(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("openapi: 3.1.0\npaths: {}\n", encoding="utf-8")
    (tmp_path / "a.json").write_text('{"openapi": "3.1.0", "paths": {}}', encoding="utf-8")
    assert load(tmp_path / "a.yaml") == load(tmp_path / "a.json")
