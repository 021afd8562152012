"""Our operations and theirs -> pairs, one to one, each with its reason; what is doubtful is told and left alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from audience_mcp.contract.importing.described import Described
from audience_mcp.contract.importing.evidence import SAME_TITLE, Evidence, titled, weigh
from audience_mcp.contract.importing.ours import SURE, Ours
from audience_mcp.contract.importing.safety import refusal
from audience_mcp.contract.importing.templates import same_path

MARGIN = 0.06  # nearer than that, neither of two candidates is preferred
SAME = "same method and path"


@dataclass(frozen=True, slots=True)
class Match:
    """One of ours and the operation of the document that it is."""

    ours: Ours
    theirs: Described
    reason: str


@dataclass(slots=True)
class Matching:
    """What came of it. `refused` and `ambiguous` hold our operation's name and why; `extra` is what matched nothing."""

    matches: list[Match] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    ambiguous: list[tuple[str, str]] = field(default_factory=list)
    missing: list[Ours] = field(default_factory=list)
    extra: list[Described] = field(default_factory=list)


def match(ours: Iterable[Ours], theirs: Iterable[Described]) -> Matching:
    """Pair two sets of operations."""
    found = Matching()
    told: set[str] = set()
    free = {id(one): one for one in theirs}
    waiting = _surely(list(ours), free, found, told)
    _likely(waiting, free, found, told)
    paired = {one.ours.operation.name for one in found.matches}
    found.missing = [one for one in waiting if one.operation.name not in paired | told]
    found.extra = list(free.values())
    return found


def _surely(waiting: list[Ours], free: dict[int, Described], found: Matching, told: set[str]) -> list[Ours]:
    """Take the pairs with the same method and path; returns ours that have none."""
    rest = []
    for one in waiting:
        operation = one.operation
        same = [
            other
            for other in free.values()
            if other.method == operation.method and same_path(operation, other.path) and _same_host(one, other)
        ]
        exact = [other for other in same if other.path == operation.path]
        same = exact if len(exact) == 1 else same
        if not same:
            rest.append(one)
        elif len(same) > 1:
            found.ambiguous.append((operation.name, f"{len(same)} operations have its method and path"))
            told.add(operation.name)
        elif other := _namesake(one, same[0], waiting):
            found.ambiguous.append((operation.name, f"{same[0]} is called there what {other} is called here"))
            told.add(operation.name)
        elif operation.tool.contract not in SURE and (reason := refusal(one, same[0])):
            # what a documented address does is known, whatever a generated title calls it
            found.refused.append((operation.name, f"{same[0]}: {reason}"))
            told.add(operation.name)
        else:
            found.matches.append(Match(one, same[0], SAME))
            del free[id(same[0])]
    return rest


def _namesake(ours: Ours, theirs: Described, every: list[Ours]) -> str | None:
    """Another tool that bears their title, where this one does not: then the address proves little."""
    if titled(ours, theirs) >= SAME_TITLE:
        return None
    return next((one.operation.name for one in every if titled(one, theirs) >= SAME_TITLE), None)


def _likely(waiting: list[Ours], free: dict[int, Described], found: Matching, told: set[str]) -> None:
    """Take the pairs that prefer each other clearly."""
    weighed: dict[str, list[tuple[Evidence, Described]]] = defaultdict(list)
    claims: dict[int, list[tuple[float, str]]] = defaultdict(list)
    unsafe: dict[str, str] = {}
    for one in waiting:
        name = one.operation.name
        for other in free.values():
            evidence = weigh(one, other) if _same_host(one, other) else None
            if evidence is None:
                continue
            if reason := refusal(one, other):
                unsafe[name] = f"{other}: {reason}"
                continue
            weighed[name].append((evidence, other))
            claims[id(other)].append((evidence.score, name))
    for one in waiting:
        name = one.operation.name
        candidates = sorted(weighed[name], key=lambda pair: -pair[0].score)
        if not candidates:
            if name in unsafe:
                found.refused.append((name, unsafe[name]))
                told.add(name)
            continue
        evidence, best = candidates[0]
        rivals = [
            str(other) for other_evidence, other in candidates[1:] if evidence.score - other_evidence.score < MARGIN
        ]
        others = [rival for score, rival in claims[id(best)] if rival != name and score > evidence.score - MARGIN]
        if rivals:
            found.ambiguous.append((name, f"{best} and {', '.join(rivals)} fit it alike"))
            told.add(name)
        elif others:
            found.ambiguous.append((name, f"{best} fits {', '.join(others)} as well"))
            told.add(name)
        else:
            found.matches.append(Match(one, best, evidence.reason))
            free.pop(id(best), None)


def _same_host(ours: Ours, theirs: Described) -> bool:
    return theirs.base is None or theirs.base == ours.operation.base
