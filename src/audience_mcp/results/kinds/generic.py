"""Anything: what it is made of, how large its parts are, and a little of each; nothing is derived from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.results.columns import listing
from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.locate import Place, objects, rows
from audience_mcp.results.outline import kind_of, outline, size_of
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import Folded, counted, cut, scalar, shown

Json = Any

_SAMPLE, _ROOM = 60, 60


def tell(view: View) -> Draft:
    """A list as rows, an object as its parts, a value as itself; it always has something to say."""
    value = view.value
    if isinstance(value, dict):
        return _object(view, value)
    if isinstance(value, list):
        return _list(view, Place(value, "$"))
    said = "an empty answer" if view.media == "empty" else f"one {kind_of(value)}: {shown(scalar(value))}"
    return Draft("generic", view.says(f"{said}."), [Figure("value", scalar(value), path="$")])


def _object(view: View, value: dict[str, Json]) -> Draft:
    if not value:
        return Draft("generic", view.says("an empty object."))
    place = rows(value, view.reading.items)
    if place and place.key and len(value) <= 3 and any(True for _ in objects(place.value)):
        draft = _list(view, place)
        draft.apart = [name for name, part in value.items() if name != place.key and part not in (None, "", [], {})]
        return draft
    lists = ", ".join([size_of(part) for part in value.values() if isinstance(part, list)][:3])
    said = f"an object of {counted(len(value), 'field')}{f', among them lists of {lists}' if lists else ''}."
    return Draft("generic", view.says(said), [Figure("fields", len(value), path="$")], _parts(value))


def _list(view: View, place: Place) -> Draft:
    items = place.value
    if not items:
        return Draft("generic", view.says("an empty list."), rows=0)
    kinds = dict.fromkeys(kind_of(item) for item in items[:_SAMPLE])
    made_of = " and ".join(kinds) if len(kinds) < 4 else "mixed values"
    extent = "" if len(items) <= _SAMPLE else f" in the first {_SAMPLE}"
    said = f"a list of {counted(len(items), 'item')} ({made_of}{extent})."
    table = listing(items, place.path, (), view.reading.drop, "item")
    return Draft(
        "generic",
        view.says(said),
        [Figure("items", len(items), path=place.path)],
        table,
        rows=len(items),
        complete=None,
    )


def _parts(value: dict[str, Json]) -> Listing:
    def made() -> Iterator[Row]:
        for name, part in value.items():
            told = Folded(outline(part, _ROOM)) if isinstance(part, (dict, list)) else scalar(part)
            yield (cut(name, 60), kind_of(part), size_of(part) or None, told)

    return Listing(("field", "type", "size", "content"), made, len(value), "$", "field", keep_columns=True)
