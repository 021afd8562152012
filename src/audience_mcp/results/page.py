"""A page of a stored result -> as many whole items as fit the budget, as compact JSON, and how to continue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from audience_mcp.results.draft import Draft, Listing, Row
from audience_mcp.results.fit import LEAST_BUDGET, fit
from audience_mcp.results.kinds.texts import pieces
from audience_mcp.results.outline import outline
from audience_mcp.results.path import Page
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.summary import Figure, Summary
from audience_mcp.results.wording import Cut, Folded, clean, counted, cut, named, plural

Json = Any
Tidy = Callable[[Json], Json]

KIND = "result"
_DEEPEST, _MOST_CHARACTERS_A_TOKEN = 40, 12
# How an item that is too large alone is folded, further each time: levels kept, longest text kept; and the length of
# the pieces that a text is shown in.
_FOLDS = ((_DEEPEST, None, 160), (3, 400, 80), (2, 160, 40), (1, 60, 16), (0, 0, 4))


def page_summary(page: Page, provenance: Provenance, budget: int, title: str = "") -> Summary:
    """Tell a page: numbers and texts as they are stored; an item is folded only where it does not fit alone."""
    most = max(budget, LEAST_BUDGET) * _MOST_CHARACTERS_A_TOKEN
    for depth, longest, piece in _FOLDS:
        tidy = partial(tidied, depth=depth, longest=longest, most=most)
        summary = fit(_draft(page, title, tidy, longest, piece, marked=provenance.sandbox), provenance, budget)
        if summary.table or not page.items:
            break
    return summary


def _draft(page: Page, title: str, tidy: Tidy, longest: int | None, piece: int, *, marked: bool) -> Draft:
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
    draft.listing = _listing(page, tidy, piece)
    if longest is not None and page.unit != "character":
        place = f"{page.path}[{page.start}]" if page.unit == "item" else page.path
        draft.further = f"long and nested parts are folded: read them by a path below {named(place, 120)}."
    return draft


def _listing(page: Page, tidy: Tidy, piece: int) -> Listing:
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
                yield (cut(name, 80), tidy(part))
            else:
                yield (tidy(item),)

    remaining = page.total - page.start
    return Listing(columns, rows, remaining, page.path, page.unit, start=page.start, keep_columns=True)


class _TooLarge(Exception):
    """An item of more characters than any budget holds."""


def tidied(value: Json, depth: int = _DEEPEST, longest: int | None = None, most: int = 10**9) -> Json:
    """A value fit to be shown as JSON: hidden characters made visible, and beyond `depth` and `longest` folded.

    What would be longer than `most` characters is not built to its end: a filling of that length stands for it, which
    fits no budget either.
    """
    left = most

    def took(text: str) -> str:
        nonlocal left
        left -= len(text) + 2  # quotes, or a sign and what parts it from the next
        if left < 0:
            raise _TooLarge
        return text

    def made(value: Json, depth: int) -> Json:
        if isinstance(value, str):
            if longest is None:
                return clean(took(value))
            return took(cut(value, longest))
        took("")
        if isinstance(value, (dict, list)) and not depth:
            return took(Folded(outline(value, 200)))
        if isinstance(value, dict):
            return {clean(took(name)): made(part, depth - 1) for name, part in value.items()}
        if isinstance(value, list):
            return [made(part, depth - 1) for part in value]
        return value if value is None or isinstance(value, bool) else _number(value)

    try:
        return made(value, depth)
    except _TooLarge:
        return " " * (most + 1)


def _number(value: Json) -> Json:
    """A number as JSON can hold it: exact where a client can keep it so, else its digits as text."""
    if isinstance(value, int):
        if abs(value) <= 2**53:
            return value
        return str(value) if value.bit_length() < 10_000 else Cut(f"an integer of {value.bit_length()} bits")
    return value if value - value == 0 else str(value)
