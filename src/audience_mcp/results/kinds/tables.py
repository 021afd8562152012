"""Rows under columns: CSV, columns beside rows, a schema of fields beside data, lists of lists, lists of objects."""

from __future__ import annotations

from typing import Any

from audience_mcp.results.columns import listing, positions
from audience_mcp.results.draft import Draft, Listing, View
from audience_mcp.results.kinds.pages import apart, completeness, has_next, total_of
from audience_mcp.results.locate import Place, rows
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import counted

Json = Any

_HEADS = ("columns", "fields")
_NAMES = ("name", "title", "label", "key", "id")


def tell(view: View) -> Draft | None:
    """Any list of rows; of a list of lists the column names are taken from beside it."""
    place = rows(view.value, view.reading.items)
    if place is None:
        return None
    head = _head(view.value)
    table = _table(view, place, _column_names(view.value.get(head)) if head else ())
    here = len(place.value)
    width = len(table.columns) + len(table.hidden)
    total = total_of(view)
    said = f"{counted(here, 'row')}, {counted(width, 'column')}." if here else "no rows."
    draft = Draft(
        "table",
        view.says(said),
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
    return draft


def _table(view: View, place: Place, names: tuple[str, ...]) -> Listing:
    items = place.value
    if items and all(isinstance(item, list) for item in items[:40]):
        return positions(items, place.path, names)
    # The order of declared columns is the provider's; hints of ours go before it.
    return listing(items, place.path, view.reading.columns or names, view.reading.drop)


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
