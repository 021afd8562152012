"""The four shipped documents: valid OpenAPI, and in agreement with themselves and with one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from openapi_spec_validator import validate

from audience_mcp.openapi.document import Document, load
from audience_mcp.openapi.operation import Operation
from audience_mcp.openapi.reader import read
from audience_mcp.providers import PROVIDERS, provider

IDS = [known.id for known in PROVIDERS]
DOCUMENTED = ("seed", "public")
LONGEST_DESCRIPTION, SHORTEST_DESCRIPTION = 1024, 20
PROVIDER_TOOL = re.compile(rf"\b(?:{'|'.join(IDS)})_[a-z][a-z_]*\b")
PAST = re.compile(r"\b(deprecated|removed from newer)\b", re.IGNORECASE)

each_provider = pytest.mark.parametrize("name", IDS)


@cache
def document(name: str) -> Document:
    return load(provider(name).document_path)


@cache
def operations(name: str) -> dict[str, Operation]:
    return {operation.id: operation for operation in read(document(name), name)}


@cache
def tools() -> dict[str, Operation]:
    found = (operation for name in IDS for operation in operations(name).values())
    return {operation.name: operation for operation in found if not operation.tool.internal}


def texts(node: Any) -> Iterator[str]:
    """Everything a model may come to read: descriptions, shallow lines and what x-tool says, sources left out."""
    if isinstance(node, list):
        for item in node:
            yield from texts(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str) and key != "source":
                yield value
            elif key != "source":
                yield from texts(value)


@each_provider
def test_a_document_is_valid_openapi(name: str) -> None:
    validate(document(name).raw)


@each_provider
def test_a_document_reads_as_operations_with_names_of_their_own(name: str) -> None:
    entries = list(document(name).entries())
    assert len(operations(name)) == len(entries) > 0


@each_provider
def test_a_toolset_in_use_is_declared_and_none_is_declared_in_vain(name: str) -> None:
    declared = [tag["name"] for tag in document(name).raw["tags"]]
    assert sorted(declared) == sorted({operation.toolset for operation in operations(name).values()})


@each_provider
def test_a_host_in_use_has_a_setting_for_its_address(name: str) -> None:
    assert {operation.base for operation in operations(name).values()} <= set(provider(name).url_fields)


@each_provider
def test_a_saved_object_is_read_by_a_documented_read_under_the_same_argument(name: str) -> None:
    for operation in operations(name).values():
        hint = operation.tool.object
        if hint is None:
            continue
        reading = operations(name)[hint.operation]
        assert reading.access == "read", operation.name
        assert reading.tool.contract in DOCUMENTED, operation.name
        assert hint.argument in {argument.name for argument in operation.arguments}, operation.name
        assert [a.name for a in reading.arguments if a.required] == [hint.argument], operation.name


@each_provider
def test_the_second_read_for_names_can_be_asked_with_what_the_first_was_asked_with(name: str) -> None:
    for operation in operations(name).values():
        hint = operation.tool.names
        if hint is None:
            continue
        reading = operations(name)[hint.operation]
        assert reading.access == "read", operation.name
        own = {argument.name for argument in operation.arguments if argument.required}
        assert set(hint.with_) <= own, operation.name
        assert {a.name for a in reading.arguments if a.required} <= set(hint.with_.values()), operation.name


@each_provider
def test_what_answers_nearly_the_same_exists_and_is_documented(name: str) -> None:
    for operation in operations(name).values():
        for near in operation.tool.nearly:
            assert operations(name)[near].tool.contract in DOCUMENTED, f"{operation.name} -> {near}"
            assert not operations(name)[near].tool.internal


@each_provider
def test_every_tool_that_a_text_mentions_exists(name: str) -> None:
    mentioned = {found for text in texts(document(name).raw) for found in PROVIDER_TOOL.findall(text)}
    assert mentioned <= set(tools())


@each_provider
def test_a_description_is_neither_empty_nor_longer_than_clients_keep(name: str) -> None:
    for operation in operations(name).values():
        assert SHORTEST_DESCRIPTION <= len(operation.description) <= LONGEST_DESCRIPTION, operation.name
        assert operation.title, operation.name


@each_provider
def test_a_guessed_path_is_admitted_in_the_description_and_no_other_is(name: str) -> None:
    for operation in operations(name).values():
        guessed = operation.tool.contract == "inferred"
        assert operation.description.endswith("Path unconfirmed.") is guessed, operation.name


@each_provider
def test_a_deprecated_operation_says_so_to_the_model_and_why_to_the_reader(name: str) -> None:
    for operation in operations(name).values():
        assert operation.deprecated is bool(PAST.search(operation.description)), operation.name
        assert operation.deprecated is (operation.tool.deprecation is not None), operation.name


@each_provider
def test_every_write_has_hints_and_nothing_else_has(name: str) -> None:
    for operation in operations(name).values():
        assert (operation.tool.hints is not None) is operation.writes, operation.name


@each_provider
def test_whatever_destroys_is_hinted_as_destructive(name: str) -> None:
    for operation in operations(name).values():
        if operation.access == "destructive" or operation.tool.destructive_when:
            assert operation.tool.hints is not None and operation.tool.hints.destructive, operation.name


@each_provider
def test_every_path_has_a_source(name: str) -> None:
    assert [operation.name for operation in operations(name).values() if not operation.tool.source] == []


@each_provider
def test_what_an_operation_speaks_of_by_name_are_arguments_of_its_own(name: str) -> None:
    for operation in operations(name).values():
        own = {argument.name for argument in operation.arguments}
        assert set(operation.tool.destructive_when) <= own, operation.name
        assert {limit.per for limit in operation.tool.limits} - {None} <= own, operation.name
        paging = operation.tool.paging
        if paging is not None:
            assert {paging.number, paging.size} - {None} <= own, operation.name
            assert paging.number if paging.style == "page" else paging.next, operation.name


@each_provider
def test_a_secret_that_is_sent_has_a_setting(name: str) -> None:
    settings = {variable.field for variable in provider(name).variables if variable.secret}
    for operation in operations(name).values():
        assert {supplied.field for supplied in operation.supplied} <= settings, operation.name


@each_provider
def test_remedies_are_kept_for_failures_only(name: str) -> None:
    for operation in operations(name).values():
        assert all(400 <= int(status) < 600 for status in operation.tool.failures), operation.name
