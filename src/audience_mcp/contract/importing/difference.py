"""An examination -> the difference as a person reads it, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from audience_mcp.contract.importing.examining import Examination
from audience_mcp.contract.importing.proposing import Proposal
from audience_mcp.results.wording import counted, named

MOST_LINES = 12


def heading(examination: Examination) -> Iterator[str]:
    """What was read, and what of it was passed over."""
    parsed = examination.parsed
    size = counted(examination.operations, "operation")
    yield f"read {named(examination.fetched.source, 300)}: {parsed.kind}, {size}"
    yield f"its own words: {named(parsed.title)}, version {named(parsed.version)}"
    for note in _some(examination.notes):
        yield f"  - {note}"


def difference(examination: Examination) -> Iterator[str]:
    """Every correction with its reason, then what is left alone and why, then the counts."""
    for proposal in examination.proposals:
        if proposal.correction is not None and proposal.name not in examination.held:
            yield from _lines(proposal)
    matching = examination.matching
    yield from _left("does not fit, so it stays as it is", examination.misfits)
    yield from _left("refused, so it stays as it is", matching.refused)
    yield from _left("not clear, so it stays as it is", matching.ambiguous)
    yield ""
    yield counts(examination)
    if matching.missing:
        names = ", ".join(_some([one.operation.name for one in matching.missing]))
        yield f"of ours, not found in the document: {names}"
    yield from strangers(examination)


def strangers(examination: Examination) -> Iterator[str]:
    """What of the document looks like none of ours, in one line."""
    if extra := examination.matching.extra:
        yield f"of the document, not among our tools: {', '.join(_some([str(one) for one in extra]))}"


def counts(examination: Examination) -> str:
    """The result in one line."""
    matching = examination.matching
    corrected = len(examination.corrections)
    same = len(examination.proposals) - corrected
    strange = f"{len(matching.extra)} of its operations {'is' if len(matching.extra) == 1 else 'are'}"
    left = len(examination.misfits) + len(matching.refused) + len(matching.ambiguous)
    return (
        f"{counted(corrected, 'tool')} to correct, {same} already as the document says, {left} left alone in doubt,"
        f" {len(matching.missing)} not found in it; {strange} not among our tools."
    )


def _lines(proposal: Proposal) -> Iterator[str]:
    yield ""
    yield f"{proposal.name}  ({proposal.match.reason})"
    for change in proposal.changes:
        yield f"  {change}"
    if proposal.kept:
        yield f"  kept, though the document does not name: {', '.join(_some(proposal.kept))}"


def _left(heading: str, listed: Iterable[tuple[str, str]]) -> Iterator[str]:
    pairs = list(listed)
    if pairs:
        yield ""
        yield f"{heading}:"
        for name, reason in pairs:
            yield f"  {name}: {reason}"


def _some(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    more = len(every) - MOST_LINES
    return [*every[:MOST_LINES], f"and {more} more"] if more > 0 else every
