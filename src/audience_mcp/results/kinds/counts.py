"""Named counts, as funnels and segmentations list them: a name, how many, and where it stands."""

from __future__ import annotations

from typing import Any, NamedTuple

from audience_mcp.results.locate import Place, number, step
from audience_mcp.results.wording import cut, named, scalar, shown

Json = Any

_COUNTS = (
    "count", "value", "total", "profiles", "clients", "customers", "contacts", "users", "persons", "people", "size",
    "individuals_count", "profilesCount", "clientsCount", "contactsCount", "profileCount", "converted", "result",
)  # fmt: skip
_NAMES = ("title", "name", "label", "stepName", "step", "event", "segment", "action", "key", "id")
_SIZES = ("count", "individuals_count", "profiles", "size")
_LONGEST, _MOST = 60, 200


class Counted(NamedTuple):
    """One entry: `name` is empty where it has none, `id` where it is known by none; the number stands at `path`."""

    name: str
    number: int | float
    path: str
    id: str = ""


class Counts(NamedTuple):
    """Entries, and the fields they were read from: both None where the entries are bare numbers."""

    entries: list[Counted]
    name_field: str | None
    count_field: str | None

    def reading(self, noun: str) -> str:
        """How the data was understood: `step = title, count = profiles`."""
        name = f"{noun} = {self.name_field or 'the place in the list'}"
        return f"{name}, count = {self.count_field or 'the item itself'}"


def read(place: Place) -> Counts | None:
    """Every item as a named count; None where one of them is no such thing."""
    items = place.value
    if not items:
        return None
    if all(map(_is_count, items)):
        return Counts([Counted("", item, step(place.path, at)) for at, item in enumerate(items)], None, None)
    if not all(isinstance(item, dict) for item in items):
        return None
    key = next((name for name in _COUNTS if all(_is_count(item.get(name)) for item in items)), None)
    if key is None:
        return None
    name = next((name for name in _NAMES if name != key and all(_is_name(item.get(name)) for item in items)), None)
    return Counts([_counted(item, key, name, step(place.path, at)) for at, item in enumerate(items)], name, key)


def largest(place: Place) -> str:
    """`, the largest here "Cooks" with 810`, where a short list is plainly one of named sizes; else nothing."""
    found = read(place) if len(place.value) <= _MOST else None
    if found is None or len(found.entries) == 1 or found.name_field is None or found.count_field not in _SIZES:
        return ""
    most = max(found.entries, key=lambda one: one.number)
    return f", the largest here {named(most.name)} with {shown(scalar(most.number))}"


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
