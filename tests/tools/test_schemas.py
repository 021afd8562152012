"""A document's schemas become two: the whole one to check with, and a shorter one to show."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from audience_mcp.openapi.document import Document
from audience_mcp.openapi.reader import read
from audience_mcp.tools.listing import hints_of
from audience_mcp.tools.schema import listed, whole

FRAME = """
openapi: 3.1.0
paths:
  /things:
    post:
      operationId: make_thing
      tags: [things]
      summary: Make a thing
      description: Make one thing from its fields.
      x-tool: {access: read, contract: seed}
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Body"}}}}
      responses: {"200": {description: Made.}}
components:
  schemas:
"""


def schemas(properties: str, others: str = "{}", tool: str = "{access: read, contract: seed}") -> tuple[Any, Any]:
    """The whole and the listed schema of an operation whose body has these properties."""
    raw = yaml.safe_load(FRAME)
    raw["paths"]["/things"]["post"]["x-tool"] = yaml.safe_load(tool)
    body = {"type": "object", "properties": yaml.safe_load(properties)}
    raw["components"]["schemas"] = {"Body": body, **yaml.safe_load(others)}
    document = Document(raw)
    entry = next(document.entries())
    operation = next(read(document, "small"))
    return whole(document, entry, operation), listed(document, entry, operation)


TREE = """
Tree:
  type: object
  required: [label]
  properties: {label: {type: string}, children: {type: array, items: {$ref: "#/components/schemas/Tree"}}}
"""


def test_a_shallow_argument_shows_its_type_and_one_line_and_is_checked_whole() -> None:
    full, shown = schemas('{tree: {$ref: "#/components/schemas/Tree", x-shallow: A tree}}', TREE)
    assert shown["properties"]["tree"] == {"type": "object", "description": "A tree"}
    assert full["properties"]["tree"] == {"$ref": "#/$defs/Tree"}
    assert full["$defs"]["Tree"]["properties"]["children"]["items"] == {"$ref": "#/$defs/Tree"}


def test_a_shallow_argument_that_may_be_null_shows_the_type_it_has_otherwise() -> None:
    anyof = '{anyOf: [{type: "null"}, {$ref: "#/components/schemas/Tree"}], x-shallow: A tree}'
    _, shown = schemas(f"{{tree: {anyof}}}", TREE)
    assert shown["properties"]["tree"]["type"] == "object"


def test_an_argument_that_refers_to_itself_must_be_shallow() -> None:
    with pytest.raises(ValueError, match="x-shallow"):
        schemas('{tree: {$ref: "#/components/schemas/Tree"}}', TREE)


def test_references_are_inlined_where_a_client_reads_and_kept_where_we_check() -> None:
    full, shown = schemas('{size: {$ref: "#/components/schemas/Size"}}', "{Size: {type: integer, minimum: 1}}")
    assert shown["properties"]["size"] == {"type": "integer", "minimum": 1}
    assert full == {
        "type": "object",
        "properties": {"size": {"$ref": "#/$defs/Size"}, "workspace": {"type": "string"}},
        "additionalProperties": False,
        "$defs": {"Size": {"type": "integer", "minimum": 1}},
    }


def test_only_schemas_of_the_document_may_be_referred_to() -> None:
    with pytest.raises(ValueError, match="components/schemas"):
        schemas(
            '{size: {$ref: "#/components/schemas/Sizes/properties/small"}}',
            "{Sizes: {properties: {small: {type: integer}}}}",
        )


def test_titles_and_examples_are_left_out_of_the_listing_but_not_of_the_grammar() -> None:
    full, shown = schemas("{size: {type: integer, title: Size, examples: [3], format: int64}}")
    assert shown["properties"]["size"] == {"type": "integer"}
    assert full["properties"]["size"] == {"type": "integer", "title": "Size", "examples": [3], "format": "int64"}


def test_a_property_may_be_named_like_a_keyword_or_an_extension() -> None:
    names = ["title", "example", "default", "x-note", "$ref"]
    inner = ", ".join(f"{name}: {{type: string}}" for name in names)
    full, shown = schemas(f"{{thing: {{type: object, additionalProperties: false, properties: {{{inner}}}}}}}")
    assert list(shown["properties"]["thing"]["properties"]) == names
    assert list(full["properties"]["thing"]["properties"]) == names


def test_data_in_a_schema_is_kept_as_it_is() -> None:
    full, shown = schemas("{thing: {type: object, default: {title: a, x-b: 1, $ref: here}}}")
    expected = {"title": "a", "x-b": 1, "$ref": "here"}
    assert full["properties"]["thing"]["default"] == expected
    assert shown["properties"]["thing"]["default"] == expected


def test_a_32_bit_integer_is_bounded_where_we_check() -> None:
    full, shown = schemas("{size: {type: integer, format: int32}, few: {type: integer, format: int32, maximum: 5}}")
    assert full["properties"]["size"]["maximum"] == 2**31 - 1
    assert full["properties"]["few"]["maximum"] == 5
    assert shown["properties"]["size"] == {"type": "integer"}


def test_an_argument_of_the_operation_may_not_take_one_of_our_names() -> None:
    with pytest.raises(ValueError, match="'workspace'"):
        schemas("{workspace: {type: string}}")


def test_required_arguments_are_put_first_in_the_documents_order() -> None:
    raw = yaml.safe_load(FRAME)
    properties = {"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}}
    raw["components"]["schemas"] = {"Body": {"type": "object", "required": ["c", "b"], "properties": properties}}
    document = Document(raw)
    entry, operation = next(document.entries()), next(read(document, "small"))
    shown = listed(document, entry, operation)
    assert list(shown["properties"]) == ["b", "c", "a", "workspace"]
    assert shown["required"] == ["b", "c"]


def test_a_write_without_hints_is_refused() -> None:
    raw = yaml.safe_load(FRAME)
    raw["paths"]["/things"]["post"]["x-tool"]["access"] = "write"
    raw["components"]["schemas"] = {"Body": {"type": "object"}}
    with pytest.raises(ValueError, match="small_make_thing: a write needs"):
        hints_of(next(read(Document(raw), "small")))
