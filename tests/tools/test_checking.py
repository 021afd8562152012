"""Arguments are read as they were meant where that is sure, and refused with what to mend where it is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audience_mcp.errors import InvalidArguments
from audience_mcp.tools.arguments import ArgumentChecker

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": ["static", "dynamic"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 100},
        "share": {"type": "number"},
        "basic": {"type": "boolean"},
        "name": {"type": "string", "minLength": 2},
        "names": {"type": "array", "items": {"type": "string"}},
        "filters": {"anyOf": [{"$ref": "#/$defs/Filters"}, {"type": "null"}]},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "id": {"type": "string", "format": "uuid"},
        "at": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
    },
    "additionalProperties": False,
    "$defs": {
        "Filters": {
            "type": "object",
            "required": ["field"],
            "properties": {"field": {"type": "string"}, "deep": {"type": "array", "items": {"type": "integer"}}},
            "additionalProperties": False,
        }
    },
}
CHECKER = ArgumentChecker("small_tool", SCHEMA)


def checked(**arguments: Any) -> dict[str, Any]:
    return CHECKER.check({"kind": "static", **arguments})


def refusal(**arguments: Any) -> str:
    with pytest.raises(InvalidArguments) as caught:
        checked(**arguments)
    return caught.value.message


@pytest.mark.parametrize(
    ("argument", "text", "value"),
    [
        ("count", "7", 7),
        ("count", "7.0", 7),
        ("count", " 7 ", 7),
        ("share", "0.5", 0.5),
        ("basic", "true", True),
        ("basic", "false", False),
        ("names", '["a", "b"]', ["a", "b"]),
        ("filters", '{"field": "age", "deep": [1]}', {"field": "age", "deep": [1]}),
        ("filters", "null", None),
    ],
)
def test_json_text_is_read_where_something_else_than_text_is_wanted(argument: str, text: str, value: Any) -> None:
    assert checked(**{argument: text})[argument] == value


def test_a_whole_number_written_with_a_point_becomes_an_integer() -> None:
    assert repr(checked(count=7.0)["count"]) == "7"
    assert repr(checked(count="7.0")["count"]) == "7"


@pytest.mark.parametrize("text", ["123", "true", "null", '{"a": 1}', '"quoted"'])
def test_text_stays_text_where_text_is_allowed(text: str) -> None:
    assert checked(name=text, either=text) == {"kind": "static", "name": text, "either": text}


@pytest.mark.parametrize("text", ["seven", "", "[1, 2", "{'field': 'age'}", "True", "[" * 100_000])
def test_text_that_is_no_json_is_refused(text: str) -> None:
    assert "'names' must be an array" in refusal(names=text)
    assert "'basic' must be a boolean" in refusal(basic=text)


def test_a_message_names_the_tool_and_says_that_nothing_was_called() -> None:
    assert refusal(count=0).startswith("small_tool was not called: ")


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(InvalidArguments, match="'kind' is missing"):
        CHECKER.check({})


def test_the_allowed_values_are_told() -> None:
    assert '\'kind\' must be one of "static", "dynamic", not "fixed"' in refusal(kind="fixed")


def test_a_wrong_type_tells_the_right_one() -> None:
    assert "'name' must be a string, not 7" in refusal(name=7)
    assert "'filters' must be an object, not [1]" in refusal(filters=[1])


def test_a_value_out_of_range_tells_the_range() -> None:
    message = refusal(count=1000)
    assert "'count'" in message and "100" in message


def test_an_unknown_argument_gets_the_nearest_name() -> None:
    assert "there is no argument 'cuont' (did you mean 'count'?)" in refusal(cuont=1)


def test_an_unknown_argument_like_no_other_gets_the_list() -> None:
    message = refusal(zzzzzz=1)
    assert "there is no argument 'zzzzzz' (known are " in message
    assert '"kind", "count"' in message


@pytest.mark.parametrize(
    ("argument", "bad", "good"),
    [
        ("id", "7", "a8098c1a-f86e-11da-bd1a-00112444be1e"),
        ("at", "yesterday", "2026-05-01T00:00:00Z"),
        ("at", "2026-05-01", "2026-05-01T00:00:00+02:00"),
        ("day", "01.05.2026", "2026-05-01"),
        ("day", "2026-02-30", "2026-02-28"),
    ],
)
def test_formats_are_asserted(argument: str, bad: str, good: str) -> None:
    assert checked(**{argument: good})[argument] == good
    assert f"'{argument}' must be a {SCHEMA['properties'][argument]['format']}, not " in refusal(**{argument: bad})


def test_a_path_leads_into_nested_values() -> None:
    assert "'filters.deep[1]' must be an integer, not \"x\"" in refusal(filters={"field": "a", "deep": [1, "x"]})
    assert "'filters.field' is missing" in refusal(filters={})
    assert "'filters.feld' is not known there" in refusal(filters={"field": "a", "feld": 1})


def test_several_problems_are_told_together_and_many_are_counted() -> None:
    message = refusal(count="x", share="x", basic="x", names="x", name=1, id="x", at="x")
    assert message.count("must be") == 5
    assert "and 2 more" in message


def test_a_long_value_or_name_is_shortened_in_the_message() -> None:
    assert len(refusal(name=["x" * 10_000])) < 300
    assert len(refusal(**{"x" * 10_000: 1})) < 500


@pytest.mark.parametrize(
    ("argument", "value"),
    [("name", "half a \ud800"), ("share", float("nan")), ("share", float("inf")), ("filters", {"field": "\udfff"})],
)
def test_what_json_cannot_say_is_refused(argument: str, value: Any) -> None:
    assert "cannot say" in refusal(**{argument: value})


def test_a_value_nested_without_end_is_refused() -> None:
    nested: list[Any] = []
    for _ in range(50_000):
        nested = [nested]
    assert "nested too deep" in refusal(names=nested)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(SCHEMA["properties"])) | st.text(max_size=6), JSON, max_size=4))
def test_whatever_is_sent_is_either_accepted_or_refused_as_invalid(sent: dict[str, Any]) -> None:
    try:
        arguments = CHECKER.check(sent)
    except InvalidArguments as error:
        assert error.message and len(error.message) < 4_000
    else:
        assert CHECKER.check(arguments) == arguments
