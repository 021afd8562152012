"""What a summary does not show -> sentences that count it and name the call that reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from audience_mcp.results.draft import Draft, Listing
from audience_mcp.results.summary import Figure, Table
from audience_mcp.results.wording import Cut, Folded, Rounded, counted, cut, plural, shown

Json = Any

_MOST_NAMES, _SHORTEST, _SHORT_PATH = 6, 3, 24


def left_out(
    draft: Draft, figures: Sequence[Figure], table: Table | None, handle: str | None, level: int = 0
) -> tuple[str, ...]:
    """One sentence per place in the stored result; none where everything is shown.

    `level` is how short of room the summary is (0 to 3): above 0 names are only counted, above 1 there is one
    sentence, at 3 it leads to the whole rather than repeat a long path.
    """
    brief = level > 0
    rest = _from_draft(draft, figures, brief) + _marks(figures, table)
    sentences: list[str] = []
    if draft.listing:
        missing = _from_listing(draft.listing, table, brief)
        if missing and level > 1:
            missing, rest = missing + rest, []
        if missing:
            path, start = draft.listing.path, _next_start(draft.listing, table)
            told = level < _SHORTEST or len(path) <= _SHORT_PATH
            way = _way(handle, path, start) if told else _way(handle, "$")
            sentences.append(f"{'; '.join(missing)}{way}")
    if rest:
        way = _way(handle, "$") if not sentences or handle is None else ': the same with path="$"'
        sentences.append(f"{'; '.join(rest)}{way}")
    if draft.further and level < _SHORTEST:
        sentences.append(draft.further)
    return tuple(sentences)


def _from_listing(listing: Listing, table: Table | None, brief: bool) -> list[str]:
    shown_rows = len(table.rows) if table else 0
    parts: list[str] = []
    if shown_rows < listing.total:
        order = f" ({listing.sorted_by})" if listing.sorted_by else ""
        missing = listing.total - shown_rows
        noun = plural(listing.noun)
        parts.append(f"{missing} more {noun}" if listing.start else f"{missing} of {listing.total} {noun}{order}")
    if listing.total:
        told = table.columns if table else listing.columns
        hidden = (*(name for name in listing.columns if name not in told), *listing.hidden)
        parts += [_named("column", hidden, brief)] if hidden else []
    return parts


def _next_start(listing: Listing, table: Table | None) -> int | None:
    rows = len(table.rows) if table else 0
    if listing.sorted_by or rows >= listing.total:
        return None
    return listing.start + rows * listing.step


def _from_draft(draft: Draft, figures: Sequence[Figure], brief: bool) -> list[str]:
    parts: list[str] = []
    missing = draft.figures[len(figures) :]
    if missing:
        parts.append(_named("figure", [figure.label for figure in missing], brief))
    if draft.apart:
        parts.append(_named("part", draft.apart, brief))
    return parts


def _marks(figures: Sequence[Figure], table: Table | None) -> list[str]:
    cells = [figure.value for figure in figures]
    if table:
        cells += [cell for row in table.rows for cell in row]
    counts = {kind: sum(isinstance(cell, kind) for cell in cells) for kind in (Cut, Folded, Rounded)}
    parts: list[str] = []
    if counts[Cut]:
        parts.append(f"{counted(counts[Cut], 'long value')} cut")
    if counts[Folded]:
        parts.append(f"{counted(counts[Folded], 'nested value')} folded")
    if counts[Rounded]:
        parts.append(f"{counted(counts[Rounded], 'number')} rounded")
    return parts


def _named(noun: str, names: Iterable[str], brief: bool) -> str:
    every = list(names)
    told = counted(len(every), noun)
    if brief:
        return told
    some = ", ".join(shown(cut(name, 24)) for name in every[:_MOST_NAMES])
    return f"{told} ({some}{', ...' if len(every) > _MOST_NAMES else ''})"


def _way(handle: str | None, path: str, start: int | None = None) -> str:
    if handle is None:
        return " (this answer is not kept)"
    after = f", start={start}" if start else ""
    return f": read_result(handle={json.dumps(handle)}, path={json.dumps(path)}{after})"
