"""One object: its name, what its definition says, its key fields, and one line for each other nested part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audience_mcp.results.columns import listing, rank
from audience_mcp.results.definitions import Definition, describe
from audience_mcp.results.draft import Draft, View
from audience_mcp.results.kinds import counts
from audience_mcp.results.kinds.facts import DEFINITIONS, dropped, facts
from audience_mcp.results.locate import Place, first_named, number, point, step
from audience_mcp.results.outline import size_of
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import LONGEST_ID, Cut, Folded, Words, counted, cut, named, scalar, shown
from audience_mcp.results.zone import local

Json = Any

NAMES = ("name", "title", "label", "display_name", "full_name", "email")
_IDS = ("id", "uuid", "guid")
_TYPES = ("type", "aggregateType", "cohort_type", "analyticType", "status", "kind")
_COUNTS = ("count", "individuals_count")
_UPDATED = ("updatedAt", "updated_at", "modified_at", "last_calculation")
_LONGEST_WORDS, _SAID_WHOLE, _SAID_NAME, _DAY = 600, 160, 60, 10
_LIST_SHARE, _FEW_FACTS, _SMALL_OBJECT, _FEWEST_ROWS = 66, 3, 12, 2


def tell(view: View) -> Draft | None:
    """An object with at least one field; a list inside it becomes a table: the one hinted at, else the only one."""
    value, reading = view.value, view.reading
    if not isinstance(value, dict) or not value:
        return None
    inner = point(value, reading.items) if reading.items else _only_list(value, reading.drop)
    inner = inner if inner and isinstance(inner.value, list) else None
    hinted = reading.columns if inner and reading.items else ()
    definition = describe(value, view.names)
    said, told = _headline(view, value, definition)
    words = _words(definition) if definition else {}
    order = _order(value, () if hinted else reading.columns, (*told, inner.key if inner else None), words)
    draft = Draft("object", said, facts(value, "$", order, reading.drop, words), apart=dropped(value, reading.drop))
    if inner:
        draft.listing = listing(inner.value, inner.path, hinted, reading.drop, "item")
        draft.listing.share = _LIST_SHARE
        draft.rows = len(inner.value)
        draft.figures.insert(1, Figure(cut(inner.path.removeprefix("$.")), draft.rows, "rows", inner.path))
        listed = named(inner.path.rpartition(".")[2])
        draft.headline += f"; {listed}: {counted(draft.rows, 'row')}{counts.largest(inner)}"
    if definition:
        draft.apart += definition.untold
        if definition.guessed:
            draft.reading, draft.guessed = f"{definition.field} by an assumed grammar", True
    draft.headline = view.says(f"{draft.headline}.")
    return draft


def _only_list(value: dict[str, Json], drop: tuple[str, ...]) -> Place | None:
    """The one list of rows in an object, or one level deeper in it alone, apart from definitions."""
    found: list[Place] = []
    for name, part in value.items():
        if name in drop or name in DEFINITIONS:
            continue
        inner = part if isinstance(part, dict) and len(part) == 1 else {}
        places = [Place(part, step("$", name), name)]
        places += [Place(deeper, step(step("$", name), key), name) for key, deeper in inner.items()]
        found += [place for place in places if _is_rows(place.value)]
    return found[0] if len(found) == 1 and len(value) <= _SMALL_OBJECT else None


def _is_rows(value: Json) -> bool:
    """Whether a value is a list of rows: at least two, all objects or all lists of plain values."""
    if not isinstance(value, list) or len(value) < _FEWEST_ROWS:
        return False
    if all(isinstance(row, list) for row in value):
        return not any(isinstance(cell, (dict, list)) for row in value for cell in row)
    return all(isinstance(row, dict) for row in value)


def _words(definition: Definition) -> dict[str, Words]:
    if len(definition.words) <= _LONGEST_WORDS:
        return {definition.field: Words(definition.words)}
    return {definition.field: Folded(f"{definition.words[:_LONGEST_WORDS]}...")}


def _order(
    value: dict[str, Json], wanted: tuple[str, ...], told: tuple[str | None, ...], words: Mapping[str, Words]
) -> tuple[str, ...]:
    """The definition in words, then the hinted fields, then by what a field is and holds."""
    roots = {name if name in value else name.partition(".")[0] for name in wanted}
    rest = [name for name in value if name not in roots and name not in words]
    rest.sort(key=lambda name: 4 if name in DEFINITIONS else rank(name, [value[name]]))
    return tuple(name for name in (*words, *wanted, *rest) if name not in told)


def _plain_facts(view: View, value: dict[str, Json]) -> list[str]:
    """The first few plain facts of an object without a name, the hinted ones before the others."""
    names = [name for name in dict.fromkeys((*view.reading.columns, *value)) if name in value]
    plain = [name for name in names if value[name] is not None and not isinstance(value[name], (dict, list))]
    return [f"{shown(cut(name, 40))} {shown(scalar(value[name], 40))}" for name in plain[:_FEW_FACTS]]


def _headline(view: View, value: dict[str, Json], definition: Definition | None) -> tuple[str, tuple[str, ...]]:
    """The headline without its end, and the fields that need no other telling."""
    hinted = view.reading.headline
    name = hinted if hinted and isinstance(value.get(hinted), str) else first_named(value, NAMES)
    parts: list[str] = []
    told: list[str] = []
    if name and not isinstance(value[name], (dict, list)):
        called = scalar(value[name])
        parts.append(named(str(called), _SAID_NAME))
        told += [] if isinstance(called, Cut) or len(str(called)) > _SAID_NAME else [name]
    if definition:
        whole = len(definition.words) <= _SAID_WHOLE
        parts.append(definition.words if whole else definition.brief)
        told += [definition.field] if whole else []
    kind = first_named(value, _TYPES)
    if kind and isinstance(value[kind], str) and not definition:
        parts.append(f"{kind} {named(value[kind], 40)}")
    size = first_named(value, _COUNTS)
    if size and number(value[size]):
        parts.append(f"{size} {shown(scalar(value[size]))}")
    identity = first_named(value, _IDS)
    if identity and not isinstance(value[identity], (dict, list)):
        parts.append(f"id {shown(str(scalar(value[identity], LONGEST_ID)))}")
    updated = first_named(value, _UPDATED)
    if updated and isinstance(value[updated], str):
        parts.append(f"updated {shown(cut(local(value[updated], view.zone)[:_DAY]))}")
    if value.get("deleted") is True or value.get("isDeleted") is True:
        parts.append("deleted")
    parts = parts or _plain_facts(view, value)
    return ", ".join(parts) or f"an object of {size_of(value)}", tuple(told)
