"""Segments of a population: how many people each holds, and what part of all that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.kinds.counts import Counted, read
from audience_mcp.results.kinds.pages import apart
from audience_mcp.results.locate import Place, number, point, rows
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import counted, named, percent, scalar, shown

Json = Any

_TOTALS = ("/totalContacts", "/total")
_EXCLUDED = "excludedContacts"


def tell(view: View) -> Draft | None:
    """A list of named counts, with or without the size of the whole population."""
    place = rows(view.value, view.reading.items)
    segments = read(place) if place else None
    if place is None or segments is None:
        return None
    found = (point(view.value, pointer) for pointer in (view.reading.total, *_TOTALS) if isinstance(view.value, dict))
    total = next((part for part in found if part and number(part.value) and part.value > 0), None)
    # A share is told only where the counts are parts of that whole.
    whole = total.value if total and all(one.number <= total.value for one in segments) else None
    largest = max(segments, key=lambda one: one.number)
    told = [Figure("segments", len(segments), path=place.path)]
    if total:
        told.append(Figure("all contacts", scalar(total.value), path=total.path))
    excluded = view.value.get(_EXCLUDED) if isinstance(view.value, dict) else None
    if number(excluded):
        told.append(Figure("excluded contacts", scalar(excluded), path=f"$.{_EXCLUDED}"))
    told.append(Figure("largest", scalar(largest.number), path=largest.path))
    return Draft(
        "segments",
        view.says(_headline(segments, largest, whole)),
        told,
        _table(segments, place, whole),
        len(segments),
        apart=apart(view.value, place.key, total, _EXCLUDED),
    )


def _headline(segments: list[Counted], largest: Counted, whole: Json) -> str:
    part = f" ({shown(percent(largest.number, whole))}% of {shown(scalar(whole))})" if whole else ""
    name = named(largest.name) if largest.name else "unnamed"
    return f"{counted(len(segments), 'segment')}; the largest is {name} with {shown(scalar(largest.number))}{part}."


def _table(segments: list[Counted], place: Place, whole: Json) -> Listing:
    with_id = any(one.id for one in segments)
    columns = ["segment", "count", *(["% of all"] if whole else []), *(["id"] if with_id else [])]

    def made() -> Iterator[Row]:
        for one in segments:
            part = [percent(one.number, whole)] if whole else []
            yield (one.name or None, scalar(one.number), *part, *([scalar(one.id)] if with_id else []))

    return Listing(tuple(columns), made, len(segments), place.path, "segment", keep_columns=True)
