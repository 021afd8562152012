"""Facts of our own (the session, a log-in, a plan) -> a summary in the one shape of all answers; nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from audience_mcp.results.draft import Draft, Listing, Row
from audience_mcp.results.fit import fit
from audience_mcp.results.locate import step
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.summary import Figure, Summary
from audience_mcp.results.wording import scalar

Json = Any
LONGEST_FACT = 600


def report(
    kind: str,
    headline: str,
    facts: Mapping[str, Json],
    provenance: Provenance,
    budget: int,
    longest: int = LONGEST_FACT,
) -> Summary:
    """Tell named facts, nested ones under `outer inner` names; a fact that is None is left out.

    A text is cut to `longest` characters.
    """
    return fit(Draft(kind, headline, list(_figures(facts, longest)), complete=True), provenance, budget)


def listing(
    kind: str,
    headline: str,
    columns: tuple[str, ...],
    rows: Sequence[Mapping[str, Json]],
    provenance: Provenance,
    budget: int,
) -> Summary:
    """Tell rows of our own as a table of `columns`; columns that no row fills are left out."""
    used = tuple(name for name in columns if any(row.get(name) is not None for row in rows))

    def cells() -> Iterator[Row]:
        for row in rows:
            yield tuple(scalar(row.get(name), LONGEST_FACT) for name in used)

    table = Listing(used, cells, len(rows), keep_columns=True)
    return fit(Draft(kind, headline, listing=table, rows=len(rows), complete=True), provenance, budget)


def _figures(facts: Mapping[str, Json], longest: int, outer: str = "", path: str = "$") -> Iterator[Figure]:
    for name, value in facts.items():
        label, place = f"{outer} {name}".strip(), step(path, name)
        if isinstance(value, Mapping):
            yield from _figures(value, longest, label, place)
        elif isinstance(value, (list, tuple)):
            yield Figure(label, scalar(", ".join(map(str, value)), longest), path=place)
        elif value is not None:
            yield Figure(label, scalar(value, longest), path=place)
