"""Members of each persona day by day: how many now, how many at first, and the change, with the personas' names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.locate import number, rows, step
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import LONGEST_ID, counted, cut, derived, named, percent, scalar, shown

Json = Any

READING = "persona = persona_id, day = days.date, count = days.count"
"""How `read` understands the data; there is one form, and it is documented."""

_LONGEST_NAME, _DATE = 60, re.compile(r"\d{4}-\d\d-\d\d")


class Day(NamedTuple):
    """The members of a persona on one day, an ISO date."""

    date: str
    count: int | float  # type: ignore[assignment]  # a tuple's method of this name is not used


class Persona(NamedTuple):
    """One persona, at `path`: `found` are its days in order of date; `name` is empty where nobody told it."""

    id: str
    name: str
    found: list[Json]
    path: str

    @property
    def days(self) -> list[Day]:
        """Its days in order of date."""
        return [Day(day["date"], day["count"]) for day in self.found]

    @property
    def called(self) -> str:
        """The name, else the id."""
        return self.name or self.id

    @property
    def now(self) -> int | float:
        """The count of the last day, 0 without days."""
        count: int | float = self.found[-1]["count"] if self.found else 0
        return count

    @property
    def first(self) -> int | float:
        """The count of the first day, 0 without days."""
        count: int | float = self.found[0]["count"] if self.found else 0
        return count


def read(view: View) -> list[Persona] | None:
    """A list of personas, each with dated counts; at least one of them has a day. The largest now comes first."""
    place = rows(view.value, view.reading.items)
    personas: list[Persona] = []
    for at, item in enumerate(place.value if place else ()):
        days = _days(item)
        if days is None or place is None:
            return None
        name = cut(view.names.get(item["persona_id"], ""), _LONGEST_NAME)
        personas.append(Persona(cut(item["persona_id"], LONGEST_ID), name, days, step(place.path, at)))
    personas.sort(key=lambda one: -one.now)
    return personas if any(one.found for one in personas) else None


def _days(item: Json) -> list[Json] | None:
    """The days of an item in order; None where it is no persona, a day is not one, or comes twice."""
    if not isinstance(item, dict) or not isinstance(item.get("persona_id"), str):
        return None
    days = item.get("days")
    if not isinstance(days, list) or not all(map(_is_day, days)):
        return None
    date = itemgetter("date")
    return sorted(days, key=date) if len(set(map(date, days))) == len(days) else None


def _is_day(day: Json) -> bool:
    return isinstance(day, dict) and number(day.get("count")) and bool(_DATE.fullmatch(str(day.get("date"))))


def tell(view: View) -> Draft | None:
    """Members now and at first, who grew and who shrank, largest now first."""
    personas = read(view)
    if personas is None:
        return None
    told = [one for one in personas if one.found]
    now, first = sum(one.now for one in told), sum(one.first for one in told)
    since, until = {one.found[0]["date"] for one in told}, {one.found[-1]["date"] for one in told}
    path = "$" if isinstance(view.value, list) else told[0].path.rpartition("[")[0]
    figures = [
        Figure("members now", derived(now), path=path),
        Figure("members at first", derived(first), path=path),
        Figure("change", derived(now - first), path=path),
        Figure("first day", min(since), path=path),
        Figure("last day", max(until), path=path),
    ]
    said = f"{counted(len(personas), 'persona')}, {shown(derived(now))} members now, {_signed(now - first)}"
    said += f" from {shown(min(since))} to {shown(max(until))}{_movers(told)}."
    if len(since) + len(until) > 2:
        said += " Their days are not the same: each is told by its own first and last."
    return Draft(
        "flow", view.says(said), figures, _table(personas, path), len(personas), apart=["days"], reading=READING
    )


def _movers(personas: list[Persona]) -> str:
    """`; grew most: "A" +10; shrank most: "B" -4`, whichever there are."""
    changes = [(one.now - one.first, one.called) for one in personas]
    best, worst = max(changes), min(changes)
    grew = f"; grew most: {named(best[1])} {_signed(best[0])}" if best[0] > 0 else ""
    shrank = f"; shrank most: {named(worst[1])} {_signed(worst[0])}" if worst[0] < 0 else ""
    return grew + shrank


def _signed(change: Json) -> str:
    return f"{'+' if change > 0 else ''}{shown(derived(change))}"


def _table(personas: list[Persona], path: str) -> Listing:
    total = sum(one.now for one in personas)

    def made() -> Iterator[Row]:
        for one in personas:
            if not one.found:
                yield (one.name or None, None, None, None, None, None, one.id)
                continue
            change = one.now - one.first
            share = percent(change, one.first) if one.first > 0 else None
            part = percent(one.now, total) if total > 0 else None
            yield (one.name or None, scalar(one.now), part, scalar(one.first), derived(change), share, one.id)

    columns = ("persona", "now", "% of all", "first", "change", "change %", "persona_id")
    return Listing(columns, made, len(personas), path, "persona", sorted_by="largest first", keep_columns=True)
