"""Page after page of a list -> one list, and whether it is complete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from audience_mcp.call.pointer import at, with_value
from audience_mcp.openapi.operation import Operation, Paging

MOST_PAGES = 100
# What a `next` link may change of a call; all else in it repeats our own arguments as text.
PLACES = frozenset({"limit", "offset", "page"})
LONGEST_PLACE = 9


@dataclass(frozen=True, slots=True)
class Page:
    """One answer with the bytes it took."""

    value: Any
    size: int


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages read, merged into the first one's shape; `complete` is None where it cannot be known."""

    value: Any
    size: int
    count: int
    complete: bool | None


Fetch = Callable[[dict[str, Any]], Awaitable[Page]]


async def read_all(operation: Operation, arguments: dict[str, Any], fetch: Fetch, most_bytes: int) -> Pages:
    """Every page from the one `arguments` name on, until the last, a hundred pages, or about `most_bytes`.

    A provider that repeats itself (a page once more, or a link to a page that was read) ends it too.
    """
    paging = operation.tool.paging
    assert paging is not None
    page = await fetch(arguments)
    items = at(page.value, paging.items)
    if not isinstance(items, list):
        return Pages(page.value, page.size, 1, None)
    first, merged, size, count, asked = page.value, list(items), page.size, 1, [arguments]
    following = next_arguments(operation, arguments, page.value, len(merged))
    while following is not None and following not in asked:
        if count == MOST_PAGES or size + page.size > most_bytes:
            break
        asked.append(following)
        page = await fetch(following)
        fresh = at(page.value, paging.items)
        if not isinstance(fresh, list) or (fresh and fresh == items):
            break
        items, size, count = fresh, size + page.size, count + 1
        merged += fresh
        following = next_arguments(operation, following, page.value, len(merged))
    value = with_value(first, paging.items, merged)
    if paging.next:
        value = with_value(value, paging.next, at(page.value, paging.next))
    whole = _starts_at_first(paging, arguments) and following is None and not _is_more(operation, value, len(merged))
    return Pages(value, size, count, whole)


def complete(operation: Operation, arguments: Mapping[str, Any], value: Any) -> bool | None:
    """Whether a single page is the whole list; None where the operation is not paged."""
    paging = operation.tool.paging
    items = at(value, paging.items) if paging else None
    if paging is None or not isinstance(items, list):
        return None
    last = next_arguments(operation, arguments, value, len(items)) is None
    return _starts_at_first(paging, arguments) and last and not _is_more(operation, value, len(items))


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
    if isinstance(size, int) and len(items) < size and not _is_more(operation, value, read):
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


def _is_more(operation: Operation, value: Any, read: int) -> bool:
    """Whether the provider says that it holds more than `read` items, by a link to go on or by its count."""
    paging, hint = operation.tool.paging, operation.tool.answer
    if paging is None:
        return False
    total = at(value, paging.total or hint.total)
    counted = isinstance(total, int) and not isinstance(total, bool) and total > read
    return counted or (paging.style == "next" and bool(at(value, paging.next)))


def _starts_at_first(paging: Paging, arguments: Mapping[str, Any]) -> bool:
    number = arguments.get(paging.number, paging.start) if paging.number else paging.start
    return bool(number == paging.start) and not arguments.get("offset")
