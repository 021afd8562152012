"""The fields of an object -> one figure each, and one line each for those that are empty and those that are false."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from audience_mcp.results.locate import MISSING, field, field_path
from audience_mcp.results.outline import folded
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import LONGEST_ID, Words, cut, is_id, scalar

Json = Any

DEFINITIONS = ("analysis", "filters", "query", "definition")
"""Fields that hold a definition: they get more room than other nested parts."""

NOTHING: tuple[Json, ...] = (None, "", [], {})
"""Values that hold nothing."""

_LONGEST_FACT, _LONGEST_NAME, _OUTLINE, _NESTED, _FEW = 240, 60, 260, 100, 2
_NO_WORDS: Mapping[str, Words] = MappingProxyType({})


def facts(
    value: dict[str, Json],
    path: str,
    order: Iterable[str],
    drop: tuple[str, ...],
    words: Mapping[str, Words] = _NO_WORDS,
) -> list[Figure]:
    """One figure per field that holds something, and one line each about those that are empty and those that are false.

    `words` tell a field in another way than its value does.
    """
    figures: list[Figure] = []
    rest: dict[str, list[str]] = {"empty fields": [], "false": []}
    for name in order:
        part = field(value, name)
        if part is MISSING or name in drop:
            continue
        if part in NOTHING:
            rest["empty fields"].append(name)
        elif part is False:
            rest["false"].append(name)
        elif name in words:
            figures.append(Figure(cut(name, _LONGEST_NAME), words[name], path=field_path(path, value, name)))
        else:
            figures.append(fact(name, part, field_path(path, value, name), drop))
    for label, names in rest.items():
        if len(names) > _FEW:
            figures.append(Figure(label, folded(names, room=_NESTED), path=path))
        else:
            figures += [
                Figure(cut(name, _LONGEST_NAME), _plain(field(value, name)), path=field_path(path, value, name))
                for name in names
            ]
    return figures


def fact(name: str, value: Json, path: str, drop: tuple[str, ...] = ()) -> Figure:
    """One field as a figure; a definition gets more room than other nested parts."""
    if isinstance(value, (dict, list)):
        told: Json = folded(value, drop, _OUTLINE if name in DEFINITIONS else _NESTED)
    else:
        told = cut(value, LONGEST_ID) if is_id(name, value) else scalar(value, _LONGEST_FACT)
    return Figure(cut(name, _LONGEST_NAME), told, path=path)


def _plain(value: Json) -> Json:
    return Words("[]" if value == [] else "{}") if isinstance(value, (list, dict)) else value


def dropped(value: dict[str, Json], drop: tuple[str, ...]) -> list[str]:
    """The fields that a hint says are not worth showing, where they hold something."""
    return [name for name in drop if value.get(name) not in NOTHING]
