"""People: how many, and for each a name, a distinct id, and the properties that most of them have."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from audience_mcp.results.columns import cell
from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.kinds.facts import dropped, facts
from audience_mcp.results.kinds.pages import apart, page
from audience_mcp.results.locate import Place, first_named, number, objects, point, rows, step
from audience_mcp.results.outline import outline
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import LONGEST_ID, Folded, counted, cut, named, scalar, shown

Json = Any

_SIGNS = ("distinct_ids", "distinct_id", "properties", "email", "uuid", "clientId", "profileId", "customId")
_NAMES = ("name", "display_name", "full_name", "email", "customId")
_IDS = ("uuid", "id", "clientId", "profileId", "customId")
_MOST_PROPERTIES, _LONGEST, _SAMPLE, _MOST_SIZES, _MOST_EXAMPLES = 2, 60, 40, 5, 5


def tell_many(view: View) -> Draft | None:
    """A list of people, alone, in a page, in the first entry of a page, or one list of them per segment."""
    place = _people(view)
    if place is None:
        return None
    if place.value and all(isinstance(item, list) for item in place.value):
        return _by_segment(view, place)
    if not all(isinstance(item, dict) and any(sign in item for sign in _SIGNS) for item in place.value):
        return None
    draft = page(view, place, "persons", "person")
    if view.media != "csv":  # there every property is a column of its own
        draft.listing = _table(place, view.reading.drop)
    nested = place.path.startswith("$.results[0]") and isinstance(view.value, dict)
    count = point(view.value, "/results/0/count") if nested else None
    if count and number(count.value):
        draft.figures.append(Figure("counted by the provider", scalar(count.value), path=count.path))
        draft.apart = apart(view.value, "results", "next", "previous")
    return draft


def tell_one(view: View) -> Draft | None:
    """One person with properties or distinct ids."""
    value = view.value
    if not isinstance(value, dict) or not any(
        isinstance(value.get(sign), (dict, list)) for sign in ("properties", "distinct_ids")
    ):
        return None
    properties = value.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    name = first_named(value, _NAMES) or ""
    called = named(str(scalar(value[name]))) if name and not isinstance(value[name], (dict, list)) else "unnamed"
    order = tuple(part for part in value if part != "properties" and part not in view.reading.columns)
    figures = facts(value, "$", (*view.reading.columns, *order), view.reading.drop)
    draft = Draft("person", view.says(f"{called}, {len(properties)} properties."), figures, rows=1)
    draft.apart = dropped(value, view.reading.drop)
    if properties:
        draft.listing = _properties(properties)
    return draft


def _people(view: View) -> Place | None:
    found = point(view.value, view.reading.items)
    if found and isinstance(found.value, list):
        return found
    nested = point(view.value, "/results/0/people")
    return nested if nested and isinstance(nested.value, list) else rows(view.value)


def _table(place: Place, drop: tuple[str, ...]) -> Listing:
    items = place.value
    properties = _common_properties(items, drop)
    identity = next((name for name in _IDS if any(name in item for item in items[:_SAMPLE])), "id")
    dated = any("created_at" in item for item in items[:_SAMPLE])
    several = any(len(_distinct_ids(item)) > 1 for item in items[:_SAMPLE])
    columns = ["name", "distinct_id", *properties, identity]
    columns += [*(["created_at"] if dated else []), *(["distinct ids"] if several else [])]
    shown = {"properties", "name", "distinct_ids", "distinct_id", *columns}
    hidden = dict.fromkeys(name for item in objects(items, _SAMPLE) for name in item if name not in shown)
    hidden |= {f"properties.{name}": None for name in _property_names(items) if name not in properties}

    def made() -> Iterator[Row]:
        for item in items:
            known = item.get("properties")
            known = known if isinstance(known, dict) else {}
            ids = _distinct_ids(item)
            row = [cell("name", item.get(first_named(item, _NAMES) or "")), scalar(ids[0], LONGEST_ID) if ids else None]
            row += [cell(name, known.get(name)) for name in properties]
            row.append(cell("id", item.get(identity)))
            yield (*row, *([cell("", item.get("created_at"))] if dated else []), *([len(ids)] if several else []))

    return Listing(tuple(columns), made, len(items), place.path, "person", tuple(hidden))


def _distinct_ids(item: dict[str, Json]) -> list[Json]:
    ids = item.get("distinct_ids")
    single = item.get("distinct_id")
    return ids if isinstance(ids, list) else [single] if isinstance(single, str) else []


def _property_names(items: list[Json]) -> dict[str, int]:
    """Names of properties -> how many of the first people have something short there."""
    counts: dict[str, int] = {}
    for item in objects(items, _SAMPLE):
        known = item.get("properties")
        for name, value in islice(known.items(), 200) if isinstance(known, dict) else ():
            short = (
                value not in (None, "") and not isinstance(value, (dict, list)) and len(str(scalar(value))) <= _LONGEST
            )
            counts[name] = counts.get(name, 0) + short
    return counts


def _common_properties(items: list[Json], drop: tuple[str, ...]) -> list[str]:
    """The properties that most people have; the platform's own (they start with $) come last."""
    counts = _property_names(items)
    same = {name for name in counts if all(_same(item, name) for item in objects(items, _SAMPLE))}
    usable = [name for name in counts if counts[name] and name not in drop and name not in same]
    usable.sort(key=lambda name: (name.startswith("$"), -counts[name]))
    return usable[:_MOST_PROPERTIES]


def _same(item: dict[str, Json], name: str) -> bool:
    """Whether a property says what the name already says."""
    known, called = item.get("properties"), first_named(item, _NAMES)
    return isinstance(known, dict) and called is not None and known.get(name) == item[called]


def _properties(properties: dict[str, Json]) -> Listing:
    names = sorted(properties, key=lambda name: name.startswith("$"))

    def made() -> Iterator[Row]:
        for name in names:
            yield (cut(name, _LONGEST), cell(name, properties[name]))

    in_order = names == list(properties)
    path = step("$", "properties")
    order = None if in_order else "the platform's own last"
    return Listing(("property", "value"), made, len(names), path, "property", sorted_by=order, keep_columns=True)


def _by_segment(view: View, place: Place) -> Draft:
    """One row per segment: how many people are listed, and the first few."""
    sizes = [len(item) for item in place.value]
    listed = ", ".join(map(str, sizes[:_MOST_SIZES]))
    said = f"{counted(len(sizes), 'segment')} with {listed}{', ...' if len(sizes) > _MOST_SIZES else ''} profiles."
    figures = [Figure("segments", len(sizes), path=place.path), Figure("profiles", sum(sizes), path=place.path)]

    def made() -> Iterator[Row]:
        for at, people in enumerate(place.value):
            names = [_called(one) for one in people[:_MOST_EXAMPLES]]
            more = len(people) - len(names)
            yield (at, len(people), Folded(f"[{', '.join(names)}{f', ...{more} more' if more else ''}]"))

    table = Listing(("segment", "profiles", "first"), made, len(sizes), place.path, "segment", keep_columns=True)
    return Draft("persons", view.says(said), figures, table, len(sizes))


def _called(person: Json) -> str:
    """A name or an id, else the person in a few words."""
    name = first_named(person, (*_NAMES, *_IDS)) if isinstance(person, dict) else None
    if name is None or isinstance(person[name], (dict, list)):
        return outline(person, _LONGEST)
    return shown(scalar(person[name], _LONGEST))
