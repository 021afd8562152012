"""PostHog's ways of paging: absolute next and previous by offset, and pages by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audience_mcp.sandbox.core import Call

MOST_ROWS = 1000
MOST_OFFSET = 2**40


def window(call: Call, size: int = 100, most: int = MOST_ROWS) -> tuple[int, int]:
    """limit and offset of the request; what makes no sense is left to the defaults."""
    limit, offset = call.query.get("limit"), call.query.get("offset")
    return (
        min(limit, most) if isinstance(limit, int) and limit > 0 else size,
        min(offset, MOST_OFFSET) if isinstance(offset, int) and offset > 0 else 0,
    )


def page(call: Call, items: Sequence[Any]) -> dict[str, Any]:
    """count, next, previous and results: the usual page."""
    limit, offset = window(call)
    following = at(call, limit, offset + limit) if offset + limit < len(items) else None
    before = at(call, limit, max(0, offset - limit)) if offset else None
    return {"count": len(items), "next": following, "previous": before, "results": list(items[offset : offset + limit])}


def numbered(call: Call, items: Sequence[Any]) -> dict[str, Any]:
    """results, next, previous and total_count: a page by number; a number too high gives the last page."""
    limit, _ = window(call, 10)
    last = max(1, -(-len(items) // limit))
    wanted = call.query.get("page", 1)
    number = min(max(wanted, 1), last) if isinstance(wanted, int) else 1
    return {
        "results": list(items[(number - 1) * limit : number * limit]),
        "next": str(call.request.url.include_query_params(page=number + 1)) if number < last else None,
        "previous": str(call.request.url.include_query_params(page=number - 1)) if number > 1 else None,
        "total_count": len(items),
    }


def bare(items: Sequence[Any], limit: int, offset: int) -> dict[str, Any]:
    """A page whose next and previous are query strings without a path."""
    return {
        "results": list(items[offset : offset + limit]),
        "count": len(items),
        "next": f"?limit={limit}&offset={offset + limit}" if offset + limit < len(items) else None,
        "previous": f"?limit={limit}&offset={max(0, offset - limit)}" if offset else None,
    }


def uncounted(call: Call, rows: Sequence[Any], limit: int, offset: int) -> dict[str, Any]:
    """A page of people: no count; a full page has a next one, be it empty.

    Once the request itself has an offset, next and previous are relative (posthog/api/utils.py rewrites the path then).
    """
    following = at(call, limit, offset + limit) if len(rows) == limit else None
    before = at(call, limit, max(0, offset - limit)) if offset else None
    if "offset" in call.request.query_params:
        following, before = relative(following), relative(before)
    return {"results": list(rows), "next": following, "previous": before}


def at(call: Call, limit: int, offset: int) -> str:
    """The absolute address of this request at another offset."""
    return str(call.request.url.include_query_params(limit=limit, offset=offset))


def relative(url: str | None) -> str | None:
    """The same address without scheme and host."""
    return "/" + url.split("/", 3)[3] if url else None
