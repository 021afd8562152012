"""A funnel: how many reach each step, what part of the first and of the previous step that is, and how soon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.kinds import counts
from audience_mcp.results.kinds.about import about
from audience_mcp.results.kinds.pages import apart
from audience_mcp.results.locate import number, rows
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import named, percent, scalar, shown

Json = Any

MOST_STEPS = 100
"""More steps than anyone draws: a longer list is something else."""

_TIMES = re.compile(r"time|duration", re.IGNORECASE)
# The unit must be in the field's name: a bare number between two steps says nothing.
_SECONDS = ("medianSeconds", "median_seconds", "averageSeconds", "average_seconds", "meanSeconds", "seconds")


@dataclass(frozen=True, slots=True)
class Step:
    """One step; its count stands at `path`, `seconds` are those from the step before."""

    name: str
    count: int | float
    path: str
    seconds: int | float | None = None


class Funnel(NamedTuple):
    """Steps in order, none larger than the one before; the list stands at `path`.

    `reading` says how the data was understood, `times` names the part of the answer that the seconds come from.
    """

    steps: list[Step]
    path: str
    reading: str
    key: str | None = None
    times: str | None = None


def read(view: View) -> Funnel | None:
    """Two steps or more, none larger than the one before: anything else has no conversion to speak of."""
    place = rows(view.value, view.reading.items)
    found = counts.read(place) if place and len(place.value) <= MOST_STEPS else None
    if place is None or found is None or not _narrows([one.number for one in found.entries]):
        return None
    steps = [Step(one.name, one.number, one.path) for one in found.entries]
    reading = found.reading("step")
    times = _times(view.value, len(steps), place.key)
    if times is None:
        return Funnel(steps, place.path, reading, place.key)
    key, field = times
    part = view.value[key]
    for at, entry in enumerate(part):
        steps[at + 1] = replace(steps[at + 1], seconds=entry[field])
    return Funnel(steps, place.path, f"{reading}, time = {key}.{field}", place.key, key)


def _narrows(values: list[int | float]) -> bool:
    return len(values) > 1 and values[0] > 0 and all(after <= before for before, after in pairwise(values))


def _times(whole: Json, steps: int, told: str | None) -> tuple[str, str] | None:
    """The part with one entry for each pair of neighbouring steps, and its field of seconds."""
    for key, part in whole.items() if isinstance(whole, dict) else ():
        if key == told or not _TIMES.search(key) or not isinstance(part, list) or len(part) != steps - 1:
            continue
        if not all(isinstance(entry, dict) for entry in part) or not _neighbours(part):
            continue
        for field in _SECONDS:
            if all(number(entry.get(field)) and entry[field] >= 0 for entry in part):
                return key, field
    return None


def _neighbours(entries: list[dict[str, Json]]) -> bool:
    """Whether entries that name their two steps name neighbours in order, from 0 or from 1; they may name none."""
    ends = [(entry.get("from"), entry.get("to")) for entry in entries]
    return any(ends == [(at + base, at + base + 1) for at in range(len(ends))] for base in (0, 1)) or all(
        end == (None, None) for end in ends
    )


def tell(view: View) -> Draft | None:
    """Counts, conversion from the first step and from the one before, the largest drop, and how long steps take."""
    funnel = read(view)
    if funnel is None:
        return None
    steps, known = funnel.steps, about(view.value)
    first, last = steps[0], steps[-1]
    worst = min(range(1, len(steps)), key=lambda at: _kept(steps, at))
    lost = steps[worst - 1].count - steps[worst].count
    overall = percent(last.count, first.count)
    figures = [
        Figure("entered", scalar(first.count), path=first.path),
        Figure("completed", scalar(last.count), path=last.path),
        Figure("overall conversion", overall, "%", funnel.path),
    ]
    counts_said = f"{shown(scalar(first.count))} to {shown(scalar(last.count))} in {len(steps)} steps"
    said = f"{known.of}{counts_said}{known.during}: {shown(overall)}%"
    if lost:
        share = percent(lost, steps[worst - 1].count)
        figures.append(Figure(f"largest drop, before step {worst + 1}", share, "%", steps[worst].path))
        name = f" {named(steps[worst].name)}" if steps[worst].name else ""
        said += f" conversion; largest drop before step {worst + 1}{name}, {shown(share)}% lost."
    else:
        said += " conversion; none are lost on the way."
    told = apart(view.value, funnel.key, funnel.times, known.key)
    return Draft(
        "funnel",
        view.says(said),
        figures,
        _table(funnel),
        len(steps),
        apart=told,
        reading=funnel.reading,
        window=known.window,
        zone=known.zone,
    )


def _kept(steps: list[Step], at: int) -> float:
    before = steps[at - 1].count
    return steps[at].count / before if before else 1.0


def _table(funnel: Funnel) -> Listing:
    timed = funnel.times is not None

    def made() -> Iterator[Row]:
        before = funnel.steps[0].count
        for at, one in enumerate(funnel.steps):
            shares = percent(one.count, funnel.steps[0].count), percent(one.count, before)
            seconds = [None if one.seconds is None else scalar(one.seconds)] if timed else []
            yield (at + 1, one.name or None, scalar(one.count), *shares, *seconds)
            before = one.count

    columns = ("step", "name", "count", "% of first", "% of previous", *(["seconds from previous"] if timed else []))
    return Listing(columns, made, len(funnel.steps), funnel.path, "step", keep_columns=True)
