"""Members of each persona day by day: how many now, how many at first, and the change, with the personas' names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.locate import Place, number, rows, step
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import LONGEST_ID, counted, cut, named, percent, scalar, shown

Json = Any


class Persona(NamedTuple):
    """One persona: its first and last day with a count, and where the last one stands."""

    id: str
    name: str
    first: Json
    now: Json
    since: str
    until: str
    path: str


def tell(view: View) -> Draft | None:
    """A list of personas, each with dated counts."""
    place = rows(view.value, view.reading.items)
    personas = _read(place, view.names) if place else None
    if place is None or not personas:
        return None
    personas.sort(key=lambda one: -(one.now or 0))
    told = [one for one in personas if one.now is not None]
    if not told:
        return None
    now, first = sum(one.now for one in told), sum(one.first for one in told)
    since, until = min(one.since for one in told), max(one.until for one in told)
    span = f"from {shown(since)} to {shown(until)}"
    moved = max(told, key=lambda one: abs(one.now - one.first))
    said = f"{counted(len(personas), 'persona')}, {shown(scalar(now))} members now, {_signed(now - first)} {span};"
    said += f" largest change {_signed(moved.now - moved.first)} in {named(moved.name or moved.id)}."
    figures = [
        Figure("members now", scalar(now), path=place.path),
        Figure("members at first", scalar(first), path=place.path),
        Figure("first day", since, path=place.path),
        Figure("last day", until, path=place.path),
    ]
    return Draft("flow", view.says(said), figures, _table(personas, place.path), len(personas), apart=["days"])


def _read(place: Place, names: Mapping[str, str]) -> list[Persona] | None:
    personas: list[Persona] = []
    for at, item in enumerate(place.value):
        if (
            not isinstance(item, dict)
            or not isinstance(item.get("persona_id"), str)
            or not isinstance(item.get("days"), list)
        ):
            return None
        days = item["days"]
        if not all(
            isinstance(day, dict) and isinstance(day.get("date"), str) and number(day.get("count")) for day in days
        ):
            return None
        identity = item["persona_id"]
        name = names.get(identity, "")
        path = step(step(place.path, at), "days")
        if not days:
            personas.append(Persona(identity, name, None, None, "", "", path))
            continue
        order = sorted(range(len(days)), key=lambda day: days[day]["date"])
        first, last = days[order[0]], days[order[-1]]
        since, until = cut(first["date"], 40), cut(last["date"], 40)
        personas.append(
            Persona(identity, name, first["count"], last["count"], since, until, step(step(path, order[-1]), "count"))
        )
    return personas


def _signed(change: Json) -> str:
    return f"{'+' if change > 0 else ''}{shown(scalar(change))}"


def _table(personas: list[Persona], path: str) -> Listing:
    def made() -> Iterator[Row]:
        for one in personas:
            change = share = None
            if one.now is not None:
                change = scalar(one.now - one.first)
                share = percent(one.now - one.first, one.first)
            row = (scalar(one.now), scalar(one.first), change, share, cut(one.id, LONGEST_ID))
            yield (cut(one.name, 60) or None, *row)

    columns = ("persona", "now", "first", "change", "change %", "persona_id")
    return Listing(columns, made, len(personas), path, "persona", sorted_by="largest first", keep_columns=True)
