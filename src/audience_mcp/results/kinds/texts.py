"""Plain text or HTML: how long it is, and how it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from audience_mcp.results.draft import Draft, Listing, Row, View
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import clean, counted, named

_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_PIECE = 80


def tell(view: View) -> Draft | None:
    """A body that is neither JSON nor CSV."""
    text = view.value
    if view.media != "text" or not isinstance(text, str):
        return None
    lines = text.count("\n") + 1
    title = _TITLE.search(text[:4000]) if "<" in text[:200] else None
    said = f"HTML page titled {named(title[1].strip())}" if title else "text"
    size = f"{counted(len(text), 'character')} in {counted(lines, 'line')}"
    figures = [Figure("characters", len(text), path="$"), Figure("lines", lines, path="$")]
    return Draft("text", view.says(f"{said}, {size}."), figures, pieces(text), rows=lines)


def pieces(text: str, start: int = 0, size: int = _PIECE) -> Listing:
    """A long text as rows of equal length, so that as much of it as fits can be shown and the rest be asked for."""

    def made() -> Iterator[Row]:
        for at in range(0, len(text), size):
            yield (clean(text[at : at + size]),)

    count = -(-len(text) // size)
    return Listing(("text",), made, count, "$", "piece", start=start, step=size, keep_columns=True)
