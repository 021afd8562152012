"""A plain JSONPath (names, indexes, `*`, `..name`) -> what stands there, many times faster than any path could be.

Whatever is more than that (filters, slices, functions) is left to the JSONPath library; where both can read a path they
find the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

Json = Any
Step = Callable[[Json], Iterator[Json]]

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_STEP = re.compile(
    rf"\.\.(?P<deep>{_NAME})|\.(?P<name>{_NAME})|\['(?P<quoted>(?:[^'\\\x00-\x1f]|\\.)*)'\]"
    r"|\[(?P<index>0|[1-9][0-9]{0,8})\]|(?P<every>\.\*|\[\*\])"
)


def follow(path: str, value: Json) -> tuple[list[Json], bool] | None:
    """All that stands at `path`, in order, and whether the path can lead to one place only.

    None where the path is not a plain one.
    """
    steps: list[Step] = []
    single, position = True, 1
    while position < len(path):
        found = _STEP.match(path, position)
        if found is None:
            return None
        try:
            step, alone = _step(found)
        except ValueError:  # an escape that is none
            return None
        steps.append(step)
        single, position = single and alone, found.end()
    places = [value]
    for step in steps:
        places = [part for place in places for part in step(place)]
    return places, single


def _step(found: re.Match[str]) -> tuple[Step, bool]:
    if found["every"]:
        return _every, False
    if found["deep"]:
        return partial(_deep, found["deep"]), False
    if found["index"]:
        return partial(_at, int(found["index"])), True
    return partial(_named, found["name"] or _unescaped(found["quoted"])), True


def _unescaped(quoted: str) -> str:
    """The name in single quotes: with JSON's escapes, and the quote's own."""
    name: str = json.loads('"' + quoted.replace("\\'", "'").replace('"', '\\"') + '"')
    return name


def _named(name: str, place: Json) -> Iterator[Json]:
    if isinstance(place, dict) and name in place:
        yield place[name]


def _at(index: int, place: Json) -> Iterator[Json]:
    if isinstance(place, list) and index < len(place):
        yield place[index]


def _every(place: Json) -> Iterator[Json]:
    if isinstance(place, dict):
        yield from place.values()
    elif isinstance(place, list):
        yield from place


def _deep(name: str, place: Json) -> Iterator[Json]:
    """What the name leads to from here and from everything below, outer places first."""
    found: list[Json] = []

    def visit(place: Json) -> None:  # as deep as `decode` opens JSON, which is less than Python's own bound
        if isinstance(place, dict):
            if name in place:
                found.append(place[name])
            place = place.values()
        for part in place:
            if isinstance(part, (dict, list)):
                visit(part)

    if isinstance(place, (dict, list)):
        visit(place)
    yield from found
