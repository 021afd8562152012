"""The columns of a table -> their types and ranges in words: `integer, 18 to 1671`, `text, 5 different`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from audience_mcp.results.locate import number, step
from audience_mcp.results.outline import kind_of
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import Words, counted, cut, named, scalar, shown
from audience_mcp.results.zone import local

Json = Any
Key = str | int

MOST_ROWS, MOST_TEXTS = 20_000, 1000
"""How many rows are looked at, and how many of them where texts have to be read; it is said where that is not all."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?")
_EMPTY: tuple[Json, ...] = (None, "")
_LONGEST_NAME, _LONGEST_VALUE = 60, 30


def ranges(items: list[Json], columns: Sequence[tuple[str, Key]], path: str, zone: str | None = None) -> list[Figure]:
    """One figure per column of a name and the key that its cells have in a row."""
    return [
        Figure(cut(name, _LONGEST_NAME), Words(_told(items, key, zone)), path=step(f"{path}[*]", key))
        for name, key in columns
    ]


def _told(items: list[Json], key: Key, zone: str | None) -> str:
    values = cells(items[:MOST_ROWS], key)
    numbers = set(map(type, values)) <= {int, float, bool, type(None)}
    values = values if numbers else values[:MOST_TEXTS]
    known = [value for value in values if value not in _EMPTY]
    told = _range(known, zone) if known else "nothing"
    empty = f", {len(values) - len(known)} empty" if known and len(known) < len(values) else ""
    extent = f", in the first {counted(len(values), 'row')}" if len(values) < len(items) else ""
    return f"{told}{empty}{extent}"


def cells(items: list[Json], key: Key) -> list[Json]:
    """What stands under a key in every row; None where there is no such place."""
    if isinstance(key, str):
        if set(map(type, items)) == {dict}:
            return [item.get(key) for item in items]
        return [item.get(key) if isinstance(item, dict) else None for item in items]
    return [item[key] if isinstance(item, list) and key < len(item) else None for item in items]


def extremes(values: list[Json]) -> tuple[Json, Json] | None:
    """The least and the greatest of values that are all numbers to reckon with; None where one is not."""
    types = set(map(type, values))
    if not values or not types <= {int, float} or (float in types and any(value != value for value in values)):
        return None
    least, most = min(values), max(values)
    return (least, most) if number(least) and number(most) else None


def _range(known: list[Json], zone: str | None) -> str:
    types = set(map(type, known))
    if bounds := extremes(known):
        kind = "number" if float in types else "integer"
        return f"{kind}, {_span(*(shown(scalar(bound)) for bound in bounds))}"
    if types == {bool}:
        return f"boolean, true {sum(known)} of {len(known)}"
    if types != {str}:
        kinds = Counter(map(kind_of, known))
        return " and ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    if _MOMENT.fullmatch(known[0]):
        forms = {(found.end(), found[4]) if (found := _MOMENT.fullmatch(value)) else None for value in known}
        if None not in forms and len(forms) == 1:
            return f"time, {_span(shown(local(min(known), zone)), shown(local(max(known), zone)))}"
    return _texts(known)


def _span(least: str, most: str) -> str:
    return f"always {least}" if least == most else f"{least} to {most}"


def _texts(known: Sequence[Hashable]) -> str:
    counts = Counter(known)
    (most, times), *_ = counts.most_common(1)
    if len(counts) == 1:
        return f"text, always {named(str(most), _LONGEST_VALUE)}"
    if len(counts) == len(known):
        return "text, all different"
    return f"text, {len(counts)} different, most often {named(str(most), _LONGEST_VALUE)} ({times})"
