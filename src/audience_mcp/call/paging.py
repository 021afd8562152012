"""Page after page of a list -> one list, and whether it is complete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from audience_mcp.call.pointer import at, with_value
from audience_mcp.openapi.operation import Operation, Paging

MOST_PAGES = 100


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
    """Every page from the one `arguments` name on, until the last, a hundred pages, or `most_bytes`."""
    paging = operation.tool.paging
    assert paging is not None
    first = await fetch(arguments)
    items = at(first.value, paging.items)
    if not isinstance(items, list):
        return Pages(first.value, first.size, 1, complete(operation, arguments, first.value))
    merged, size, count = list(items), first.size, 1
    page, asked = first, arguments
    following = next_arguments(operation, asked, page.value)
    while following is not None and count < MOST_PAGES and size < most_bytes:
        asked = following
        page = await fetch(asked)
        size, count = size + page.size, count + 1
        fresh = at(page.value, paging.items)
        if not isinstance(fresh, list):
            break
        merged += fresh
        following = next_arguments(operation, asked, page.value)
    value = with_value(first.value, paging.items, merged)
    if paging.next:
        value = with_value(value, paging.next, at(page.value, paging.next))
    return Pages(value, size, count, following is None)


def complete(operation: Operation, arguments: Mapping[str, Any], value: Any) -> bool | None:
    """Whether a single page is the whole list; None where the operation is not paged."""
    paging = operation.tool.paging
    if paging is None or not isinstance(at(value, paging.items), list):
        return None
    started = arguments.get(paging.number or "", paging.start) == paging.start if paging.style == "page" else True
    return started and not arguments.get("offset") and next_arguments(operation, arguments, value) is None


def next_arguments(operation: Operation, arguments: Mapping[str, Any], value: Any) -> dict[str, Any] | None:
    """The arguments of the following page; None after the last."""
    paging = operation.tool.paging
    if paging is None:
        return None
    if paging.style == "next":
        return _followed(operation, arguments, at(value, paging.next))
    return _counted(operation, paging, arguments, value)


def _counted(operation: Operation, paging: Paging, arguments: Mapping[str, Any], value: Any) -> dict[str, Any] | None:
    items = at(value, paging.items)
    if not isinstance(items, list) or not items or paging.number is None:
        return None
    number = arguments.get(paging.number, paging.start)
    size = arguments.get(paging.size or "")
    if size is None:
        size = next((a.default for a in operation.arguments if a.name == paging.size), None)
    if isinstance(size, int) and len(items) < size:
        return None
    return {**arguments, paging.number: int(number) + 1}


def _followed(operation: Operation, arguments: Mapping[str, Any], link: Any) -> dict[str, Any] | None:
    """Take the query out of a `next` link and rebuild our own request: its host is never called."""
    if not isinstance(link, str) or not link:
        return None
    query = dict(parse_qsl(urlsplit(link).query))
    known = {argument.name for argument in operation.arguments if argument.place == "query"}
    following = {**arguments, **{name: _number(text) for name, text in query.items() if name in known - {"format"}}}
    # Filters stay as they were passed: a link repeats them as text.
    following |= {name: value for name, value in arguments.items() if name not in ("limit", "offset", "page", "cursor")}
    return following if following != dict(arguments) else None


def _number(text: str) -> Any:
    return int(text) if text.isdigit() else text
