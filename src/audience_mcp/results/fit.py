"""A draft and its provenance -> the summary that fits the budget, as text and as an object alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from audience_mcp.results.budget import estimate
from audience_mcp.results.draft import Draft, Listing, Row
from audience_mcp.results.provenance import LEVELS, Provenance
from audience_mcp.results.remainder import left_out
from audience_mcp.results.summary import Figure, Summary, Table, row_text
from audience_mcp.results.wording import squeezed

Json = Any

LEAST_BUDGET = 200
"""The smallest budget that holds a headline, the way to the data and the provenance; a smaller one is taken as this."""

_WANTED_ROWS, _FEWEST_COLUMNS, _SAMPLED_ROWS, _MOST_ROWS = 8, 2, 6, 400
_HEADLINE_SHARES = (4, 4, 5, 7)
_RESERVE, _MOST_CHARACTERS_A_TOKEN, _FEW_CELLS, _ROW_OVERHEAD = 12, 12, 80, 4


def fit(draft: Draft, provenance: Provenance, budget: int) -> Summary:
    """As many figures and rows as the budget holds, most important first; never more than the budget."""
    budget = max(budget, LEAST_BUDGET)
    listing = draft.listing
    if listing is None or listing.total * len(listing.columns) <= _FEW_CELLS:
        whole = _whole(draft, provenance)
        if fits(whole, budget):
            return whole
    for level in range(LEVELS):
        frame, room = _framed(draft, provenance, level, budget)
        if room < budget // 3 and level < LEVELS - 1:
            continue
        # The parts were weighed one by one: should the whole be heavier all the same, it is tried with less.
        for eighths in (8, 7, 6, 4, 2, 0):
            summary = _filled(draft, frame, room * eighths // 8, level)
            if fits(summary, budget):
                return summary
    return _bare(draft, provenance)


def fits(summary: Summary, budget: int) -> bool:
    """Whether both forms of a summary are within the budget, the object also when written in ASCII."""
    data = json.dumps(summary.structured())
    if len(data) > budget * _MOST_CHARACTERS_A_TOKEN:
        return False
    spent = estimate(data)
    # The text holds the same words in fewer signs; it is only weighed where that might not be enough.
    return spent <= budget and (spent * 5 <= budget * 4 or estimate(summary.text()) <= budget)


def _whole(draft: Draft, provenance: Provenance) -> Summary:
    """Everything there is to tell, for answers so small that this may well fit."""
    source, listing = provenance.shortened(0), draft.listing
    rows = tuple(listing.rows()) if listing else ()
    table = Table(listing.columns, rows, listing.path) if listing and rows else None
    missing = left_out(draft, draft.figures, table, source.handle)
    return Summary(draft.headline, draft.kind, tuple(draft.figures), table, missing, source)


def _cost(summary: Summary) -> int:
    return max(estimate(summary.text()), estimate(json.dumps(summary.structured())))


def _framed(draft: Draft, provenance: Provenance, level: int, budget: int) -> tuple[Summary, int]:
    """The summary with nothing in it, and the room that it leaves.

    It is told to leave out everything, unless it turns out that all figures fit: not to name them makes room for more.
    """
    figures = sum(map(_figure_cost, draft.figures))
    for told in (draft.figures, []):
        frame = _frame(draft, provenance, level, budget, told)
        room = budget - _cost(frame) - _RESERVE
        if figures <= _share(draft, room):
            break
    return frame, room


def _frame(draft: Draft, provenance: Provenance, level: int, budget: int, told: list[Figure]) -> Summary:
    source = provenance.shortened(level)
    table = Table((), (), draft.listing.path) if draft.listing else None
    missing = left_out(draft, told, None, source.handle, level)
    headline = squeezed(draft.headline, min(budget // _HEADLINE_SHARES[level], 120))
    return Summary(headline, draft.kind, (), table, missing, source)


def _share(draft: Draft, room: int) -> int:
    """The room that figures may take from the rows."""
    kept = draft.listing.share if draft.listing and draft.listing.total else 0
    return room * (100 - kept) // 100


def _bare(draft: Draft, provenance: Provenance) -> Summary:
    source = provenance.shortened(LEVELS - 1)
    way = f"everything: read_result(handle={json.dumps(source.handle)})" if source.handle else "everything; not kept"
    return Summary(squeezed(draft.headline, 24), draft.kind, (), None, (way,), source)


def _filled(draft: Draft, frame: Summary, room: int, level: int) -> Summary:
    """The frame with the figures and rows that `room` tokens hold."""
    listing = draft.listing
    figures = _affordable_figures(draft.figures, _share(draft, room))
    room -= sum(map(_figure_cost, figures))
    columns, rows = _affordable_rows(listing, room) if listing else ((), [])
    table = Table(columns, tuple(rows), listing.path) if listing and rows else None
    missing = left_out(draft, figures, table, frame.provenance.handle, level)
    return replace(frame, figures=tuple(figures), table=table, left_out=missing)


def _affordable_figures(figures: list[Figure], room: int) -> list[Figure]:
    taken: list[Figure] = []
    for figure in figures:
        room -= _figure_cost(figure)
        if room < 0:
            break
        taken.append(figure)
    return taken


def _figure_cost(figure: Figure) -> int:
    return estimate(json.dumps(figure.structured()))


def _affordable_rows(listing: Listing, room: int) -> tuple[tuple[str, ...], list[Row]]:
    first = list(islice(listing.rows(), _SAMPLED_ROWS))
    if not first:
        return listing.columns, []
    chosen = range(len(listing.columns)) if listing.keep_columns else _affordable_columns(listing, first, room)
    columns = tuple(listing.columns[at] for at in chosen)
    room -= max(estimate(json.dumps(columns)), estimate(row_text(columns))) + 20
    rows: list[Row] = []
    for row in listing.rows():
        cells = tuple(row[at] for at in chosen)
        room -= _row_cost(cells, room)
        if room < 0 or len(rows) >= _MOST_ROWS:
            break
        rows.append(cells)
    return columns, rows


def _row_cost(cells: Row, room: int) -> int:
    data = json.dumps(cells)
    if len(data) > room * _MOST_CHARACTERS_A_TOKEN:
        return room + 1
    # The text of a row is hardly ever dearer; beside other rows its brackets are cheaper than alone.
    return estimate(data) - 1


def _affordable_columns(listing: Listing, sample: list[Row], room: int) -> Sequence[int]:
    """Places of the columns that leave room for some rows, best first; a dear one is passed over for a cheaper one."""
    wanted = min(listing.total, _WANTED_ROWS)
    room -= wanted * _ROW_OVERHEAD + 20
    chosen: list[int] = []
    for position, column in enumerate(listing.columns):
        cells = [row[position] for row in sample]
        cost = estimate(json.dumps(cells)) * wanted // len(cells) + estimate(column) + 2
        if cost <= room or len(chosen) < _FEWEST_COLUMNS:
            chosen.append(position)
            room -= cost
    return chosen
