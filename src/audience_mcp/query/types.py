"""Values of one column -> the narrowest SQL type that holds every one of them exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from math import isfinite
from typing import Any, NamedTuple

from audience_mcp.query.naming import delimited, unique

Json = Any

MOST_FIELDS, DEEPEST = 400, 8
"""A column whose objects have more fields than this in all, at every depth, is JSON; so is what lies deeper."""

_NOTHING = type(None)
_EXACT = 2**53  # beyond it a DOUBLE does not hold every integer
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?", re.ASCII)
_UTC = re.compile(_MOMENT.pattern + r"(?:Z|\+00:00)", re.ASCII)


class Field(NamedTuple):
    """A field of a STRUCT: its name in SQL, and its key in the answer."""

    name: str
    key: str
    type: SqlType


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type of the engine. `plain` values go there as the JSON they are; others are packed for the way."""

    name: str
    fields: tuple[Field, ...] = ()
    item: SqlType | None = None
    plain: bool = True

    def sql(self) -> str:
        """The type as SQL writes it."""
        if self.item:
            return f"{self.item.sql()}[]"
        if self.fields:
            return f"STRUCT({', '.join(f'{delimited(field.name)} {field.type.sql()}' for field in self.fields)})"
        return "VARCHAR" if self is NOTHING else self.name


NOTHING = SqlType("NULL")
"""Of a column without any value; to the engine it is VARCHAR."""
BOOLEAN, BIGINT, DOUBLE, VARCHAR = (SqlType(name) for name in ("BOOLEAN", "BIGINT", "DOUBLE", "VARCHAR"))
DATE, TIMESTAMP, TIMESTAMPTZ = (SqlType(name) for name in ("DATE", "TIMESTAMP", "TIMESTAMPTZ"))
HUGEINT, WILD_DOUBLE = SqlType("HUGEINT", plain=False), SqlType("DOUBLE", plain=False)
MIXED, JSON = SqlType("VARCHAR", plain=False), SqlType("JSON", plain=False)


def type_of(values: list[Json], per_list: int | None = None) -> SqlType:
    """The type of a column; of nested lists only the first `per_list` items are looked at.

    Values of several simple types are text (as a column of text stays one whatever else comes), with nested values
    among them too; nested values without any text are JSON.
    """
    if set(map(type, values)) <= {str, _NOTHING} and any(values):
        return _text(values)
    try:
        return _typed(values, _Room(per_list), DEEPEST)
    except _TooWide:
        return MIXED if str in set(map(type, values)) else JSON


class _TooWide(Exception):
    """A column has too many fields."""


class _Room:
    """What there still is to look at in one column."""

    def __init__(self, per_list: int | None) -> None:
        self.per_list, self.fields = per_list, MOST_FIELDS

    def take(self, fields: int) -> None:
        self.fields -= fields
        if self.fields < 0:
            raise _TooWide


def _typed(values: list[Json], room: _Room, depth: int) -> SqlType:
    kinds = set(map(type, values))
    kinds.discard(_NOTHING)
    if not kinds:
        return NOTHING
    if len(kinds) == 1:
        (kind,) = kinds
        if kind is str:
            return _text(values)
        if kind is bool:
            return BOOLEAN
        if kind is int:
            return _integer(values)
        if kind is float:
            return _float(values)
        return _nested(kind, [value for value in values if value is not None], room, depth)
    if kinds == {int, float}:
        whole = _integer([value for value in values if type(value) is int], _EXACT)
        return _float([value for value in values if type(value) is float]) if whole is BIGINT else MIXED
    return MIXED if str in kinds or not kinds & {dict, list} else JSON


def _integer(values: list[Json], most: int = 2**63 - 1) -> SqlType:
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    if -most <= low and high <= most:
        return BIGINT
    return HUGEINT if low > -(2**127) and high < 2**127 else MIXED


def _float(values: list[Json]) -> SqlType:
    return DOUBLE if all(isfinite(value) for value in values if value is not None) else WILD_DOUBLE


def _text(values: list[Json]) -> SqlType:
    """Dates and moments where every text is one, all of one form: an offset other than UTC's would be lost."""
    first = next(value for value in values if value is not None)
    if not first[:4].isdigit():  # most texts, told from a year sooner than by three patterns
        return VARCHAR
    for pattern, kind in ((_DATE, DATE), (_UTC, TIMESTAMPTZ), (_MOMENT, TIMESTAMP)):
        if pattern.fullmatch(first):
            return kind if all(value is None or _is_moment(pattern, value) for value in values) else VARCHAR
    return VARCHAR


def _is_moment(pattern: re.Pattern[str], text: str) -> bool:
    if not pattern.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:  # the thirtieth of February
        return False
    return True


def _nested(kind: type, values: list[Json], room: _Room, depth: int) -> SqlType:
    if not depth or kind not in (list, dict):
        return JSON
    if kind is list:
        inner = _typed(list(chain.from_iterable(value[: room.per_list] for value in values)), room, depth - 1)
        return SqlType("LIST", item=inner, plain=inner.plain)
    keys = list(dict.fromkeys(chain.from_iterable(values)))
    if not keys:
        return JSON
    room.take(len(keys))
    made = [
        Field(name, key, _typed([value.get(key) for value in values], room, depth - 1))
        for name, key in zip(unique(keys), keys, strict=True)
    ]
    plain = all(field.type.plain and field.name == field.key for field in made)
    return SqlType("STRUCT", tuple(made), plain=plain)
