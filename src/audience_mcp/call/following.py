"""A page of a list and the arguments it was asked with -> the arguments of the next page, and whether there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from audience_mcp.call.pointer import at
from audience_mcp.openapi.operation import Operation, Paging

# What a `next` link may change of a call; all else in it repeats our own arguments as text.
PLACES = frozenset({"limit", "offset", "page"})
LONGEST_PLACE = 9


def complete(operation: Operation, arguments: Mapping[str, Any], value: Any) -> bool | None:
    """Whether a single page is the whole list; None where the operation is not paged."""
    paging = operation.tool.paging
    items = at(value, paging.items) if paging else None
    if paging is None or not isinstance(items, list):
        return None
    last = next_arguments(operation, arguments, value, len(items)) is None
    return starts_at_first(paging, arguments) and last and not is_more(operation, value, len(items))


def next_arguments(operation: Operation, arguments: Mapping[str, Any], value: Any, read: int) -> dict[str, Any] | None:
    """The arguments of the page after `value`, when `read` items are known by now; None after the last."""
    paging = operation.tool.paging
    if paging is None:
        return None
    if paging.style == "next":
        return _followed(operation, arguments, at(value, paging.next))
    return _counted(operation, paging, arguments, value, read)


def _counted(
    operation: Operation, paging: Paging, arguments: Mapping[str, Any], value: Any, read: int
) -> dict[str, Any] | None:
    items = at(value, paging.items)
    if not isinstance(items, list) or not items or paging.number is None:
        return None
    number = arguments.get(paging.number, paging.start)
    size = arguments.get(paging.size or "")
    if size is None:
        size = next((a.default for a in operation.arguments if a.name == paging.size), None)
    # A short page is the last one, unless the provider counts more: then it gives fewer a page than were asked for.
    if isinstance(size, int) and len(items) < size and not is_more(operation, value, read):
        return None
    return {**arguments, paging.number: int(number) + 1}


def _followed(operation: Operation, arguments: Mapping[str, Any], link: Any) -> dict[str, Any] | None:
    """Take the place out of a `next` link and put it into our own request: its host is never called."""
    if not isinstance(link, str):
        return None
    known = PLACES & {argument.name for argument in operation.arguments if argument.place == "query"}
    query = link.partition("#")[0].rpartition("?")[2]  # a bare query string, with "?" or without, is one too
    place = {name: int(text) for name, text in parse_qsl(query) if name in known and _is_place(text)}
    following = {**arguments, **place}
    return following if following != dict(arguments) else None


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_PLACE


def is_more(operation: Operation, value: Any, read: int) -> bool:
    """Whether the provider says that it holds more than `read` items, by a link to go on or by its count."""
    paging, total = operation.tool.paging, total_of(operation, value)
    if paging is None:
        return False
    return (total is not None and total > read) or (paging.style == "next" and bool(at(value, paging.next)))


def total_of(operation: Operation, value: Any) -> int | None:
    """How many items the provider counts in all."""
    paging = operation.tool.paging
    total = at(value, (paging and paging.total) or operation.tool.answer.total)
    return total if isinstance(total, int) and not isinstance(total, bool) else None


def starts_at_first(paging: Paging, arguments: Mapping[str, Any]) -> bool:
    """Whether the arguments ask for the first page, not for one further on."""
    number = arguments.get(paging.number, paging.start) if paging.number else paging.start
    return bool(number == paging.start) and not arguments.get("offset")
