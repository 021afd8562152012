"""A stored value, a JSONPath, a slice and field names -> the page of it that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from audience_mcp.errors import InvalidArguments
from audience_mcp.results.locate import MISSING, field
from audience_mcp.results.outline import kind_of, outline
from audience_mcp.results.steps import follow
from audience_mcp.results.wording import quote, squeezed

Json = Any
Unit = Literal["item", "field", "character", "value"]

_LONGEST_PATH, _MOST_DESCENTS, _LONGEST_SCALAR = 500, 2, 400
_EXAMPLE = "Paths look like $.results[0].name, $.data[*].id or $.data[?@.count > 10]."


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of what stands at `path`.

    `items` are list items, single-field objects of an object, or one text; `total` counts all there are at the path, in
    `unit`s, and `start` and `stop` bound the slice. `next` is where the following slice starts, None at the end.
    `absent` names fields that no item has.
    """

    items: list[Json]
    total: int
    start: int
    stop: int
    path: str
    unit: Unit
    absent: tuple[str, ...] = ()

    @property
    def next(self) -> int | None:
        """The start of what follows this page."""
        return self.stop if self.stop < self.total else None


def read(
    value: Json, path: str | None = None, start: int = 0, stop: int | None = None, fields: Sequence[str] = ()
) -> Page:
    """A part of `value`: items of a list, fields of an object or characters of a text, from `start` up to `stop`.

    Raises:
        InvalidArguments: The path is no JSONPath, or leads nowhere.
    """
    asked = _normal(path)
    target, several = _find(value, asked)
    first = max(start, 0)
    if isinstance(target, list):
        return _items(target, asked, first, stop, tuple(fields), several)
    if isinstance(target, dict):
        chosen = {name: field(target, name) for name in fields} if fields else target
        absent = tuple(name for name, part in chosen.items() if part is MISSING)
        entries = [{name: part} for name, part in chosen.items() if part is not MISSING]
        return _slice(entries, asked, first, stop, "field", absent)
    if isinstance(target, str) and (first or stop is not None or len(target) > _LONGEST_SCALAR):
        last = len(target) if stop is None else max(min(stop, len(target)), first)
        return Page([target[first:last]], len(target), min(first, len(target)), last, asked, "character")
    return Page([target], 1, 0, 1, asked, "value")


def _items(items: list[Json], path: str, start: int, stop: int | None, fields: tuple[str, ...], several: bool) -> Page:
    page = _slice(items, path, start, stop, "item")
    if not fields:
        return page
    kept = [_only(item, fields) for item in page.items]
    absent = tuple(name for name in fields if all(field(item, name) is MISSING for item in page.items))
    return Page(kept, page.total, page.start, page.stop, path, "item", absent if page.items else ())


def _slice(
    items: list[Json], path: str, start: int, stop: int | None, unit: Unit, absent: tuple[str, ...] = ()
) -> Page:
    last = len(items) if stop is None else max(min(stop, len(items)), start)
    return Page(items[start:last], len(items), min(start, len(items)), last, path, unit, absent)


def _only(item: Json, fields: tuple[str, ...]) -> Json:
    if not isinstance(item, dict):
        return item
    found = {name: field(item, name) for name in fields}
    return {name: part for name, part in found.items() if part is not MISSING}


def _normal(path: str | None) -> str:
    """The path with its leading `$`, which is easily forgotten."""
    text = (path or "$").strip()
    if len(text) > _LONGEST_PATH or text.count("..") > _MOST_DESCENTS:
        raise InvalidArguments("The path is too long, or descends too often.", _EXAMPLE)
    if text.startswith("$"):
        return text
    return f"${text}" if text.startswith(("[", ".")) else f"$.{text}"


def _find(value: Json, path: str) -> tuple[Json, bool]:
    """What stands at the path, and whether it is a list of matches rather than one place."""
    found, single = follow(path, value) or _searched(value, path)
    if not single:
        return found, True
    if not found:
        inside = squeezed(outline(value, 300), 150)
        raise InvalidArguments(f"Nothing stands at {quote(path)}.", f"The result is a {kind_of(value)}: {inside}.")
    return found[0], False


def _searched(value: Json, path: str) -> tuple[list[Json], bool]:
    """All that any JSONPath leads to, and whether it can be one place only."""
    from jsonpath import JSONPathError

    try:
        query = _environment().compile(path)
        found = [match.obj for match in query.finditer(value)] if isinstance(value, (dict, list)) else []
    except (JSONPathError, ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise InvalidArguments(f"The path {quote(path)} cannot be read: {squeezed(reason, 40)}.", _EXAMPLE) from None
    return found, query.singular_query()


@cache
def _environment() -> Any:
    from jsonpath import JSONPathEnvironment

    environment = JSONPathEnvironment(strict=True)
    # A pattern over a provider's text could run for ever.
    for name in ("match", "search"):
        environment.function_extensions.pop(name, None)
    return environment
