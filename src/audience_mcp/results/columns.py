"""Items of a list -> the columns worth showing, best first, and the cells under them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from audience_mcp.results.draft import Listing, Row
from audience_mcp.results.locate import MISSING, field, objects
from audience_mcp.results.outline import folded
from audience_mcp.results.wording import LONGEST_ID, cut, is_id, scalar

Json = Any

MOST_COLUMNS, MOST_POSITIONS, LONGEST_CELL = 8, 24, 80
_SAMPLE, _LONG_TEXT, _NOT_WORTH_A_COLUMN, _TELLING, _MOST_ITEMS = 40, 80, 7, 4, 2000

_NOTHING: tuple[Json, ...] = (MISSING, None, "", [], {})
_IDS = ("id", "uuid", "guid")
_NAMES = (
    "name",
    "title",
    "label",
    "display_name",
    "displayname",
    "full_name",
    "fullname",
    "email",
    "key",
    "event",
    "code",
)
_STATES = ("status", "state", "type", "kind", "role", "category", "activity", "scope")
_MOMENT = re.compile(r"(?:_at|_on|_date|_time|date|time|timestamp|At|Date|Time)$|^last_")
_FOREIGN = re.compile(r"(?:_ids?|_uuid|_guid|Ids?|Uuid|UUID|Guid|ID)$")


def list_columns(
    items: list[Json], wanted: tuple[str, ...], drop: tuple[str, ...], *, in_order: bool = False
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns to show and the names of those that are not; hints go first, where the data has them.

    `in_order` leaves the columns of a narrow table in the order that they have in the data.
    """
    sample = list(objects(items, _SAMPLE))
    seen: dict[str, list[Json]] = {}
    for item in sample:
        for name, value in item.items():
            seen.setdefault(name, []).append(value)
    in_order = in_order and len(seen) <= MOST_COLUMNS
    columns = [name for name in wanted if any(field(item, name) not in _NOTHING for item in sample)]
    if not columns:
        ranked = sorted((name for name in seen if name not in drop), key=lambda name: rank(name, seen[name]))
        columns = [name for name in ranked if rank(name, seen[name]) < _NOT_WORTH_A_COLUMN][:MOST_COLUMNS]
        columns = columns or ranked[:MOST_COLUMNS]
        if in_order:
            columns.sort(key=list(seen).index)
    if len(sample) >= _TELLING and not in_order:
        # A column that says the same everywhere gives way to one that does not.
        columns.sort(key=lambda name: all(field(item, name) == field(sample[0], name) for item in sample))
    roots = {name if name in seen else name.partition(".")[0] for name in columns}
    every = dict.fromkeys(chain.from_iterable(objects(items, _MOST_ITEMS)))
    return tuple(columns), tuple(name for name in every if name not in roots)


def rank(name: str, values: list[Json]) -> int:
    """How soon a field should be shown: 0 first; from 7 on it is empty, nested or long."""
    plain = name.lower()
    known = [value for value in values if value not in _NOTHING]
    if not known:
        return 9
    if any(isinstance(value, (dict, list)) for value in known):
        return 8
    if plain in _IDS:
        return _IDS.index(plain) and 6
    if plain in _NAMES:
        return 1
    if sum(len(value) for value in known if isinstance(value, str)) > _LONG_TEXT * len(known):
        return 7
    if plain in _STATES:
        return 2
    if _FOREIGN.search(name):
        return 6
    if any(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known):
        return 3
    return 4 if _MOMENT.search(name) else 5


def cell(name: str, value: Json, drop: tuple[str, ...] = ()) -> Json:
    """A value as it stands in a table: ids whole, texts cut, nested values folded to a word."""
    if value is MISSING:
        return None
    if isinstance(value, (dict, list)):
        return folded(value, drop)
    if is_id(name, value):
        return cut(value, LONGEST_ID)
    return scalar(value, LONGEST_CELL)


def object_rows(items: list[Json], columns: tuple[str, ...], drop: tuple[str, ...] = ()) -> Callable[[], Iterator[Row]]:
    """Maker of one row of cells per item."""

    def rows() -> Iterator[Row]:
        for item in items:
            if isinstance(item, dict):
                yield tuple(cell(name, field(item, name), drop) for name in columns)
            else:
                yield (cell("", item), *(None for _ in columns[1:]))

    return rows


def listing(
    items: list[Json],
    path: str,
    wanted: tuple[str, ...] = (),
    drop: tuple[str, ...] = (),
    noun: str = "row",
    *,
    in_order: bool = False,
) -> Listing:
    """The table of a list, whatever stands in it; `in_order` as in `list_columns`."""
    sample = items[:_SAMPLE]
    if sample and all(isinstance(item, dict) for item in sample):
        columns, hidden = list_columns(items, wanted, drop, in_order=in_order)
        columns = columns or ("value",)
        return Listing(columns, object_rows(items, columns, drop), len(items), path, noun, hidden)
    if sample and all(isinstance(item, list) for item in sample):
        return positions(items, path, (), noun)

    def values() -> Iterator[Row]:
        for item in items:
            yield (cell("", item, drop),)

    return Listing(("value",), values, len(items), path, noun)


def positions(items: list[Json], path: str, names: tuple[str, ...], noun: str = "row") -> Listing:
    """The table of a list of lists, under the given names, or under numbers."""
    width = max((len(item) for item in items[:_SAMPLE] if isinstance(item, list)), default=0)
    columns = tuple(names[at] if at < len(names) else str(at) for at in range(max(width, 1)))

    def rows() -> Iterator[Row]:
        for item in items:
            cells = item if isinstance(item, list) else [item]
            yield tuple(cell(name, cells[at] if at < len(cells) else None) for at, name in enumerate(columns))

    return Listing(columns[:MOST_POSITIONS], rows, len(items), path, noun, columns[MOST_POSITIONS:])
