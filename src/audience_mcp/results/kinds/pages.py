"""A page of a list: how many there are, how many are here, and the columns worth showing."""

from __future__ import annotations

from typing import Any

from audience_mcp.results.columns import listing
from audience_mcp.results.draft import Draft, View
from audience_mcp.results.kinds import counts
from audience_mcp.results.locate import Place, number, point, rows, step
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import counted, plural

Json = Any

_TOTALS = ("/count", "/total", "/total_count", "/totalCount", "/meta/totalCount", "/meta/total")


def tell(view: View) -> Draft | None:
    """A list of objects or of plain values, alone or wrapped."""
    place = rows(view.value, view.reading.items)
    if place is None or any(isinstance(item, list) for item in place.value[:20]):
        return None
    return page(view, place, "page")


def page(view: View, place: Place, kind: str, noun: str = "item") -> Draft:
    """The telling of any list: `noun` says what its items are."""
    here = len(place.value)
    total = total_of(view)
    figures = [Figure(f"{plural(noun)} here", here, path=place.path)]
    if total and total.value != here:
        figures.append(Figure("total", total.value, path=total.path))
    draft = Draft(
        kind,
        view.says(f"{_headline(here, total.value if total else None, noun)}{counts.largest(place)}."),
        figures,
        listing(place.value, place.path, view.reading.columns, view.reading.drop, noun),
        rows=here,
        complete=completeness(view, place, total),
        apart=apart(view.value, place.key, total, "next", "previous"),
    )
    if total and total.value > here:
        draft.further = f"{counted(total.value - here, noun)} on other pages: ask for them, or for all_pages."
    elif has_next(view.value):
        draft.further = "further pages: ask for the next, or for all_pages."
    return draft


def _headline(here: int, total: int | None, noun: str) -> str:
    if not here:
        return f"no {plural(noun)}{f' here, {total} in all' if total else ''}"
    return counted(here, noun) if total in (None, here) else f"{here} of {counted(total or 0, noun)}"


def total_of(view: View) -> Place | None:
    """How many items the provider says there are."""
    if not isinstance(view.value, dict):
        return None
    for pointer in (view.reading.total, *_TOTALS):
        found = point(view.value, pointer)
        if found and number(found.value) and isinstance(found.value, int) and 0 <= found.value < 2**53:
            return found
    return None


def completeness(view: View, place: Place, total: Place | None) -> bool | None:
    """Whether this answer holds the whole list, where it can be known."""
    if has_next(view.value):
        return False
    if total:
        return bool(len(place.value) >= total.value)
    paged = isinstance(view.value, dict) and "next" in view.value
    return not view.value.get("previous") if paged else None


def has_next(value: Json) -> bool:
    """Whether a wrapped list names a following page."""
    return isinstance(value, dict) and bool(value.get("next"))


def apart(value: Json, *told: str | Place | None) -> list[str]:
    """Names of the top-level parts that hold something and are not told."""
    if not isinstance(value, dict):
        return []
    known = {part.key if isinstance(part, Place) else part for part in told}
    whole = {part.key for part in told if isinstance(part, Place) and part.path != step("$", part.key or "")}
    return [
        name for name, part in value.items() if part not in (None, "", [], {}) and (name not in known or name in whole)
    ]
