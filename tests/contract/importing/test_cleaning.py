"""What of a foreign schema may enter ours."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.contract.importing.cleaning import MOST_NODES, Cleaner
from audience_mcp.contract.importing.notes import Notes

from .made import INJECTION

Node = dict[str, Any]
KEYS = {
    "type", "properties", "required", "items", "anyOf", "enum", "const", "default", "format", "additionalProperties",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems",
    "maxItems", "minProperties", "maxProperties",
}  # fmt: skip


def clean(node: Any, **schemas: Any) -> Node:
    return Cleaner({"components": {"schemas": schemas}}, Notes()).clean(node)


def noted(node: Any) -> list[str]:
    notes = Notes()
    Cleaner({}, notes).clean(node)
    return list(notes.lines())


def reference(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def test_texts_of_the_document_stay_out() -> None:
    node = {
        "type": "object",
        "title": INJECTION,
        "description": INJECTION,
        "example": INJECTION,
        "x-tool": {"access": "read"},
        "x-credential": "api_key",
        "properties": {"a": {"type": "string", "description": INJECTION, "pattern": "(a+)+$", "x-session": "mfa_type"}},
    }
    assert clean(node) == {"type": "object", "properties": {"a": {"type": "string"}}}


def test_an_enum_of_sentences_stays_out() -> None:
    assert clean({"type": "string", "enum": ["a", INJECTION]}) == {"type": "string"}
    assert "an enum was left out" in noted({"enum": [INJECTION]})[0]
    assert clean({"type": "string", "enum": ["name:asc", "Last 7 days"]})["enum"] == ["name:asc", "Last 7 days"]


def test_a_default_that_is_a_sentence_stays_out() -> None:
    assert clean({"type": "string", "default": INJECTION}) == {"type": "string"}


@pytest.mark.parametrize("hidden", ["a\u200bb", "a\u202eb", "\u3164", "a\x1b[2Jb", "a\nb"])
def test_a_value_with_hidden_characters_stays_out(hidden: str) -> None:
    assert clean({"type": "string", "enum": ["a", hidden]}) == {"type": "string"}


@pytest.mark.parametrize("name", ["__proto__", "constructor", "prototype", INJECTION, "a b", "", "x" * 65, "a\nb"])
def test_a_field_with_no_plain_name_is_left_out(name: str) -> None:
    kept = clean({"type": "object", "properties": {name: {"type": "string"}, "ok": {}}, "required": [name, "ok"]})
    assert kept == {"type": "object", "properties": {"ok": {}}, "required": ["ok"]}


def test_nullable_and_exclusive_bounds_are_written_the_new_way() -> None:
    assert clean({"type": "string", "nullable": True}) == {"type": ["string", "null"]}
    assert clean({"type": "string", "nullable": True, "enum": ["a"]})["enum"] == ["a", None]
    assert clean({"type": "integer", "minimum": 1, "exclusiveMinimum": True}) == {
        "type": "integer",
        "exclusiveMinimum": 1,
    }


def test_a_reference_is_put_in_place() -> None:
    assert clean(reference("A"), A={"type": "array", "items": reference("B")}, B={"type": "integer"}) == {
        "type": "array",
        "items": {"type": "integer"},
    }


def test_a_schema_that_contains_itself_is_open_from_the_second_round_on() -> None:
    tree = {"type": "object", "properties": {"name": {"type": "string"}, "inner": reference("Tree")}}
    once: Node = {"type": "object", "properties": {"name": {"type": "string"}, "inner": {}}}
    twice = {"type": "object", "properties": {"name": {"type": "string"}, "inner": once}}
    assert clean(reference("Tree"), Tree=tree) == twice


def test_references_in_a_circle_say_nothing() -> None:
    assert clean(reference("A"), A=reference("B"), B=reference("A")) == {}


@pytest.mark.parametrize(
    "target", ["https://evil.example/x.json#/A", "other.yaml#/A", "file:///etc/passwd", "#/no/where", 7]
)
def test_a_reference_that_leads_elsewhere_is_left_open_and_told(target: Any) -> None:
    assert clean({"$ref": target}) == {}
    assert noted({"$ref": target})


def test_what_grows_without_end_is_cut_and_told() -> None:
    wide: Node = {"type": "string"}
    for _ in range(6):
        wide = {"type": "object", "properties": {f"p{n}": wide for n in range(10)}}
    assert json.dumps(clean(wide)).count('"type"') <= MOST_NODES
    assert "goes on too far" in noted(wide)[0]


def test_branches_of_all_of_add_up() -> None:
    parts = [{"properties": {"a": {}}, "required": ["a"]}, {"type": "object", "properties": {"b": {"type": "string"}}}]
    assert clean({"allOf": parts}) == {
        "type": "object",
        "properties": {"a": {}, "b": {"type": "string"}},
        "required": ["a"],
    }


def test_alternatives_are_any_of_them() -> None:
    assert clean({"oneOf": [{"type": "string"}, {"type": "integer"}]}) == {
        "anyOf": [{"type": "string"}, {"type": "integer"}]
    }


def test_a_range_that_nothing_meets_is_left_out() -> None:
    assert clean({"type": "integer", "minimum": 5, "maximum": 1}) == {"type": "integer"}


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(sorted(KEYS | {"$ref", "oneOf", "allOf", "nullable", "description", "x-tool", "pattern"})),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=15,
)


def keys_of(node: Any) -> set[str]:
    """Every keyword of a schema; names of fields are none."""
    found: set[str] = set()
    if isinstance(node, dict):
        for key, value in node.items():
            found.add(key)
            parts = value.values() if key == "properties" else value if key == "anyOf" else [value]
            if key in ("properties", "anyOf", "items", "additionalProperties"):
                found |= set().union(*map(keys_of, parts))
    return found


@settings(deadline=None)
@given(JSON)
def test_whatever_comes_in_a_valid_schema_of_known_words_comes_out(node: Any) -> None:
    cleaned = clean(node)
    assert keys_of(cleaned) <= KEYS
    jsonschema_rs.Draft202012Validator(cleaned)
    assert clean(cleaned) == cleaned
