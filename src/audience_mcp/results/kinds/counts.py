"""Named counts, as funnels and segmentations list them: a name, how many, and where it stands."""

from __future__ import annotations

from typing import Any, NamedTuple

from audience_mcp.results.locate import Place, number, step
from audience_mcp.results.wording import cut, scalar

Json = Any

_COUNTS = (
    "count", "value", "total", "profiles", "clients", "customers", "contacts", "users", "persons", "people", "size",
    "profilesCount", "clientsCount", "contactsCount", "profileCount", "converted", "result",
)  # fmt: skip
_NAMES = ("title", "name", "label", "stepName", "step", "event", "segment", "action", "key", "id")
_LONGEST = 60


class Counted(NamedTuple):
    """One entry: `name` is empty where it has none, `id` where it is known by none."""

    name: str
    number: int | float
    path: str
    id: str = ""


def read(place: Place) -> list[Counted] | None:
    """Every item as a named count; None where one of them is no such thing."""
    items = place.value
    if not items:
        return None
    if all(map(_is_count, items)):
        return [Counted("", item, step(place.path, at)) for at, item in enumerate(items)]
    if not all(isinstance(item, dict) for item in items):
        return None
    key = next((name for name in _COUNTS if all(_is_count(item.get(name)) for item in items)), None)
    if key is None:
        return None
    name = next((name for name in _NAMES if name != key and all(_is_name(item.get(name)) for item in items)), None)
    return [_counted(item, key, name, step(place.path, at)) for at, item in enumerate(items)]


def _counted(item: dict[str, Json], key: str, name: str | None, path: str) -> Counted:
    identity = item.get("id")
    known = identity if isinstance(identity, str) and name != "id" else ""
    return Counted(_name(item[name]) if name else "", item[key], step(path, key), known)


def _name(value: Json) -> str:
    if isinstance(value, dict):
        value = value.get("name") or value.get("title") or value.get("label")
    return cut(str(scalar(value)), _LONGEST)


def _is_name(value: Json) -> bool:
    if isinstance(value, dict):
        value = value.get("name") or value.get("title") or value.get("label")
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def _is_count(value: Json) -> bool:
    return number(value) and value >= 0
