"""Reading in large results: plain paths without the library, and no more of an item than could be shown."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonpath import JSONPath, JSONPathEnvironment

from audience_mcp.builtin.stored import LARGE_BYTES, StoredResults
from audience_mcp.errors import InvalidArguments, ResultExpired
from audience_mcp.results.answer import decode
from audience_mcp.results.locate import step
from audience_mcp.results.page import page_summary
from audience_mcp.results.path import read
from audience_mcp.results.steps import follow
from audience_mcp.results.store import ResultStore
from audience_mcp.settings import Settings

from .anything import values
from .telling import KEPT

Json = Any
leaves = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "b", ""])
keys = st.sampled_from(["a", "b", "c d", "0", "$"])
nested = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner), max_leaves=20)
steps = st.sampled_from([".a", ".b", "[0]", "[1]", "[*]", ".*", "..a", "..b", "['c d']", "['a']", "['0']", "['$']"])
paths = st.lists(steps, max_size=4).map(lambda parts: "$" + "".join(parts))


@settings(deadline=None)
@given(st.lists(nested, max_size=3) | st.dictionaries(keys, nested, max_size=3), paths)
def test_a_plain_path_finds_what_the_library_finds_in_its_order(value: Json, path: str) -> None:
    query = JSONPathEnvironment(strict=True).compile(path)
    assert isinstance(query, JSONPath)
    found = follow(path, value)
    assert found == ([match.obj for match in query.finditer(value)], query.singular_query())


MORE = ("$[1:3]", "$[?@.a]", "$.a[-1]", "$['a','b']", '$["a"]', "$.é", "$..*", "$[01]", "$.a b", "$x", "$.", "$['\\x']")


@pytest.mark.parametrize("path", MORE)
def test_anything_more_is_left_to_the_library(path: str) -> None:
    assert follow(path, {"a": [1]}) is None


@settings(deadline=None)
@given(st.text(max_size=12) | st.text(st.sampled_from("'\"\\u0/n\x1b"), max_size=6))
def test_the_path_that_is_told_for_a_field_leads_to_it_whatever_its_name(name: str) -> None:
    path = step("$", name)
    assume(path != "$")  # some names are not told
    assert read({name: [7], "other": 8}, path).items == [7]


@settings(deadline=None, max_examples=25)
@given(values, st.sampled_from([None, "$..a", "$[*]", "$[?@.a]", "$.*.*"]), st.integers(0, 3))
def test_reading_changes_nothing(value: Json, path: str | None, start: int) -> None:
    before = copy.deepcopy(value)
    try:
        page_summary(read(value, path, start, None, ("a", "b.c")), KEPT, 300)
    except InvalidArguments:
        pass
    assert repr(value) == repr(before)


@pytest.mark.anyio
async def test_a_large_result_is_read_page_after_page_and_no_longer_than_it_is_kept() -> None:
    now = [0.0]
    store = ResultStore(lifetime_seconds=60, clock=lambda: now[0])
    large: list[Json] = [{"id": number, "note": "n" * 30} for number in range(20_000)]
    body = json.dumps(large).encode()
    assert len(body) > LARGE_BYTES
    kept = [store.put(decode(body, None), tool="t", arguments={}, provenance=KEPT, body=body) for _ in range(2)]
    reader = StoredResults(Settings(), store)
    for handle in (kept[0], kept[0], kept[1], kept[0]):
        told = (await reader.read(handle, "$[*].id", 15_000)).summary
        provenance = store.get(handle).card.provenance
        assert told == page_summary(read(large, "$[*].id", 15_000), provenance, Settings().result_tokens)
    now[0] = 60
    with pytest.raises(ResultExpired):
        await reader.read(kept[0])


class Watched(list[Json]):
    """A list that counts how many of its items anybody takes."""

    taken = 0

    def __iter__(self) -> Iterator[Json]:
        for item in super().__iter__():
            self.taken += 1
            yield item


@pytest.mark.parametrize("item", [1, "name", {"id": 1, "tags": ["a", "b"]}, [[1, [2, [3]]]]])
def test_of_an_item_too_large_to_be_shown_only_a_part_is_looked_at(item: Json) -> None:
    large = Watched([item] * 100_000)
    summary = page_summary(read({"count": 100_000, "results": large}), KEPT, 400)
    assert summary.table is not None and summary.table.rows[0] == ("count", 100_000)
    summary = page_summary(read([large]), KEPT, 400)
    assert summary.table is not None and "100000 items" in summary.table.rows[0][0]
    assert large.taken < 100_000
