"""An answer -> its tables with their columns and types, told in a line that teaches to query them.

It is quick whatever the answer's size: types come from a sample of the rows. The engine looks at all of them: it may
find further columns, and a wider type where a later row does not fit, but no other name for the same thing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from audience_mcp.query.naming import quoted, unique
from audience_mcp.query.tables import TOP, Source, columns, sources
from audience_mcp.query.types import NOTHING, SqlType, type_of
from audience_mcp.results.budget import estimate
from audience_mcp.results.draft import View

Json = Any

TOKENS = 60
"""What a told layout may cost unless said otherwise: it is paid in every answer."""

_DEPTHS = (8, 2, 1, 0)
_VALUES, _FEWEST, _MOST, _PER_LIST = 400, 4, 20, 3
_BRACKETS, _COUNT, _MOST_TOLD, _FEW_NAMES = 3, 6, 60, 4


class Column(NamedTuple):
    """A column: its name in SQL, its type."""

    name: str
    type: SqlType


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `name` is empty for the one that bears the handle itself; its rows stand at `path` in the answer.

    `single` is the one row that an object's fields are.
    """

    name: str
    path: str
    columns: tuple[Column, ...]
    single: bool = False

    def qualified(self, handle: str) -> str:
        """The table's name as SQL writes it."""
        return f"{handle}.{quoted(self.name)}" if self.name else handle


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables of an answer; `first` are the columns worth naming first."""

    tables: tuple[Table, ...]
    first: tuple[str, ...] = ()

    def described(self, handle: str, tokens: int = TOKENS, *, top: bool = False) -> str:
        """The tables in about `tokens` tokens: `r_x(name, days STRUCT(date DATE, count BIGINT)[]); .links(...)`.

        A column without a type is text, and `.links` is `r_x.links`. Lists come before the fields of an object. Nested
        types are folded before columns are left out, and what is left out is counted, apart from `top`, which is only
        told when asked for: as a rule it is the page's number and size.
        """
        wanted = [table for table in self.tables if top or table.name != TOP]
        order = sorted(wanted, key=lambda table: (table.single, bool(table.name)))
        told: list[str] = []
        for at, table in enumerate(order):
            room = tokens - _cost(_also(order[at + 1 :]))
            name = table.qualified("" if told and table.name else handle)
            text = _fitting(table, name, self.first, room)
            if text is None:
                break
            told.append(text)
            tokens -= _cost(text) + 1
        rest = _also(order[len(told) :])
        return "; ".join([*told, rest] if rest else told) if told else handle


def _also(rest: list[Table]) -> str:
    """The tables that find no room, by name or counted; that the handle itself is one goes without saying."""
    names = [table.qualified("") for table in rest if table.name]
    if len(names) > _FEW_NAMES:
        return f"{len(names)} more tables"
    return f"also {', '.join(names)}" if names else ""


def layout(view: View) -> Layout:
    """The tables of an answer, by a sample of its rows."""
    tables = [
        table(source, [Column(name, kind) for name, kind, _ in shaped(source, sample=True)]) for source in sources(view)
    ]
    return Layout(tuple(tables), tuple(name.partition(".")[0] for name in view.reading.columns))


def table(source: Source, columns: Iterable[Column]) -> Table:
    """A source's rows as a table of these columns."""
    return Table(source.name, source.path, tuple(columns), source.single)


def shaped(source: Source, *, sample: bool = False) -> list[tuple[str, SqlType, list[Json]]]:
    """A table's columns as name, type and values; of all rows, or of a sample of them."""
    found = columns(source, _some(source) if sample else source.items)
    per_list = _PER_LIST if sample else None
    names = unique(name for name, _ in found)
    return [(name, type_of(values, per_list), values) for name, (_, values) in zip(names, found, strict=True)]


def _some(source: Source) -> list[Json]:
    """The first rows, some from between and the last: the fewer the wider they are."""
    items = source.items
    width = max((len(item) for item in items[:_FEWEST] if isinstance(item, (dict, list))), default=1)
    most = min(_MOST, max(_FEWEST, _VALUES // max(width, 1)))
    if len(items) > most:
        head = most // 2
        step = (len(items) - head) // (most - head)
        items = items[:head] + items[head + step - 1 :: step][: most - head - 1] + items[-1:]
    if source.form == "nested":
        return [item[:_PER_LIST] if isinstance(item, list) else item for item in items]
    return items


def _columns(table: Table, first: tuple[str, ...]) -> list[Column]:
    """Columns in the order of telling: hinted ones, then the answer's order, those without any value last."""
    places = {name: at for at, name in enumerate(first)}
    if table.name:
        places = {}
    return sorted(table.columns, key=lambda one: (one.type is NOTHING, places.get(one.name, len(places))))


def _fitting(table: Table, name: str, first: tuple[str, ...], room: int) -> str | None:
    """`name(columns)` for `room` tokens: whole, else nested types folded, else the first columns and a count."""
    told = _told_within(room - _cost(name) - _BRACKETS, table, first)
    return f"{name}({told})" if told else None


@lru_cache(512)
def _told_within(room: int, table: Table, first: tuple[str, ...]) -> str | None:
    # Answers of one tool have the same columns call after call.
    chosen = _columns(table, first)
    beyond, chosen = len(chosen[_MOST_TOLD:]), chosen[:_MOST_TOLD]
    for depth in (0,) if table.name == TOP else _DEPTHS:
        told = [_told(one.name, one.type, depth) for one in chosen]
        costs = [_cost(f"{text},") for text in told]
        if sum(costs) <= room and not beyond:
            return ", ".join(told)
    kept, room = 0, room - _COUNT
    while kept < len(costs) and costs[kept] <= room:
        room -= costs[kept]
        kept += 1
    return ", ".join([*told[:kept], f"+{len(told) - kept + beyond} more"]) if kept else None


def _told(name: str, kind: SqlType, depth: int) -> str:
    """A column or field: its name as SQL writes it, and its type where it is not text, folded below `depth`."""
    typed = _type(kind, depth)
    return quoted(name) if typed == "VARCHAR" else f"{quoted(name)} {typed}"


def _type(kind: SqlType, depth: int) -> str:
    if kind.item:
        return f"{_type(kind.item, depth)}[]"
    if not kind.fields:
        return kind.sql()
    if not depth:
        return f"STRUCT(+{len(kind.fields)})"
    return f"STRUCT({', '.join(_told(field.name, field.type, depth - 1) for field in kind.fields)})"


def _cost(text: str) -> int:
    return estimate(json.dumps(text)[1:-1])
