"""One of ours and one of theirs -> how strongly they look like the same operation, and the reason in words."""

from __future__ import annotations

from dataclasses import dataclass

from audience_mcp.contract.importing.described import Described
from audience_mcp.contract.importing.ours import Ours
from audience_mcp.contract.importing.words import likeness, words
from audience_mcp.contract.templates import literals, same_path

SAME_TITLE = 0.99
NEAR_TITLE = 0.3
ENOUGH_SHAPE = 0.6
ENOUGH_NAMES = 2
TAIL = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """`score` orders candidates; only what stands on a reason good enough by itself gets one at all."""

    score: float
    reason: str


def weigh(ours: Ours, theirs: Described) -> Evidence | None:
    """The evidence that two operations without the same method and path are one; None where it is not enough."""
    operation = ours.operation
    alike = titled(ours, theirs)
    same_verb = operation.method == theirs.method
    if not same_verb and same_path(operation, theirs.path):
        if alike >= SAME_TITLE and not ours.guarded:
            return Evidence(1.0, f"same path and title, and {theirs.method} there")
        return None
    if alike >= SAME_TITLE and (shared := _shared(ours, theirs)) and (same_verb or not ours.guarded):
        score = 0.8 + 0.1 * _shape(ours, theirs) + 0.05 * same_verb
        return Evidence(score, f"same title, and both paths name {', '.join(sorted(shared))}")
    if ours.guarded or operation.access == "destructive" or not same_verb:
        return None
    tail = literals(theirs.path)[-TAIL:]
    if len(tail) < TAIL or tail != literals(operation.path)[-TAIL:]:
        return None
    shape, common = _shape(ours, theirs), ours.names & theirs.names
    if shape >= ENOUGH_SHAPE and len(common) >= ENOUGH_NAMES and (alike >= NEAR_TITLE or not theirs.titles):
        return Evidence(
            0.6 + 0.1 * shape + 0.1 * alike,
            f"same end of the path ({'/'.join(tail)}) and the same arguments ({', '.join(sorted(common))})",
        )
    return None


def _shared(ours: Ours, theirs: Described) -> set[str]:
    """What both paths name."""
    return set(literals(ours.operation.path)) & set(literals(theirs.path))


def titled(ours: Ours, theirs: Described) -> float:
    """How much their title is ours, from 0 to 1."""
    own = (words(ours.operation.title), words(ours.operation.id))
    return max((likeness(words(title), mine) for title in theirs.titles for mine in own), default=0.0)


def _shape(ours: Ours, theirs: Described) -> float:
    """The share of argument names that both have; two operations without any say nothing."""
    either = ours.names | theirs.names
    return len(ours.names & theirs.names) / len(either) if either else 0.0
