"""Two JSON values -> where they differ, place by place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from audience_mcp.results.locate import step

Json = Any

ABSENT: Final = object()
"""Stands for the value of a place that one of the two does not have."""

MOST_DEPTH = 40  # below that a part is compared as one value: nobody reads a path that long
MOST_PAIRS = 1_000_000  # of list items to align; longer lists are told as one value


@dataclass(frozen=True, slots=True)
class Difference:
    """One place: `path` is a JSONPath without its `$.`, `now` and `then` are the values there, or `ABSENT`."""

    path: str
    now: Json
    then: Json


def differences(now: Json, then: Json) -> list[Difference]:
    """Every place where `then` is not what `now` is, in the order of `now`.

    Lists are aligned by equal items first, so that one item more does not make all later ones differ; a removed item
    has its place in `now`, an added one its place in `then`.
    """
    return [Difference(path.removeprefix("$").removeprefix("."), was, will) for path, was, will in _walk(now, then)]


def same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON: `1` is `1.0`, and neither is `true`."""
    return next(_walk(one, other), None) is None


_Found = tuple[str, Json, Json]


def _walk(now: Json, then: Json, path: str = "$", depth: int = 0) -> Iterator[_Found]:
    deeper = depth < MOST_DEPTH
    if deeper and isinstance(now, Mapping) and isinstance(then, Mapping):
        for name in dict.fromkeys((*now, *then)):
            yield from _walk(now.get(name, ABSENT), then.get(name, ABSENT), step(path, name), depth + 1)
    elif deeper and isinstance(now, list) and isinstance(then, list):
        yield from _lists(now, then, path, depth + 1)
    elif not _equal(now, then):
        yield path, now, then


def _lists(now: Sequence[Json], then: Sequence[Json], path: str, depth: int) -> Iterator[_Found]:
    ours, theirs = [_text(item) for item in now], [_text(item) for item in then]
    if ours == theirs:
        return
    if len(ours) * len(theirs) > MOST_PAIRS:
        yield path, list(now), list(then)
        return
    for _, start, end, first, last in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        paired = min(end - start, last - first)
        for place in range(paired):
            yield from _walk(now[start + place], then[first + place], step(path, start + place), depth)
        for place in range(start + paired, end):
            yield step(path, place), now[place], ABSENT
        for place in range(first + paired, last):
            yield step(path, place), ABSENT, then[place]


def _equal(one: Json, other: Json) -> bool:
    if one is ABSENT or other is ABSENT:
        return one is other
    if _is_number(one) and _is_number(other):
        return bool(one == other) or _text(one) == _text(other)
    return _text(one) == _text(other)


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True, default=str)
