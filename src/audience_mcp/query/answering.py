"""A statement and the tables it reads -> its rows as JSON, every value exactly, as many as the bounds allow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from audience_mcp.query.naming import delimited, unique

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Json = Any
Kind = Any  # DuckDBPyType; its module has moved between versions
Reader = Callable[[Json], Json]

_BATCH = 2_000
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(:\d\d)?)?")
_AS_IT_IS = frozenset(
    {"boolean", "tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint"}
    | {"uhugeint", "varchar"}
)


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer: a JSON list of objects, how many, and whether there were more than the bounds allow."""

    body: bytes
    count: int
    cut: bool


def answer(connection: DuckDBPyConnection, sql: str, most_rows: int, most_bytes: int) -> Rows:
    """Run a statement and read its rows.

    Moments come as ISO texts, numbers as numbers where a double holds them and as digits where it
    does not, JSON as what it holds, intervals, blobs and whatever JSON does not know as the engine's text for them.

    Raises:
        duckdb.Error: The engine refuses it or fails.
    """
    asked = connection.sql(sql)
    kinds, names = list(asked.types), unique(asked.columns)
    places = ", ".join(f"c{at}" for at in range(len(names)))
    targets = ", ".join(_target(f"c{at}", kind) for at, kind in enumerate(kinds))
    readers = [_reader(kind) for kind in kinds]
    whole = f"SELECT {targets} FROM ({sql}\n) AS answer({places})"  # noqa: S608 - proven to be one reading statement
    cursor = connection.execute(whole)
    parts: list[bytes] = []
    count = size = 0
    while batch := cursor.fetchmany(_BATCH):
        for row in batch:
            if count == most_rows:
                return _rows(parts, cut=True)
            values = [read(value) if read else value for read, value in zip(readers, row, strict=True)]
            text = json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False, separators=(",", ":")).encode()
            size += len(text) + 1
            if size > most_bytes:
                return _rows(parts, cut=True)
            parts.append(text)
            count += 1
    return _rows(parts, cut=False)


def _rows(parts: list[bytes], *, cut: bool) -> Rows:
    return Rows(b"[" + b",".join(parts) + b"]", len(parts), cut)


def _target(column: str, kind: Kind) -> str:
    wanted = _wanted(kind)
    return column if wanted == str(kind) else f"CAST({column} AS {wanted})"


def _wanted(kind: Kind) -> str:
    """The type a value is fetched as: text wherever the engine's own value would lose something on the way."""
    if kind.id in ("list", "array"):
        return f"{_wanted(kind.children[0][1])}[]"
    if kind.id == "struct":
        return f"STRUCT({', '.join(f'{delimited(name)} {_wanted(part)}' for name, part in kind.children)})"
    if kind.id == "map":
        return f"MAP(VARCHAR, {_wanted(kind.children[1][1])})"
    if kind.id in ("float", "double"):
        return "DOUBLE"
    return str(kind) if kind.id in _AS_IT_IS and not _is_json(kind) else "VARCHAR"


def _is_json(kind: Kind) -> bool:
    return str(kind) == "JSON"


def _reader(kind: Kind) -> Reader | None:
    """What makes JSON of a fetched value; None where it is JSON already."""
    if kind.id in ("list", "array"):
        return _list_reader(_reader(kind.children[0][1]))
    if kind.id == "struct":
        return _object_reader({name: _reader(part) for name, part in kind.children})
    if kind.id == "map":
        return _map_reader(_reader(kind.children[1][1]))
    if _is_json(kind):
        return _parsed
    if kind.id in ("float", "double"):
        return _number
    if kind.id == "decimal":
        return _decimal
    return _moment if kind.id.startswith("timestamp") else None


def _list_reader(read: Reader | None) -> Reader | None:
    return read and (lambda value: value and [part if part is None else read(part) for part in value])


def _object_reader(reads: dict[str, Reader | None]) -> Reader | None:
    def read(value: Json) -> Json:
        return value and {key: _read(reads[key], part) for key, part in value.items()}

    return read if any(reads.values()) else None


def _map_reader(read: Reader | None) -> Reader:
    def read_all(value: Json) -> Json:
        return value and {key: _read(read, part) for key, part in value.items()}

    return read_all


def _read(read: Reader | None, value: Json) -> Json:
    return value if value is None or read is None else read(value)


def _number(value: float | None) -> Json:
    if value is None or isfinite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _decimal(text: str | None) -> Json:
    if text is None:
        return None
    if "." not in text:
        return int(text)
    near = float(text)
    return near if Decimal(repr(near)) == Decimal(text) else text


def _moment(text: str | None) -> Json:
    found = _MOMENT.fullmatch(text) if text else None
    if not found:
        return text
    offset = f"{found[3]}{found[4] or ':00'}" if found[3] else ""
    return f"{found[1]}T{found[2]}{'Z' if offset == '+00:00' else offset}"


def _parsed(text: str | None) -> Json:
    if text is None:
        return None
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text
