"""A funnel: how many reach each step, and what part of the first and of the previous step that is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.kinds.counts import Counted, read
from audience_mcp.results.kinds.pages import apart
from audience_mcp.results.locate import rows
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import named, percent, scalar, shown

Json = Any


def tell(view: View) -> Draft | None:
    """Two steps or more, none larger than the one before: anything else has no conversion to speak of."""
    place = rows(view.value, view.reading.items)
    steps = read(place) if place else None
    if place is None or steps is None or not _narrows(steps):
        return None
    first, last = steps[0], steps[-1]
    overall = percent(last.number, first.number)
    worst = min(
        range(1, len(steps)), key=lambda at: steps[at].number / steps[at - 1].number if steps[at - 1].number else 1.0
    )
    before = steps[worst - 1].number
    loss = percent(before - steps[worst].number, before)
    told = [
        Figure("entered", scalar(first.number), path=first.path),
        Figure("completed", scalar(last.number), path=last.path),
        Figure("overall conversion", overall, "%", place.path),
        Figure(f"largest loss, before step {worst + 1}", loss, "%", steps[worst].path),
    ]
    conversion = (
        f"{shown(scalar(first.number))} to {shown(scalar(last.number))} in {len(steps)} steps, {shown(overall)}%"
    )
    name = f" {named(steps[worst].name)}" if steps[worst].name else ""
    said = f"{conversion} conversion; most are lost before step {worst + 1}{name}."
    return Draft(
        "funnel", view.says(said), told, _table(steps, place.path), len(steps), apart=apart(view.value, place.key)
    )


def _narrows(steps: list[Counted]) -> bool:
    counts = [step.number for step in steps]
    return len(counts) > 1 and counts[0] > 0 and all(after <= before for before, after in pairwise(counts))


def _table(steps: list[Counted], path: str) -> Listing:
    def rows() -> Iterator[Row]:
        before = steps[0].number
        for at, step in enumerate(steps):
            yield (
                at + 1,
                step.name or None,
                scalar(step.number),
                percent(step.number, steps[0].number),
                percent(step.number, before),
            )
            before = step.number

    return Listing(
        ("step", "name", "count", "% of first", "% of previous"), rows, len(steps), path, "step", keep_columns=True
    )
