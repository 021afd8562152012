"""Bodies as providers really send them: right, mislabelled, broken, empty, huge."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audience_mcp.results.answer import decode


@pytest.mark.parametrize(
    ("body", "content_type", "media", "value"),
    [
        (b'{"a": 1}', "application/json", "json", {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', "application/json;charset=UTF-8", "json", {"a": 1}),
        (b'{"a": 1}', "text/html", "json", {"a": 1}),
        (b'{"a": 1}', "application:json", "json", {"a": 1}),
        (b'{"a": 1}', None, "json", {"a": 1}),
        (b'"3f25"', "application/json", "json", "3f25"),
        (b"12.5", "application/json", "json", 12.5),
        (b"null", "application/json", "json", None),
        (b"", "application/json", "empty", None),
        (b" \r\n", None, "empty", None),
        (b"<html>", "application/json", "text", "<html>"),
        (b'{"a": ', "application/json", "text", '{"a": '),
        (b"plain words", "text/plain", "text", "plain words"),
        ("zażółć".encode("iso-8859-2"), "text/plain; charset=ISO-8859-2", "text", "zażółć"),
        (b"caf\xe9", "text/plain; charset=no-such", "text", "caf\ufffd"),
        (b'{"a": "caf\xe9"}', "application/json", "json", {"a": "caf\ufffd"}),
        (b'["\\ud800"]', "application/json", "json", ["\ud800"]),
        (b"a,b\n1,x\n", "text/csv", "csv", [{"a": "1", "b": "x"}]),
        (b'a;b\n1;"x;y"\n', "text/csv", "csv", [{"a": "1", "b": "x;y"}]),
        (b"a,a,\n1,2,3,4\n", "text/csv", "csv", [{"a": "1", "a_2": "2", "column_3": "3", "column_4": "4"}]),
        (b"a,b\n", "text/csv", "csv", []),
        (b'{"error": "no"}', "text/csv", "json", {"error": "no"}),
    ],
)
def test_a_body_is_read_for_what_it_is(body: bytes, content_type: str | None, media: str, value: Any) -> None:
    answer = decode(body, content_type)
    assert (answer.media, answer.value, answer.size) == (media, value, len(body))


def test_numbers_json_does_not_know_are_read_all_the_same() -> None:
    value = decode(b"[NaN, Infinity, -Infinity, 1e999]", "application/json").value
    assert value[0] != value[0]
    assert value[1:] == [float("inf"), float("-inf"), float("inf")]


def test_an_integer_too_long_for_python_stays_exact_as_text() -> None:
    digits = "9" * 6000
    assert decode(f"[{digits}]".encode(), "application/json").value == [digits]


@pytest.mark.parametrize(("depth", "media"), [(150, "json"), (350, "json"), (450, "text"), (200_000, "text")])
def test_nesting_deeper_than_anyone_can_follow_is_kept_as_text(depth: int, media: str) -> None:
    assert decode(b"[" * depth + b"]" * depth, "application/json").media == media


@given(
    st.binary(max_size=60), st.sampled_from([None, "", "application/json", "text/csv", "text/csv; charset=utf-16", "x"])
)
def test_no_body_is_refused(body: bytes, content_type: str | None) -> None:
    assert decode(body, content_type).size == len(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_json_comes_back_as_it_was_written(value: Any) -> None:
    assert decode(json.dumps(value).encode(), "application/json").value == value
