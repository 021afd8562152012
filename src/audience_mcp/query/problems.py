"""What the engine says went wrong -> an error that teaches the next query, without a word about the machine."""

from __future__ import annotations

import re
from collections.abc import Mapping

from audience_mcp.errors import InvalidArguments
from audience_mcp.query.layout import Layout
from audience_mcp.results.wording import squeezed

_TOKENS, _COLUMNS = 90, 160
_EXCERPT = re.compile(r"\n+LINE \d+:.*", re.DOTALL)
_PATH = re.compile(r"(?<![\w.])(?:/[\w.-]+){2,}|[A-Za-z]:\\[^\s\"']+")
_KIND = re.compile(r"^(?:[A-Z][\w-]+ )+Error: ")


def told(error: Exception, layouts: Mapping[str, Layout], memory_mb: int) -> InvalidArguments:
    """The error for a query that the engine refused or could not finish; `layouts` are the tables it could read."""
    text = str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        return too_large(memory_mb)
    said = _PATH.sub("(a path)", " ".join(_KIND.sub("", _EXCERPT.sub("", text)).split()))
    message = f"The query cannot be run: {squeezed(said, _TOKENS).rstrip('.')}."
    tables = [layout.described(handle, _COLUMNS, top=True) for handle, layout in layouts.items()]
    remedy = f"Its tables are: {'; '.join(tables)}." if tables else ""
    if not tables or type(error).__name__ == "ParserException":
        remedy = f"Correct the SQL; the dialect is DuckDB's. {remedy}".strip()
    return InvalidArguments(message, remedy)


def too_large(memory_mb: int) -> InvalidArguments:
    """The error for a query that needs more memory than it may have."""
    return InvalidArguments(
        f"The query needs more memory than the {memory_mb} MB it may have.",
        "Filter or aggregate earlier, or select fewer columns.",
    )


def too_long(seconds: float) -> InvalidArguments:
    """The error for a query that was ended by the clock."""
    return InvalidArguments(
        f"The query was ended after {seconds:g} seconds.",
        "Join on equal keys, filter before joining, or aggregate in steps.",
    )
