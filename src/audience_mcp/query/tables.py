"""An answer -> the tables it is in SQL: its list of records under the handle itself, other lists beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Literal, NamedTuple

from audience_mcp.query.naming import unique
from audience_mcp.results.draft import View
from audience_mcp.results.locate import Place, rows, step

Json = Any
Form = Literal["records", "lists", "nested", "entries"]
Column = tuple[str, list[Json]]

MOST_COLUMNS = 200
"""Fields of a record that become columns, what else there is goes to one column of JSON; an answer that is one object
with more fields is taken as a list of them."""

KEY, VALUE, INDEX, REST, TOP, NAMES = "key", "value", "list_index", "more", "top", "names"
_HEADS, _HEAD_NAMES = ("columns", "fields"), ("name", "title", "label", "key", "id")
_LOOKED_AT, _DEEPEST, _MOST_PARTS, _MOST_TABLES, _WIDEST_LIST = 8, 4, 300, 24, 60
_WHOLE, _DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII), re.compile(r"-?(0|[1-9]\d*)\.\d+", re.ASCII)


class Source(NamedTuple):
    """Where the rows of a table are: `name` is empty for the answer's main table, `path` is a JSONPath.

    Items are objects ("records"; other items go to the column `value`), lists under the names of `head` ("lists"), or
    lists of objects whose place becomes the column `list_index` ("nested"), or pairs of a field's name, which becomes
    the column `key`, and what is in it ("entries"). `loose` texts may be numbers (CSV); a `single` row is an object
    without the lists in it.
    """

    name: str
    path: str
    items: list[Json]
    form: Form = "records"
    head: tuple[str, ...] = ()
    loose: bool = False
    single: bool = False


def sources(view: View) -> list[Source]:
    """Every table of an answer, the main one first.

    Beside a main list stands `top`, one row of the other top-level fields. An object without a main list is a row
    itself. Names known for ids of the answer are the table `names`.
    """
    value = view.value
    if view.media == "empty":
        return [Source("", "$", [])]
    if not isinstance(value, dict):
        items = value if isinstance(value, list) else [value]
        return [_source("", "$", items, (), loose=view.media == "csv"), *_known(view.names)]
    place = rows(value, view.reading.items)
    beside: list[Place] = []
    found = [_source("", place.path, place.value, _head(value))] if place else []
    rest = _apart(value, Place(value, "$"), place.value if place else None, beside, [_MOST_PARTS])
    if len(rest) > MOST_COLUMNS:
        found.append(Source(TOP if place else "", "$", list(rest.items()), "entries"))
    elif rest or not (place or beside):
        found.append(Source(TOP if place else "", "$", [rest], single=True))
    names = unique([TOP, NAMES, *(one.key or "" for one in beside)])[2:]
    found += [_source(name, one.path, one.value, ()) for name, one in zip(names, beside, strict=True)]
    return [*found, *_known(view.names)]


def columns(source: Source, items: list[Json]) -> list[Column]:
    """The columns of some of a table's items: for each its name in the answer, and a value for each row."""
    if source.form == "lists":
        return _positions(source.head, items)
    if source.form == "entries":
        return [(KEY, [key for key, _ in items]), *_fields([part for _, part in items])]
    if source.form == "nested":
        pairs = [(at, inner) for at, item in enumerate(items) for inner in _inside(item)]
        return [(INDEX, [at for at, _ in pairs]), *_fields([inner for _, inner in pairs])]
    made = _fields(items)
    return [(name, _numbers(values)) for name, values in made] if source.loose else made


def _source(name: str, path: str, items: list[Json], head: tuple[str, ...], *, loose: bool = False) -> Source:
    first = [item for item in items[:_LOOKED_AT] if item is not None]
    if not first or not all(isinstance(item, list) for item in first):
        return Source(name, path, items, loose=loose)
    inner = [part for item in first for part in item[:_LOOKED_AT]]
    if inner and all(isinstance(part, dict) for part in inner):
        return Source(name, path, items, "nested")
    widths = set(map(len, first))
    if head or (len(widths) == 1 and 0 < widths.pop() <= _WIDEST_LIST):
        return Source(name, path, items, "lists", head)
    return Source(name, path, items)


def _apart(
    value: dict[str, Json], place: Place, main: list[Json] | None, beside: list[Place], left: list[int], depth: int = 0
) -> dict[str, Json]:
    """An object without the lists of records in it, which are added to `beside`; the main list is left out.

    It looks at so many parts as are `left`; the others stay where they are.
    """
    left[0] -= len(value)
    if left[0] < 0 and main is None:
        return value
    rest: dict[str, Json] = {}
    for key, part in value.items():
        if part is main and main is not None:
            continue
        if left[0] < 0 or not isinstance(part, (dict, list)):
            rest[key] = part
            continue
        here = Place(part, step(place.path, key), f"{place.key}_{key}" if place.key else key)
        if isinstance(part, list) and len(beside) < _MOST_TABLES and _holds_objects(part):
            beside.append(here)
        elif isinstance(part, dict) and part and depth < _DEEPEST:
            rest[key] = _apart(part, here, main, beside, left, depth + 1)
        else:
            rest[key] = part
    return rest


def _holds_objects(items: list[Json]) -> bool:
    return any(isinstance(item, dict) for item in items[:_LOOKED_AT])


def _head(value: dict[str, Json]) -> tuple[str, ...]:
    """Column names that stand beside the rows: names, or descriptions that hold one each."""
    for key in _HEADS:
        part = value.get(key)
        if isinstance(part, list) and part:
            names = [_head_name(one) for one in part]
            if all(names):
                return tuple(names)
    return ()


def _head_name(part: Json) -> str:
    found = next((part[key] for key in _HEAD_NAMES if part.get(key)), "") if isinstance(part, dict) else part
    return found if isinstance(found, str) else ""


def _known(names: Mapping[str, str]) -> Iterator[Source]:
    if names:
        yield Source(NAMES, "", [{"id": key, "name": name} for key, name in names.items()])


def _inside(item: Json) -> Sequence[Json]:
    """The rows in one item of a list of lists."""
    if item is None:
        return ()
    return item if type(item) is list else (item,)


def _fields(items: list[Json]) -> list[Column]:
    objects = [item for item in items if type(item) is dict]
    keys = list(dict.fromkeys(chain.from_iterable(objects)))
    others = len(objects) < len(items) and any(item is not None and type(item) is not dict for item in items)
    if len(objects) == len(items):
        made = [(key, [item.get(key) for item in items]) for key in keys[:MOST_COLUMNS]]
    else:
        made = [(key, [item.get(key) if type(item) is dict else None for item in items]) for key in keys[:MOST_COLUMNS]]
    if len(keys) > MOST_COLUMNS:
        rest = dict.fromkeys(keys[MOST_COLUMNS:])
        made.append((REST, [_only(item, rest) for item in items]))
    if others or not made:
        made.append((VALUE, [None if type(item) is dict else item for item in items]))
    return made


def _only(item: Json, keys: dict[str, None]) -> Json:
    return {key: part for key, part in item.items() if key in keys} if type(item) is dict else None


def _positions(head: tuple[str, ...], items: list[Json]) -> list[Column]:
    lists = [item if type(item) is list else () for item in items]
    width = max(map(len, lists), default=0)
    names = [*head, *(f"column_{position}" for position in range(len(head) + 1, width + 1))]
    made: list[Column] = [
        (name, [item[at] if at < len(item) else None for item in lists]) for at, name in enumerate(names)
    ]
    strays = [item for item in items if type(item) is not list]
    if any(item is not None for item in strays):
        made += _fields([None if type(item) is list else item for item in items])
    return made


def _numbers(values: list[Json]) -> list[Json]:
    """Texts of a CSV column as the numbers they are, where all of them are; what is empty is null then."""
    texts = [value for value in values if value]
    if not texts or not all(isinstance(text, str) for text in texts):
        return values
    if all(_WHOLE.fullmatch(text) for text in texts):
        return [int(value) if value else None for value in values]
    if all(_WHOLE.fullmatch(text) or _DECIMAL.fullmatch(text) for text in texts):
        return [float(value) if value else None for value in values]
    return values
