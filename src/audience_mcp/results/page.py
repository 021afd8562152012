"""A page of a stored result -> as many whole items as fit the budget, as compact JSON, and how to continue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.results.draft import Draft, Listing, Row
from audience_mcp.results.fit import fit
from audience_mcp.results.kinds.texts import pieces
from audience_mcp.results.outline import outline
from audience_mcp.results.path import Page
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.summary import Figure, Summary
from audience_mcp.results.wording import Cut, Folded, clean, counted, cut, named, plural

Json = Any

KIND = "result"
_DEEPEST = 40
# How an item that is too large alone is folded, further each time: levels kept, longest text kept; and the length of
# the pieces that a text is shown in.
_FOLDS = ((_DEEPEST, None, 160), (3, 400, 80), (2, 160, 40), (1, 60, 16), (0, 0, 4))


def page_summary(page: Page, provenance: Provenance, budget: int, title: str = "") -> Summary:
    """Tell a page: numbers and texts as they are stored; an item is folded only where it does not fit alone."""
    for depth, longest, piece in _FOLDS:
        summary = fit(_draft(page, title, depth, longest, piece, marked=provenance.sandbox), provenance, budget)
        if summary.table or not page.items:
            break
    return summary


def _draft(page: Page, title: str, depth: int, longest: int | None, piece: int, *, marked: bool) -> Draft:
    whole = page.path == "$"
    where = "" if whole else f" at {named(page.path, 120)}"
    draft = Draft(KIND, "", [Figure(plural(page.unit), page.total, path=page.path)])
    if page.unit == "value":
        draft.figures = []
        said = f"the value{where}."
    elif not page.items or page.start >= page.total:
        said = f"nothing from {page.start} on; {counted(page.total, page.unit)} in all{where}."
    else:
        said = f"{plural(page.unit)} from {page.start} on, of {page.total}{where}."
    if page.absent:
        said += f" No item has {', '.join(named(name, 40) for name in page.absent[:5])}."
    draft.headline = f"{cut(title, 80)}: {said}" if title else f"{said[0].upper()}{said[1:]}"
    if marked:
        draft.headline = f"SANDBOX: {draft.headline}"
    draft.listing = _listing(page, depth, longest, piece)
    if longest is not None and page.unit != "character":
        place = f"{page.path}[{page.start}]" if page.unit == "item" else page.path
        draft.further = f"long and nested parts are folded: read them by a path below {named(place, 120)}."
    return draft


def _listing(page: Page, depth: int, longest: int | None, piece: int) -> Listing:
    if page.unit == "character":
        listing = pieces(page.items[0] if page.items else "", page.start, piece)
        listing.path, listing.total = page.path, -(-(page.total - page.start) // listing.step)
        return listing
    if page.unit == "field":
        columns: tuple[str, ...] = ("field", "value")
    else:
        columns = ("item",)

    def rows() -> Iterator[Row]:
        for item in page.items:
            if page.unit == "field":
                (name, part), *_ = item.items()
                yield (cut(name, 80), tidy(part, depth, longest))
            else:
                yield (tidy(item, depth, longest),)

    remaining = page.total - page.start
    return Listing(columns, rows, remaining, page.path, page.unit, start=page.start, keep_columns=True)


def tidy(value: Json, depth: int = _DEEPEST, longest: int | None = None) -> Json:
    """A value fit to be shown as JSON: hidden characters made visible, and beyond `depth` and `longest` folded."""
    if isinstance(value, str):
        return clean(value) if longest is None else cut(value, longest)
    if isinstance(value, dict):
        if depth == 0:
            return Folded(outline(value, 200))
        return {clean(name): tidy(part, depth - 1, longest) for name, part in value.items()}
    if isinstance(value, list):
        return [tidy(part, depth - 1, longest) for part in value] if depth else Folded(outline(value, 200))
    return value if value is None or isinstance(value, bool) else _number(value)


def _number(value: Json) -> Json:
    """A number as JSON can hold it: exact where a client can keep it so, else its digits as text."""
    if isinstance(value, int):
        if abs(value) <= 2**53:
            return value
        return str(value) if value.bit_length() < 10_000 else Cut(f"an integer of {value.bit_length()} bits")
    return value if value - value == 0 else str(value)
