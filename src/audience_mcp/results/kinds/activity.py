"""A log of changes: when, who, what was done to which object, and the fields that changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.results.columns import cell
from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.kinds.pages import page
from audience_mcp.results.locate import MISSING, Place, field, objects, rows
from audience_mcp.results.wording import Folded, cut, named, scalar, shown
from audience_mcp.results.zone import local

Json = Any

_COLUMNS = ("when", "who", "activity", "item", "item_id", "changed")
_TOLD = {"created_at", "user", "activity", "item_id", "detail"}
_MOST_CHANGES, _LONGEST, _DAY = 5, 40, 10


def tell(view: View) -> Draft | None:
    """A list of entries that each have a time and an activity."""
    place = rows(view.value, view.reading.items)
    if place is None or not all(
        isinstance(item, dict) and {"activity", "created_at"} <= item.keys() for item in place.value
    ):
        return None
    draft = page(view, place, "activity", "entry")
    if place.value:
        draft.listing = _table(place)
        draft.headline = draft.headline[:-1] + f"; {_latest(view, place.value)}."
    return draft


def _latest(view: View, entries: list[Json]) -> str:
    """`latest: updated "VIP" by ann@shop.example on 2026-11-01`."""
    entry = max(entries, key=lambda one: str(one["created_at"]))
    name, who = _first(entry, "detail.name", "item_id", "detail.id"), _first(entry, "user.email", "user.first_name")
    parts = [f"latest: {shown(scalar(entry['activity'], _LONGEST))}"]
    parts += [named(str(name))] if name is not None else []
    parts += [f"by {shown(who)}"] if who is not None else []
    return f"{' '.join(parts)} on {shown(cut(str(local(entry['created_at'], view.zone))[:_DAY]))}"


def _table(place: Place) -> Listing:
    changed = any(_changed(item) for item in place.value)
    columns = _COLUMNS if changed else _COLUMNS[:-1]
    hidden = dict.fromkeys(name for item in objects(place.value) for name in item if name not in _TOLD)

    def made() -> Iterator[Row]:
        for item in place.value:
            name, identity = _first(item, "detail.name"), _first(item, "item_id", "detail.id")
            who = _first(item, "user.email", "user.first_name", "user")
            told = (cell("", item["created_at"]), who, cell("", item["activity"]), name, identity, _changed(item))
            yield told[: len(columns)]

    return Listing(columns, made, len(place.value), place.path, "entry", tuple(hidden))


def _first(item: dict[str, Json], *names: str) -> Json:
    for name in names:
        value = field(item, name)
        if value is not MISSING and value not in (None, ""):
            return cell(name, value)
    return None


def _changed(item: dict[str, Json]) -> Json:
    changes = field(item, "detail.changes")
    if not isinstance(changes, list) or not changes:
        return None
    names = [change["field"] for change in changes if isinstance(change, dict) and isinstance(change.get("field"), str)]
    told = ", ".join(shown(cut(name, 40)) for name in names[:_MOST_CHANGES])
    return Folded(f"[{told}{f', ...{len(changes) - _MOST_CHANGES} more' if len(changes) > _MOST_CHANGES else ''}]")
