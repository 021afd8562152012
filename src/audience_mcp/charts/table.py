"""A table as a picture: the first rows of what a summary lists, or of the columns that were named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from audience_mcp.charts import style
from audience_mcp.charts.forms import CannotDraw, Drawing, Options
from audience_mcp.charts.lettering import short, width
from audience_mcp.charts.source import Source
from audience_mcp.results.columns import cell, rank
from audience_mcp.results.draft import Row
from audience_mcp.results.locate import number
from audience_mcp.results.summarize import told
from audience_mcp.results.wording import counted, shown

Json = Any

MOST_ROWS = 16
_ROW, _PAD, _WIDEST, _NARROWEST = 22, 8, 230, 44
_HEADING, _GROUPED = "heading", 10_000
_IDENTITIES = (0, 6)
"""Ranks of columns that hold ids, an item's own or another's."""


class Rows(NamedTuple):
    """A table: names of columns, a maker of its rows, how many there are, where they stand, what is not among them."""

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    total: int
    path: str
    hidden: tuple[str, ...] = ()


class _Column(NamedTuple):
    name: str
    cells: list[str]
    x: float
    room: float
    right: bool


def find(source: Source, options: Options) -> Rows:
    """The table of the named columns, else the one that the summary of the result shows.

    Raises:
        CannotDraw: The result has no rows.
    """
    if names := tuple(dict.fromkeys(options.columns())):
        table = source.table()
        values = [table.columns[name].values for name in names]

        def named() -> Iterator[Row]:
            for row in zip(*values, strict=True):
                yield tuple(map(cell, names, row))

        return Rows(names, named, table.count, table.path)
    draft, _ = told(source.view)
    listing = draft.listing
    if listing is None or not listing.total:
        raise CannotDraw("it has no rows")
    return Rows(listing.columns, listing.rows, listing.total, listing.path, listing.hidden)


def draw(form: Rows) -> Drawing:
    """As many rows and columns as are read with ease; what is not among them is counted."""
    rows = list(islice(form.rows(), MOST_ROWS))
    columns = _columns(form.columns, rows)
    notes = []
    if len(rows) < form.total:
        notes.append(f"the first {len(rows)} of {form.total} rows are drawn")
    hidden = len(form.columns) - len(columns) + len(form.hidden)
    if hidden:
        notes.append(f"{counted(hidden, 'column')} not drawn")
    texts = [_text(column, column.name, -1, _HEADING) for column in columns]
    texts += [_text(column, cell, at, "ink") for column in columns for at, cell in enumerate(column.cells)]
    bands = [{"y1": (at + 1) * _ROW, "y2": (at + 2) * _ROW} for at in range(0, len(rows), 2)]
    return Drawing(
        {
            "data": [
                {"name": "bands", "values": bands},
                {"name": _HEADING, "values": [text for text in texts if text["y"] < _ROW]},
                {"name": "ink", "values": [text for text in texts if text["y"] > _ROW]},
            ],
            "marks": [_band_marks(), _rule_mark(), _text_marks(_HEADING), _text_marks("ink")],
        },
        f"{counted(len(rows), 'row')} of {form.total}, {counted(len(columns), 'column')}",
        len(rows) * len(columns),
        form.path,
        notes=tuple(notes),
        below=10,
        height=_ROW * (len(rows) + 1),
    )


def _columns(names: tuple[str, ...], rows: list[Row]) -> list[_Column]:
    """The columns that fit beside each other, numbers flush right; room that is over goes to the texts."""
    found: list[tuple[str, list[str], float, bool]] = []
    used = 0.0
    for at, name in enumerate(names):
        values = [row[at] for row in rows]
        identity = rank(name, values) in _IDENTITIES
        cells = [_told(value, identity) for value in values]
        right = not identity and all(map(number, (value for value in values if value is not None)))
        widest = max(width(text, style.BODY) for text in (*cells, name + "  "))
        room = max(min(widest, _WIDEST), _NARROWEST) + 2 * _PAD
        if found and used + room > style.INNER:
            break
        used += room
        found.append((name, cells, room, right))
    placed: list[_Column] = []
    x = 0.0
    for name, cells, room, right in found:
        placed.append(_Column(name, cells, x, room, right))
        x += room
    return placed


def _told(value: Json, identity: bool) -> str:
    if value is None:
        return "–"
    if number(value):
        # Four digits may be a year.
        return str(value) if identity or abs(value) < _GROUPED else f"{value:,}"
    return value if isinstance(value, str) else shown(value)


def _text(column: _Column, text: str, row: int, look: str) -> dict[str, Json]:
    return {
        "t": short(text, column.room - 2 * _PAD + 2, style.BODY),
        "x": round(column.x + column.room - _PAD if column.right else column.x + _PAD, 1),
        "y": (row + 1.5) * _ROW,
        "a": "right" if column.right else "left",
    }


def _band_marks() -> dict[str, Json]:
    places = {"x": {"value": 0}, "width": {"value": style.INNER}, "y": {"field": "y1"}, "y2": {"field": "y2"}}
    return {"type": "rect", "style": "band", "from": {"data": "bands"}, "encode": {"enter": places}}


def _rule_mark() -> dict[str, Json]:
    places = {name: {"value": value} for name, value in (("x", 1), ("x2", style.INNER - 1), ("y", _ROW))}
    return {"type": "rule", "style": "zero", "encode": {"enter": places}}


def _text_marks(data: str) -> dict[str, Json]:
    fields = {"text": "t", "x": "x", "y": "y", "align": "a"}
    encode = {name: {"field": field} for name, field in fields.items()}
    return {"type": "text", "style": data, "from": {"data": data}, "interactive": False, "encode": {"enter": encode}}
