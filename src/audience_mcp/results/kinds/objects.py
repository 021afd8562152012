"""One object: its name, its key fields, and one line for each nested part such as a definition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from audience_mcp.results.columns import listing, rank
from audience_mcp.results.draft import Draft, View
from audience_mcp.results.locate import MISSING, field, field_path, first_named, point
from audience_mcp.results.outline import outline, size_of
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import LONGEST_ID, Folded, cut, is_id, named, scalar, shown

Json = Any

NAMES = ("name", "title", "label", "display_name", "full_name", "email")
_DEFINITIONS = ("analysis", "filters", "query", "definition")
_TYPES = ("type", "aggregateType", "cohort_type", "analyticType", "resource_type", "kind")
_UPDATED = ("updatedAt", "updated_at", "modified_at", "last_calculation")
_LONGEST_FACT, _OUTLINE, _NESTED, _FEW_EMPTY = 240, 260, 100, 3


def tell(view: View) -> Draft | None:
    """An object with at least one field; a list inside it that the hint names becomes a table."""
    value = view.value
    if not isinstance(value, dict) or not value:
        return None
    inner = point(value, view.reading.items) if view.reading.items else None
    inner = inner if inner and isinstance(inner.value, list) else None
    wanted = () if inner else view.reading.columns
    order = _order(value, wanted, inner.key if inner else None)
    figures = facts(value, "$", order, view.reading.drop)
    table = listing(inner.value, inner.path, view.reading.columns, view.reading.drop, "item") if inner else None
    return Draft(
        "object",
        view.says(_headline(view, value)),
        figures,
        table,
        rows=len(inner.value) if inner else None,
    )


def facts(value: dict[str, Json], path: str, order: Iterable[str], drop: tuple[str, ...]) -> list[Figure]:
    """One figure per field that holds something, and one line about those that are empty."""
    figures: list[Figure] = []
    empty: list[str] = []
    for name in order:
        part = field(value, name)
        if part is MISSING or name in drop:
            continue
        if part in (None, "", [], {}):
            empty.append(name)
        else:
            figures.append(fact(name, part, field_path(path, value, name), drop))
    if len(empty) > _FEW_EMPTY:
        figures.append(Figure("empty fields", Folded(outline(empty, _NESTED)), path=path))
    else:
        figures += [
            Figure(cut(name, 60), _nothing(field(value, name)), path=field_path(path, value, name)) for name in empty
        ]
    return figures


def fact(name: str, value: Json, path: str, drop: tuple[str, ...] = ()) -> Figure:
    """One field as a figure; a definition gets more room than other nested parts."""
    if isinstance(value, (dict, list)):
        told: Json = Folded(outline(value, _OUTLINE if name in _DEFINITIONS else _NESTED, drop))
    else:
        told = cut(value, LONGEST_ID) if is_id(name, value) else scalar(value, _LONGEST_FACT)
    return Figure(cut(name, 60), told, path=path)


def _nothing(value: Json) -> Json:
    return value if value is None or value == "" else Folded("[]" if value == [] else "{}")


def _order(value: dict[str, Json], wanted: tuple[str, ...], told: str | None) -> tuple[str, ...]:
    """Hinted fields first, then definitions, then by what a field is and holds."""
    roots = {name if name in value else name.partition(".")[0] for name in wanted}
    rest = [name for name in value if name not in roots and name != told]
    rest.sort(key=lambda name: 4 if name in _DEFINITIONS else rank(name, [value[name]]))
    return (*wanted, *rest)


def _headline(view: View, value: dict[str, Json]) -> str:
    hinted = view.reading.headline
    name = hinted if hinted and isinstance(value.get(hinted), str) else first_named(value, NAMES)
    parts: list[str] = []
    if name and not isinstance(value[name], (dict, list)):
        parts.append(named(str(scalar(value[name]))))
    kind = first_named(value, _TYPES)
    if kind and isinstance(value[kind], str):
        parts.append(f"{kind} {named(value[kind], 40)}")
    identity = first_named(value, ("id", "uuid", "guid"))
    if identity and not isinstance(value[identity], (dict, list)):
        parts.append(f"id {shown(str(scalar(value[identity], LONGEST_ID)))}")
    updated = first_named(value, _UPDATED)
    if updated and isinstance(value[updated], str):
        parts.append(f"updated {shown(cut(value[updated], 40))}")
    if value.get("deleted") is True or value.get("isDeleted") is True:
        parts.append("deleted")
    return f"{', '.join(parts) or f'an object of {size_of(value)}'}."
