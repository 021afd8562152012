"""Whether someone belongs to each of several segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.locate import Place, rows
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import LONGEST_ID, cut, named, scalar

Json = Any
Belonging = tuple[str, str, bool]

_IDS = ("segmentationId", "segmentId", "cohort_id", "id", "uuid")
_ANSWERS = (
    "belongs",
    "isMember",
    "inSegmentation",
    "inSegment",
    "matches",
    "matched",
    "member",
    "result",
    "value",
    "check",
)
_NAMES = ("name", "title", "segmentationName")


def tell(view: View) -> Draft | None:
    """A list of objects with an id and a yes or no, or an object of ids with a yes or no each."""
    value = view.value
    if isinstance(value, dict) and value and all(isinstance(part, bool) for part in value.values()):
        place: Place | None = Place(value, "$")
        found = [(name, view.names.get(name, ""), part) for name, part in value.items()]
    else:
        place = rows(value, view.reading.items)
        found = _read(place.value, view) if place else []
    if place is None or not found:
        return None
    inside = [one for one in found if one[2]]
    names = ", ".join(named(name or identity) for identity, name, _ in inside[:3])
    told = (
        f"in {len(inside)} of {len(found)} segments{f': {names}' if names else ''}{', ...' if len(inside) > 3 else ''}."
    )
    figures = [Figure("belongs to", len(inside), path=place.path), Figure("asked", len(found), path=place.path)]
    return Draft("membership", view.says(told), figures, _table(found, place.path), len(found))


def _read(items: list[Json], view: View) -> list[Belonging]:
    if not items or not all(isinstance(item, dict) for item in items):
        return []
    identity = next((name for name in _IDS if all(_is_id(item.get(name)) for item in items)), None)
    answer = next(
        (name for name in (*_ANSWERS, *items[0]) if all(isinstance(item.get(name), bool) for item in items)), None
    )
    if identity is None or answer is None:
        return []
    called = next((name for name in _NAMES if all(isinstance(item.get(name), str) for item in items)), None)
    found: list[Belonging] = []
    for item in items:
        key = cut(str(scalar(item[identity], LONGEST_ID)), LONGEST_ID)
        found.append((key, item[called] if called else view.names.get(key, ""), item[answer]))
    return found


def _is_id(value: Json) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _table(found: list[Belonging], path: str) -> Listing:
    named_ones = any(name for _, name, _ in found)

    def made() -> Iterator[Row]:
        for identity, name, belongs in found:
            yield (cut(identity, LONGEST_ID), *([cut(name, 60)] if named_ones else []), belongs)

    columns = ("id", "name", "belongs") if named_ones else ("id", "belongs")
    return Listing(columns, made, len(found), path, "segment", keep_columns=True)
