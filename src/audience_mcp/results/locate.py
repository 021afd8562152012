"""JSON pointers and field names -> places in an answer, and the JSONPath by which to find them again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

Json = Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# JSONPath takes no control characters in a name, not even escaped, and no half of a surrogate pair.
_UNSPEAKABLE = re.compile(r"[\x00-\x07\x0b\x0e-\x1f\ud800-\udfff]")
_LONGEST, _MOST, _MOST_SIBLINGS = 160, 10**18, 4
_WRAPPERS = ("data", "results", "items", "calculationResults", "calculationResult", "rows", "values", "list")
MISSING = object()


class Place(NamedTuple):
    """A value and where it stands: `key` is its name in the top-level object, None for the answer itself."""

    value: Json
    path: str
    key: str | None = None


def step(path: str, key: str | int) -> str:
    """The JSONPath one step below `path`; the path itself where a name is too long to repeat, or no path can say it."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    if _NAME.fullmatch(key):
        longer = f"{path}.{key}"
    elif _UNSPEAKABLE.search(key):
        return path
    else:
        escaped = json.dumps(key)[1:-1].replace('\\"', '"').replace("'", "\\'")
        longer = f"{path}['{escaped}']"
    return longer if len(longer) <= _LONGEST else path


def point(value: Json, pointer: str | None) -> Place | None:
    """What stands at a JSON pointer ("" is the whole answer); None where there is nothing."""
    if pointer is None:
        return None
    path, key = "$", None
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            key, path, value = key or name, step(path, name), value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            path, value = step(path, int(name)), value[int(name)]
        else:
            return None
    return Place(value, path, key)


def rows(value: Json, pointer: str | None = None) -> Place | None:
    """The list an answer is about: at the pointer, else the answer itself, else its likeliest list."""
    found = point(value, pointer)
    if found and isinstance(found.value, list):
        return found
    if isinstance(value, list):
        return Place(value, "$")
    if not isinstance(value, dict):
        return None
    for name in _WRAPPERS:
        if isinstance(value.get(name), list):
            return Place(value[name], step("$", name), name)
    lists = [name for name, part in value.items() if isinstance(part, list)]
    if len(lists) != 1 or len(value) > _MOST_SIBLINGS or not any(True for _ in objects(value[lists[0]])):
        return None
    return Place(value[lists[0]], step("$", lists[0]), lists[0])


def field(item: Json, dotted: str) -> Json:
    """A field of an object by its name, which may lead through nested objects; MISSING where there is none."""
    if not isinstance(item, dict):
        return MISSING
    if dotted in item:
        return item[dotted]
    head, _, rest = dotted.partition(".")
    return field(item[head], rest) if rest and head in item else MISSING


def field_path(path: str, item: Json, dotted: str) -> str:
    """The JSONPath of what `field` finds."""
    if isinstance(item, dict) and dotted in item:
        return step(path, dotted)
    head, _, rest = dotted.partition(".")
    return field_path(step(path, head), item.get(head), rest) if rest and isinstance(item, dict) else step(path, dotted)


def first_named(item: dict[str, Json], names: tuple[str, ...]) -> str | None:
    """The first of `names` that the object has with a value in it."""
    return next((name for name in names if item.get(name) is not None), None)


def number(value: Json) -> bool:
    """Whether a value is a number that can be reckoned with: no boolean, finite, of at most 18 digits."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _MOST


def objects(values: list[Json], most: int = 50) -> Iterator[dict[str, Json]]:
    """The first objects of a list."""
    return (value for value in values[:most] if isinstance(value, dict))
