"""Bytes -> a document of a known kind, or one clear error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.contract.importing.parsing import parse
from audience_mcp.errors import DocumentProblem
from audience_mcp.openapi.yaml_text import MOST_DEPTH

from .made import FUNNEL_PATHS, openapi

POSTMAN = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"swagger": "2.0", "paths": {}}', "Swagger 2.0"),
        ("swagger: 2.0\npaths: {}\n", "Swagger 2.0"),
        ('{"openapi": "3.0.1", "paths": {}}', "OpenAPI 3.0"),
        ("openapi: 3.1\npaths: {}\n", "OpenAPI 3.1"),
        (json.dumps({"info": {"schema": POSTMAN}, "item": []}), "Postman collection"),
        (json.dumps({"collection": {"info": {"schema": POSTMAN}, "item": []}}), "Postman collection"),
    ],
)
def test_each_kind_is_recognised_in_json_and_yaml(text: str, kind: str) -> None:
    assert parse(text.encode()).kind == kind
    assert parse(text.encode("utf-8-sig")).kind == kind
    assert parse(text.encode("utf-16")).kind == kind


def test_the_document_that_a_redoc_page_carries_is_read() -> None:
    state = json.dumps({"menu": {}, "spec": {"data": openapi(FUNNEL_PATHS)}})
    page = f"<!DOCTYPE html><html><script>const __redoc_state = {state};\nRedoc.hydrate(__redoc_state)</script></html>"
    assert parse(page.encode()).raw["paths"] == FUNNEL_PATHS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("<html><body>Log in</body></html>", "web page"),
        ("<html>__redoc_state = {broken</html>", "web page"),
        ('{"openapi": "3.0.1", "paths": {"/a', "broken or cut off"),
        ("openapi: 3.0.1\npaths:\n  /a:\n    get: {summary: 'cut o", "broken"),
        ("openapi: 4.0.0\n", "version"),
        ('{"hello": 1}', "does not say that it describes an API"),
        ("just words\n", "no object"),
        ('{"openapi": NaN}', "not JSON number"),
        ("openapi: !!python/object/apply:os.system ['true']\n", "no object|does not say|version"),
    ],
)
def test_anything_else_is_told_as_what_it_is(text: str, said: str) -> None:
    with pytest.raises(DocumentProblem, match=said.replace("not JSON", "no JSON")) as caught:
        parse(text.encode())
    assert caught.value.remedy


def test_bytes_that_are_no_text_are_told() -> None:
    with pytest.raises(DocumentProblem, match="no text"):
        parse(b"PK\x03\x04\xff\xfe\xfa")


def laughs(levels: int) -> str:
    lines = ["openapi: 3.0.0", "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join([*lines, "paths: {}"])


def merges(levels: int) -> str:
    lines = ["openapi: 3.0.0", "m0: &m0 {k: v}"]
    lines += [f"m{n}: &m{n} {{k{n}: v, <<: [{', '.join([f'*m{n - 1}'] * 10)}]}}" for n in range(1, levels)]
    return "\n".join([*lines, "paths: {}"])


def test_a_billion_laughs_are_not_unfolded() -> None:
    with pytest.raises(DocumentProblem, match="unfolds to too many values"):
        parse(laughs(9).encode())


def test_a_long_chain_of_aliases_is_too_deep() -> None:
    chain = "\n".join(["a0: &a0 []", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3_000))])
    with pytest.raises(DocumentProblem, match="nested deeper"):
        parse(f"openapi: 3.0.0\n{chain}\n".encode())


def test_merge_keys_that_multiply_stay_small() -> None:
    assert parse(merges(9).encode()).raw["m8"]["k"] == "v"


def test_a_merge_key_gives_way_to_what_stands_there() -> None:
    parsed = parse(b"openapi: 3.0.0\nx: &x {a: 1, b: 2}\ny: {<<: *x, a: 3}\n")
    assert parsed.raw["y"] == {"a": 3, "b": 2}


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "- " * 5_000, "a: " + "[" * 50_000])
def test_endless_nesting_is_refused(text: str) -> None:
    with pytest.raises(DocumentProblem):
        parse(text.encode())


def test_nesting_just_over_the_bound_is_refused_in_json_too() -> None:
    deep = '{"openapi": "3.0.0", "x": ' + "[" * (MOST_DEPTH + 2) + "]" * (MOST_DEPTH + 2) + "}"
    with pytest.raises(DocumentProblem, match="nested deeper"):
        parse(deep.encode())


def test_an_alias_of_what_contains_it_is_refused() -> None:
    with pytest.raises(DocumentProblem, match="names nothing before it"):
        parse(b"openapi: 3.0.0\nx: &x {y: *x}\n")


@pytest.mark.parametrize("text", ['{"openapi": "3.0.0", "a": 1, "a": 2}', "openapi: 3.0.0\na: 1\na: 2\n"])
def test_keys_that_stand_twice_are_told_and_the_last_counts(text: str) -> None:
    parsed = parse(text.encode())
    assert parsed.raw["a"] == 2
    assert parsed.notes == ('1 key met twice in one object ("a"); the last one was read',)


def test_dates_and_codes_stay_text() -> None:
    parsed = parse(b"openapi: 3.0.0\nwhen: 2026-01-01\nresponses: {200: ok, on: 1}\n")
    assert (parsed.raw["when"], parsed.raw["responses"]) == ("2026-01-01", {"200": "ok", "true": 1})


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text(max_size=80).map(str.encode)))
def test_no_bytes_raise_anything_but_the_documented_error(body: bytes) -> None:
    try:
        parse(body)
    except DocumentProblem as problem:
        assert problem.message and problem.remedy


FRAGMENTS = st.sampled_from(
    [
        "a: ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "&x ",
        "*x",
        "<<: ",
        "\n",
        "  ",
        "!!int ",
        "!!bool x",
        ".inf",
        "|\n",
        '"',
        "1:2",
        "? ",
    ]
)


@settings(deadline=None)
@given(st.lists(FRAGMENTS, max_size=25))
def test_no_yaml_raises_anything_but_the_documented_error(parts: list[str]) -> None:
    try:
        parse(("openapi: 3.0.0\n" + "".join(parts)).encode())
    except DocumentProblem:
        pass
