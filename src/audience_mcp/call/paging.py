"""Page after page of a list -> one list, whether it is complete, and where the reading stopped if not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from audience_mcp.call.following import is_more, next_arguments, starts_at_first, total_of
from audience_mcp.call.pointer import at, with_value
from audience_mcp.errors import AudienceError
from audience_mcp.openapi.operation import Operation
from audience_mcp.results.wording import squeezed

MOST_PAGES = 100
REPEATED = "the provider repeats a page that was read."
NOWHERE = "the provider says there is more, and not where."
OTHER_SHAPE = "what came was no such page."


@dataclass(frozen=True, slots=True)
class Page:
    """One answer with the bytes it took."""

    value: Any
    size: int


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages read, merged into the first one's shape; `complete` is None where it cannot be known.

    `stopped` says where the reading of several pages ended too early, why, and how to go on.
    """

    value: Any
    size: int
    count: int
    complete: bool | None
    stopped: str | None = None


Fetch = Callable[[dict[str, Any]], Awaitable[Page]]
Report = Callable[[float, float | None, str], Awaitable[None]]


async def read_all(
    operation: Operation, arguments: dict[str, Any], fetch: Fetch, most_bytes: int, report: Report
) -> Pages:
    """Every page from the one `arguments` name on, until the last, a hundred pages, or about `most_bytes`.

    A provider that repeats itself (a page once more, or a link to a page that was read) ends it too. A page that fails
    does as well: the ones before it are kept. `report` hears of each page.

    Raises:
        AudienceError: The first page failed.
    """
    paging = operation.tool.paging
    assert paging is not None
    page = await fetch(arguments)
    items = at(page.value, paging.items)
    if not isinstance(items, list):
        return Pages(page.value, page.size, 1, None)
    first, merged, size, count, asked = page.value, list(items), page.size, 1, [arguments]
    expected = _expected(operation, arguments, page.value, len(items))
    following = next_arguments(operation, arguments, page.value, len(merged))
    stopped = None
    await _tell(report, count, expected)
    while following is not None:
        stopped = REPEATED if following in asked else _bound(count, size + page.size, most_bytes)
        if stopped is not None:
            break
        asked.append(following)
        try:
            fetched = await fetch(following)
        except AudienceError as error:
            stopped = f"{error.kind}, {squeezed(error.message, 40)} {squeezed(error.remedy, 30)}"
            break
        fresh = at(fetched.value, paging.items)
        if not isinstance(fresh, list) or (fresh and fresh == items):
            stopped = REPEATED if fresh == items else OTHER_SHAPE
            break
        page, items, size, count = fetched, fresh, size + fetched.size, count + 1
        merged += fresh
        following = next_arguments(operation, following, page.value, len(merged))
        await _tell(report, count, expected)
    value = with_value(first, paging.items, merged)
    if paging.next:
        value = with_value(value, paging.next, at(page.value, paging.next))
    more = is_more(operation, value, len(merged))
    if stopped is None and following is None and more:
        stopped = NOWHERE
    whole = starts_at_first(paging, arguments) and following is None and not more
    return Pages(value, size, count, whole, stopped and _told_stop(stopped, count, arguments, following))


def _bound(count: int, size: int, most_bytes: int) -> str | None:
    """Which bound one more page would break."""
    if count == MOST_PAGES:
        return f"one call reads {MOST_PAGES} pages at most."
    if size > most_bytes:
        return f"one call reads {most_bytes / 1e6:g} MB at most."
    return None


def _expected(operation: Operation, arguments: Mapping[str, Any], value: Any, here: int) -> int | None:
    """How many pages will be read, by the provider's count; None where it gives none or the first page is not read."""
    total = total_of(operation, value)
    paging = operation.tool.paging
    if paging is None or total is None or not here or not starts_at_first(paging, arguments):
        return None
    return max(1, min(ceil(total / here), MOST_PAGES))


async def _tell(report: Report, count: int, expected: int | None) -> None:
    of = expected if expected and count <= expected else None
    await report(count, of, f"page {count} of {of} read" if of else f"page {count} read")


def _told_stop(reason: str, count: int, arguments: Mapping[str, Any], following: Mapping[str, Any] | None) -> str:
    """Where the reading stopped and why; unless the provider leads nowhere, with what to pass to go on."""
    told = f"page {count + 1} and later: {reason}"
    if following is None or reason == REPEATED:
        return told
    changed = [f"{name}={value}" for name, value in following.items() if arguments.get(name) != value]
    return f"{told} To go on, repeat the call with {' and '.join(changed)}; it gives a result of its own."
