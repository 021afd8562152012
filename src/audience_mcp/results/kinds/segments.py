"""Segments of a population: how many people each holds, and what part of all that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.kinds import counts
from audience_mcp.results.kinds.about import about
from audience_mcp.results.kinds.counts import Counted
from audience_mcp.results.kinds.pages import apart
from audience_mcp.results.locate import Place, number, point, rows
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import counted, named, percent, scalar, shown

Json = Any

_TOTALS = ("/totalContacts", "/total")
_EXCLUDED = "excludedContacts"


class Segments(NamedTuple):
    """Segments as they stand at `path`.

    `total` is the size of the whole population where it is said, `whole` the same where the counts are parts of it;
    `reading` says how the data was understood.
    """

    entries: list[Counted]
    path: str
    reading: str
    total: Place | None = None
    whole: int | float | None = None
    key: str | None = None


def read(view: View) -> Segments | None:
    """A list of named counts, with or without the size of the whole population."""
    place = rows(view.value, view.reading.items)
    found = counts.read(place) if place else None
    if place is None or found is None:
        return None
    told = (point(view.value, pointer) for pointer in (view.reading.total, *_TOTALS) if isinstance(view.value, dict))
    total = next((part for part in told if part and number(part.value) and part.value > 0), None)
    # A share is told only where the counts are parts of that whole.
    whole = total.value if total and all(one.number <= total.value for one in found.entries) else None
    reading = found.reading("segment")
    if total and whole:
        reading += f", all = {total.path.removeprefix('$.')}"
    return Segments(found.entries, place.path, reading, total, whole, place.key)


def tell(view: View) -> Draft | None:
    """How many people each segment holds, largest named, with its share where the whole is known."""
    segments = read(view)
    if segments is None:
        return None
    entries, total, known = segments.entries, segments.total, about(view.value)
    largest = max(entries, key=lambda one: one.number)
    told = [Figure("segments", len(entries), path=segments.path)]
    if total:
        told.append(Figure("all contacts", scalar(total.value), path=total.path))
    excluded = view.value.get(_EXCLUDED) if isinstance(view.value, dict) else None
    if number(excluded):
        told.append(Figure("excluded contacts", scalar(excluded), path=f"$.{_EXCLUDED}"))
    told.append(Figure("largest", scalar(largest.number), path=largest.path))
    return Draft(
        "segments",
        view.says(f"{known.of}{_headline(entries, largest, segments.whole)}{known.during}."),
        told,
        _table(segments),
        len(entries),
        apart=apart(view.value, segments.key, total, _EXCLUDED, known.key),
        reading=segments.reading,
        window=known.window,
        zone=known.zone,
    )


def _headline(entries: list[Counted], largest: Counted, whole: Json) -> str:
    part = f" ({shown(percent(largest.number, whole))}% of {shown(scalar(whole))})" if whole else ""
    name = named(largest.name) if largest.name else f"number {entries.index(largest) + 1}"
    return f"{counted(len(entries), 'segment')}, the largest is {name} with {shown(scalar(largest.number))}{part}"


def _table(segments: Segments) -> Listing:
    entries, whole = segments.entries, segments.whole
    with_id = any(one.id for one in entries)
    columns = ["segment", "count", *(["% of all"] if whole else []), *(["id"] if with_id else [])]

    def made() -> Iterator[Row]:
        for one in entries:
            part = [percent(one.number, whole)] if whole else []
            yield (one.name or None, scalar(one.number), *part, *([scalar(one.id)] if with_id else []))

    return Listing(tuple(columns), made, len(entries), segments.path, "segment", keep_columns=True)
