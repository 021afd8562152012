"""Where two JSON values differ."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.changes.difference import ABSENT, differences, same

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=True) | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4)
)


def places(now: Any, then: Any) -> dict[str, tuple[Any, Any]]:
    return {place.path: (place.now, place.then) for place in differences(now, then)}


def test_only_what_differs_is_named_by_its_whole_path() -> None:
    now = {"name": "Gold", "filters": {"values": [{"key": "tier", "value": ["gold"]}]}, "kept": [1, {"a": None}]}
    then = {
        "name": "Gold",
        "filters": {"values": [{"key": "tier", "value": ["gold", "silver"]}]},
        "kept": [1, {"a": None}],
    }
    assert places(now, then) == {"filters.values[0].value[1]": (ABSENT, "silver")}


def test_what_only_one_of_them_has_is_told_as_absent_in_the_other() -> None:
    assert places({"a": 1, "b": None}, {"b": None, "c": [2]}) == {"a": (1, ABSENT), "c": (ABSENT, [2])}


def test_an_item_put_in_front_does_not_make_the_others_differ() -> None:
    items = [{"name": name, "steps": [name]} for name in "abcd"]
    assert places(items, [{"name": "new"}, *items]) == {"[0]": (ABSENT, {"name": "new"})}
    assert places(items, items[:1] + items[2:]) == {"[1]": (items[1], ABSENT)}


def test_an_item_that_changed_is_compared_within() -> None:
    assert places([1, {"a": 1, "b": 2}, 3], [1, {"a": 1, "b": 5}, 3]) == {"[1].b": (2, 5)}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [(1, 1.0, True), (1, True, False), (0, False, False), (0, None, False), ("1", 1, False), ([], {}, False)],
)
def test_kinds_of_values_are_told_apart_as_json_does(one: Any, other: Any, alike: bool) -> None:
    assert same(one, other) is same(other, one) is alike


def test_a_value_nested_very_deep_is_compared_and_not_lost() -> None:
    def nest(value: Any) -> Any:
        for _ in range(200):
            value = {"a": [value]}
        return value

    assert same(nest(1), nest(1))
    assert len(differences(nest(1), nest(2))) == 1


def test_very_long_lists_are_told_as_one_value() -> None:
    now, then = list(range(5000)), list(range(1, 5001))
    assert places({"ids": now}, {"ids": then}) == {"ids": (now, then)}


@settings(max_examples=40, deadline=None)
@given(VALUES, VALUES)
def test_there_is_a_difference_exactly_where_the_json_differs(now: Any, then: Any) -> None:
    def plain(value: Any) -> str:
        return json.dumps(json.loads(json.dumps(value), parse_int=float), sort_keys=True)

    assert bool(differences(now, then)) is (plain(now) != plain(then))
    assert differences(now, now) == []
