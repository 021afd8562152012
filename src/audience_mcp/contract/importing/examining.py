"""A provider and the bytes of a document -> everything an import would do, and everything it leaves alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from audience_mcp.contract.applying import fitting
from audience_mcp.contract.correction import Correction
from audience_mcp.contract.importing.describing import describe
from audience_mcp.contract.importing.fetching import Fetched
from audience_mcp.contract.importing.hosts import Hosts
from audience_mcp.contract.importing.matching import Matching, match
from audience_mcp.contract.importing.ours import ours_of
from audience_mcp.contract.importing.parsing import Parsed, parse
from audience_mcp.contract.importing.proposing import Proposal, propose
from audience_mcp.contract.overlays import corrections, document_of, news, read
from audience_mcp.contract.templates import unnamed


@dataclass(frozen=True, slots=True)
class Examination:
    """What was read, what matched, what would change (`proposals` with a correction), and what was left out.

    `held` are the tools of which the overlay says already what the document teaches.
    """

    fetched: Fetched
    parsed: Parsed
    operations: int
    notes: tuple[str, ...]
    matching: Matching
    proposals: tuple[Proposal, ...]
    misfits: tuple[tuple[str, str], ...]
    held: frozenset[str] = frozenset()

    @property
    def corrections(self) -> list[Correction]:
        """What there is to write."""
        return [one.correction for one in self.proposals if one.correction is not None and one.name not in self.held]


def examine(provider: str, fetched: Fetched, date: str, folder: Path | None = None) -> Examination:
    """Compare a document with ours; nothing is written. `folder` is where the overlay stands that it would join.

    Raises:
        DocumentProblem: The document cannot be read, or is not the provider's.
        OverlayProblem: The overlay that is there is none.
    """
    parsed = parse(fetched.body)
    document = document_of(provider)
    description = describe(parsed, Hosts(document))
    overlay = read(provider, folder)
    earlier = {one.operation: one for one in corrections(overlay)} if overlay else {}
    addresses = {name: (one.method.upper(), unnamed(one.path)) for name, one in earlier.items()}
    matching = match(ours_of(document, provider), description.operations, addresses)
    proposals = [propose(one, fetched.source, date, earlier.get(one.name)) for one in matching.matches]
    given = [proposal.correction for proposal in proposals if proposal.correction is not None]
    fits, refused = fitting(provider, given, folder)
    taken = {correction.operation for correction in fits}
    misfits = [(one.subject, one.reason) for one in refused]
    misfits += [(one.name, one.problem) for one in proposals if one.problem]
    return Examination(
        fetched,
        parsed,
        len(description.operations),
        description.notes,
        matching,
        tuple(one for one in proposals if one.problem is None and (one.correction is None or one.name in taken)),
        tuple(misfits),
        frozenset(taken - {one.operation for one in news(provider, fits, folder)}),
    )
