"""What a client reads never forbids what we would accept: the listed schema is a weakening of the whole one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from audience_mcp.openapi.document import load
from audience_mcp.providers import PROVIDERS

from .packaged import called, properties
from .values import values

ARGUMENTS = sorted((name, argument) for name in called() for argument in properties(name))


@cache
def shallow_lines() -> frozenset[str]:
    """The one-line forms of deep arguments; there a null that would be accepted is not shown."""
    return frozenset(line for provider in PROVIDERS for line in _lines(load(provider.document_path).raw))


def _lines(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "x-shallow")
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _lines(inner)


@cache
def whole(name: str, argument: str) -> tuple[dict[str, Any], Draft202012Validator]:
    schema = called()[name].schema
    node = {**schema["properties"][argument], "$defs": schema.get("$defs", {})}
    return node, Draft202012Validator(node, validate_formats=True)


@cache
def listed(name: str, argument: str) -> Draft202012Validator:
    return Draft202012Validator(properties(name)[argument], validate_formats=True)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
def test_what_the_whole_schema_accepts_the_listed_one_accepts(data: st.DataObject) -> None:
    name, argument = data.draw(st.sampled_from(ARGUMENTS))
    node, strict = whole(name, argument)
    value = data.draw(values(node, node["$defs"]))
    assume(strict.is_valid(value))
    assume(value is not None or properties(name)[argument].get("description") not in shallow_lines())
    assert listed(name, argument).is_valid(value)


def test_defaults_and_allowed_values_are_listed_as_they_are_checked() -> None:
    for name, argument in ARGUMENTS:
        _, strict = whole(name, argument)
        shown = properties(name)[argument]
        for value in (*shown.get("enum", ()), *([shown["default"]] if "default" in shown else ())):
            assert strict.is_valid(value), f"{name}.{argument} = {value!r}"
