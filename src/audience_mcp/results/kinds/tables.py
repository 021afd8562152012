"""Rows under columns: CSV, columns beside rows, a schema of fields beside data, lists of lists, lists of objects."""

from __future__ import annotations

from typing import Any

from audience_mcp.results.columns import MOST_COLUMNS, listing, positions
from audience_mcp.results.draft import Draft, Listing, View
from audience_mcp.results.kinds.pages import apart, completeness, has_next, total_of
from audience_mcp.results.kinds.ranges import MOST_ROWS, Key, cells, extremes, ranges
from audience_mcp.results.locate import Place, rows
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import counted, cut, named, scalar, shown

Json = Any

_HEADS = ("columns", "fields")
_NAMES = ("name", "title", "label", "key", "id")
_IDS = ("id", "uuid", "guid")
_FEW_ROWS, _MOST_RANGES, _ROWS_SHARE, _LONGEST_COLUMN, _MOST_LABELS = 12, 6, 50, 40, 3


def tell(view: View) -> Draft | None:
    """Any list of rows; of a list of lists the column names are taken from beside it.

    Of more rows than a reader takes in, the type and range of the first columns are told too.
    """
    place = rows(view.value, view.reading.items)
    if place is None:
        return None
    head = _head(view.value)
    table, keys = _table(view, place, head_names(view.value))
    table.share = _ROWS_SHARE
    here, total = len(place.value), total_of(view)
    draft = Draft(
        "table",
        view.says(_headline(place.value, table, keys)),
        [Figure("rows", here, path=place.path)],
        table,
        rows=here,
        complete=completeness(view, place, total),
        apart=apart(view.value, place.key, head, total, "next", "previous"),
    )
    if total and total.value > here:
        draft.figures.append(Figure("total", total.value, path=total.path))
        draft.further = f"{total.value - here} rows on other pages: ask for them."
    elif has_next(view.value):
        draft.further = "further pages: ask for the next."
    if here > _FEW_ROWS:
        draft.figures += ranges(place.value, keys[:_MOST_RANGES], place.path, view.zone)
    return draft


def _table(view: View, place: Place, names: tuple[str, ...]) -> tuple[Listing, list[tuple[str, Key]]]:
    """The table, and the key of each of its columns in a row."""
    items = place.value
    if items and all(isinstance(item, list) for item in items[:40]):
        table = positions(items, place.path, names)
        return table, list(zip(table.columns, range(len(table.columns)), strict=True))
    # Few columns keep the order that they are declared in, or have in the rows; hints of ours go before both.
    wanted = view.reading.columns or (names if len(names) <= MOST_COLUMNS else ())
    table = listing(items, place.path, wanted, view.reading.drop, in_order=True)
    return table, [(name, name) for name in table.columns if "." not in name]


def _headline(items: list[Json], table: Listing, keys: list[tuple[str, Key]]) -> str:
    """How many rows and columns, and the row that has most in the first column of numbers."""
    if not items:
        return "no rows."
    width = len(table.columns) + len(table.hidden)
    said = f"{counted(len(items), 'row')}, {counted(width, 'column')}"
    top = _top(items, keys) if 1 < len(items) <= MOST_ROWS else None
    return f"{said}; {top}." if top else f"{said}."


def _top(items: list[Json], keys: list[tuple[str, Key]]) -> str | None:
    """`highest "Orders" 1671 for "GB", "mobile"`; None where no column has different numbers in all rows."""
    for name, key in keys:
        values = cells(items, key) if name not in _IDS and extremes(cells(items[:1], key)) else []
        bounds = extremes(values)
        if bounds and bounds[0] < bounds[1]:
            return _told(items, keys, name, values, bounds[1])
    return None


def _told(items: list[Json], keys: list[tuple[str, Key]], name: str, values: list[Json], top: Json) -> str:
    at = values.index(top)
    labels = [cells(items[at : at + 1], key)[0] for other, key in keys if other != name]
    texts = [label for label in labels if isinstance(label, str) and label]
    told = ", ".join(named(label, _LONGEST_COLUMN) for label in texts[:_MOST_LABELS])
    most = f"highest {named(cut(name, _LONGEST_COLUMN))} {shown(scalar(top))}"
    return f"{most} for {told}" if told and values.count(top) == 1 else most


def head_names(value: Json) -> tuple[str, ...]:
    """The names of columns that an answer declares beside its rows; none where it does not."""
    head = _head(value)
    return _column_names(value[head]) if head else ()


def _head(value: Json) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((name for name in _HEADS if isinstance(value.get(name), list) and _column_names(value[name])), None)


def _column_names(head: Json) -> tuple[str, ...]:
    """Names out of a list of names or of column descriptions; none where one of them has no name."""
    names: list[str] = []
    for part in head:
        name = (
            next((part[key] for key in _NAMES if isinstance(part.get(key), str)), None)
            if isinstance(part, dict)
            else part
        )
        if not isinstance(name, str) or not name:
            return ()
        names.append(name)
    return tuple(names)
