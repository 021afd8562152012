"""What holds for every tool of the shipped listing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audience_mcp import __version__
from audience_mcp.cli.costs import by_preset, excesses
from audience_mcp.providers import PROVIDERS
from audience_mcp.tools.catalog import META_KEY, packaged_listing
from audience_mcp.tools.compiling import compile_all
from audience_mcp.tools.own import OWN_NAMES

from .packaged import called, catalog, listing, properties

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"[a-z][a-z_]{2,39}")
HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
COMBINATORS = {"anyOf", "oneOf", "allOf", "not", "if", "then", "else", "$ref", "$defs"}
LONGEST_SCHEMA = 8_000

every_tool = pytest.mark.parametrize("name", sorted(listing()))
every_operation = pytest.mark.parametrize("name", sorted(called()))


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for item in node:
            yield from nodes(item)


def test_the_packaged_files_are_what_the_documents_make_today() -> None:
    for path, text in compile_all(PROVIDERS, ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `audience-mcp tools --write`"


def test_the_listing_names_its_version_and_is_sorted() -> None:
    packaged = packaged_listing()
    assert (packaged["name"], packaged["version"]) == ("audience-mcp", __version__)
    assert [tool["name"] for tool in packaged["tools"]] == sorted(listing())


def test_no_preset_lists_more_tokens_than_it_may() -> None:
    assert list(excesses()) == []
    spent = by_preset()
    assert list(excesses(spent)) == []
    (told,) = excesses({**spent, "core": spent["core"] - 1})
    assert f"--tools core lists {spent['core']} tokens" in told


@every_tool
def test_a_name_is_short_and_plain(name: str) -> None:
    assert NAME.fullmatch(name)


@every_tool
def test_a_tool_has_a_title_and_a_description_of_its_own(name: str) -> None:
    tool = listing()[name]
    assert tool["title"] and tool["annotations"]["title"] == tool["title"]
    assert [other for other, it in listing().items() if it["description"] == tool["description"]] == [name]


@every_tool
def test_all_four_hints_are_explicit(name: str) -> None:
    hints = listing()[name]["annotations"]
    assert all(isinstance(hints[hint], bool) for hint in HINTS)
    assert not (hints["readOnlyHint"] and hints["destructiveHint"])


@every_operation
def test_the_hints_follow_from_what_the_operation_does(name: str) -> None:
    hints, access = listing()[name]["annotations"], called()[name].operation.access
    assert hints["readOnlyHint"] is (access == "read")
    assert hints["openWorldHint"] is True
    if access in ("read", "session"):
        assert hints["destructiveHint"] is False
    if access == "destructive":
        assert hints["destructiveHint"] is True
    verb = name.split("_")[1]
    if access == "write" and verb in ("create", "duplicate"):
        assert hints["destructiveHint"] is False
    if access == "write" and verb in ("update", "replace", "remove"):
        assert hints["destructiveHint"] is True


@every_tool
def test_the_root_of_a_schema_is_a_closed_object_without_combinators(name: str) -> None:
    schema = listing()[name]["inputSchema"]
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert not COMBINATORS & set(schema)


@every_tool
def test_required_arguments_come_first_and_in_order(name: str) -> None:
    schema = listing()[name]["inputSchema"]
    required = schema.get("required", [])
    assert list(schema["properties"])[: len(required)] == required
    assert len(set(required)) == len(required)


@every_tool
def test_a_schema_is_short_enough_for_every_client(name: str) -> None:
    assert len(json.dumps(listing()[name]["inputSchema"], ensure_ascii=False)) <= LONGEST_SCHEMA


@every_tool
def test_a_listed_schema_is_self_contained_and_every_argument_has_a_type(name: str) -> None:
    assert not any("$ref" in node for node in nodes(listing()[name]["inputSchema"]))
    for argument in properties(name).values():
        assert isinstance(argument.get("type"), str) or "anyOf" in argument or "oneOf" in argument


@every_operation
def test_no_secret_constant_or_workspace_parameter_is_ever_an_argument(name: str) -> None:
    tool = called()[name]
    hidden = {value.name for value in tool.operation.supplied} | {value.name for value in tool.operation.constants}
    hidden.add(tool.operation.workspace_parameter or "project_id")
    assert not hidden & set(properties(name))
    assert not hidden & set(tool.schema["properties"])
    shown = json.dumps(listing()[name]["inputSchema"]) + json.dumps(tool.schema)
    assert not re.search(r'"(x-[a-z-]+|password|apiKey|username)":', shown)


@every_operation
def test_the_whole_schema_and_the_listed_one_have_the_same_arguments(name: str) -> None:
    whole, listed = called()[name].schema, listing()[name]["inputSchema"]
    assert list(whole["properties"]) == list(listed["properties"])
    assert whole.get("required") == listed.get("required")
    assert whole["additionalProperties"] is False


@every_operation
def test_the_provenance_is_that_of_the_operation(name: str) -> None:
    operation = called()[name].operation
    meta = listing()[name]["_meta"][META_KEY]
    expected = {
        "provider": operation.provider,
        "toolset": operation.toolset,
        "method": operation.method,
        "path": operation.path,
        "access": operation.access,
        "contract": operation.tool.contract,
    }
    assert meta == expected | ({"deprecated": True} if operation.deprecated else {})


def test_only_our_own_tools_have_no_operation_behind_them() -> None:
    assert {name for name, tool in listing().items() if META_KEY not in tool.get("_meta", {})} == OWN_NAMES


def test_an_operation_for_the_session_alone_is_no_tool() -> None:
    internal = [
        operation.name
        for provider in PROVIDERS
        for operation in catalog().operations(provider.id)
        if operation.tool.internal
    ]
    assert internal and not set(internal) & set(listing())
