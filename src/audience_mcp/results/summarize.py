"""An answer, a hint and its provenance -> the summary that fits the budget. Never raises, whatever the answer holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from audience_mcp.results.answer import Answer
from audience_mcp.results.draft import Draft, Row, View
from audience_mcp.results.fit import fit
from audience_mcp.results.kinds import KINDS, acknowledgements, generic, texts
from audience_mcp.results.outline import kind_of, outline
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading
from audience_mcp.results.summary import Summary
from audience_mcp.results.wording import cut, quote
from audience_mcp.results.zone import local

Json = Any

DEFAULT_BUDGET = 800
_NO_NAMES: Mapping[str, str] = {}


def summarize(
    answer: Answer,
    reading: Reading,
    provenance: Provenance,
    budget: int = DEFAULT_BUDGET,
    names: Mapping[str, str] = _NO_NAMES,
    title: str = "",
    further: str | None = None,
) -> Summary:
    """Tell an answer within `budget` tokens.

    `names` gives names to ids of the answer, `title` is the tool's title, `further` says what the provider holds beyond
    this answer where the caller knows better than the answer itself. Rows, bytes, completeness and shape are
    filled in where the provenance leaves them open.
    """
    view = View(answer.value, answer.media, reading, names, title, answer.size, provenance.zone, provenance.fetched)
    draft, recognised = told(view)
    draft.further = further or draft.further
    _localise(draft, provenance.zone)
    return fit(draft, _sourced(draft, recognised, provenance, reading, answer), budget)


def told(view: View) -> tuple[Draft, bool]:
    """What there is to tell, and whether the hinted kind was recognised.

    Without a hint the plain kinds are tried; a hint that the data does not bear out leads to the generic telling.
    """
    try:
        if view.media == "empty":
            return acknowledgements.tell(view) or generic.tell(view), True
        complaint = _complaint(view.value)
        if complaint is not None:
            return _complained(view, complaint), False
        hint = view.reading.kind
        hinted = [kind for kind in KINDS if kind.name == hint] or [kind for kind in KINDS if kind.plain]
        for kind in hinted:
            draft = kind.tell(view)
            if draft:
                return draft, True
        return texts.tell(view) or generic.tell(view), False
    except Exception:  # a kind that fails must not cost the answer
        return _last(view), False


def _localise(draft: Draft, zone: str | None) -> None:
    """Moments among the figures and in the table as the clocks of `zone` show them."""
    listing = draft.listing
    if zone is None:
        return
    draft.figures = [replace(figure, value=local(figure.value, zone)) for figure in draft.figures]
    if listing:
        made = listing.rows

        def rows() -> Iterator[Row]:
            for row in made():
                yield tuple(local(cell, zone) for cell in row)

        listing.rows = rows


def _complaint(value: Json) -> str | None:
    """What a successful answer says went wrong all the same; None where it says nothing of the kind."""
    if not isinstance(value, dict):
        return None
    for name in ("error", "errors"):
        said = value.get(name)
        if said and not isinstance(said, bool):
            return f"{name}: {said if isinstance(said, str) else outline(said, 200)}"
        if said is True:
            return name
    return "success: false" if value.get("success") is False else None


def _complained(view: View, complaint: str) -> Draft:
    """The generic telling, led by the complaint: nothing may read as done or as empty beside it."""
    draft = generic.tell(view)
    draft.headline = view.says(f"the answer reports a failure, {quote(cut(complaint, 200))}.")
    draft.complete = None
    return draft


def _last(view: View) -> Draft:
    return Draft(
        "generic",
        view.says(f"an answer ({kind_of(view.value)}) that could not be told; read it by its handle."),
        apart=["everything"],
    )


def _sourced(draft: Draft, recognised: bool, provenance: Provenance, reading: Reading, answer: Answer) -> Provenance:
    complete = draft.complete if provenance.complete is None else provenance.complete
    noted = any("personal" in note for note in provenance.notes)
    notes = (*provenance.notes, *(("personal data",) if reading.personal and not noted else ()))
    prefix = "SANDBOX: " if provenance.sandbox and not draft.headline.startswith("SANDBOX") else ""
    draft.headline = f"{prefix}{draft.headline}"
    return replace(
        provenance,
        complete=complete,
        rows=draft.rows if provenance.rows is None else provenance.rows,
        bytes=answer.size if provenance.bytes is None else provenance.bytes,
        shape=reading.shape if recognised else "assumed",
        window=provenance.window or draft.window,
        zone=provenance.zone or draft.zone,
        reading=draft.reading if recognised and (draft.guessed or reading.shape == "assumed") else None,
        notes=notes,
    )
