"""Our operations and theirs -> pairs, one to one, each with its reason; what is doubtful is told and left alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from audience_mcp.contract.importing.described import Described
from audience_mcp.contract.importing.likeness import SAME_TITLE, Evidence, titled, weigh
from audience_mcp.contract.importing.ours import SURE, Ours
from audience_mcp.contract.importing.safety import misplaced, refusal
from audience_mcp.contract.templates import same_path, unnamed

MARGIN = 0.06  # nearer than that, neither of two candidates is preferred
SAME = "same method and path"
AS_CORRECTED = "same method and path as corrected before"


@dataclass(frozen=True, slots=True)
class Match:
    """One of ours and the operation of the document that it is."""

    ours: Ours
    theirs: Described
    reason: str

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.ours.operation.name


@dataclass(slots=True)
class Matching:
    """What came of it. `refused` and `ambiguous` hold our operation's name and why.

    `extra` are those of the document that look like none of ours.
    """

    matches: list[Match] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    ambiguous: list[tuple[str, str]] = field(default_factory=list)
    missing: list[Ours] = field(default_factory=list)
    extra: list[Described] = field(default_factory=list)
    doubted: set[int] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the document looks like one of ours."""
        return not (self.matches or self.refused or self.ambiguous)

    def doubt(self, why: str, name: str, theirs: Iterable[Described], *, refused: bool = False) -> None:
        """Leave one of ours alone, and tell why; `theirs` are what it could have been."""
        (self.refused if refused else self.ambiguous).append((name, why))
        self.doubted |= {id(one) for one in theirs}


def match(
    ours: Iterable[Ours], theirs: Iterable[Described], corrected: Mapping[str, tuple[str, str]] | None = None
) -> Matching:
    """Pair two sets of operations; `corrected` are the methods and paths that ours have by earlier corrections."""
    found = Matching()
    told: set[str] = set()
    free = {id(one): one for one in theirs}
    every = list(ours)
    waiting = _as_corrected(_surely(every, free, found, told), corrected or {}, free, found)
    _likely(waiting, every, free, found, told)
    paired = {one.ours.operation.name for one in found.matches}
    found.missing = [one for one in waiting if one.operation.name not in paired | told]
    found.extra = [one for key, one in free.items() if key not in found.doubted]
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
            found.doubt(f"{len(same)} operations have its method and path", operation.name, same)
            told.add(operation.name)
        elif other := _namesake(one, same[0], waiting):
            found.doubt(f"{same[0]} is called there what {other} is called here", operation.name, same)
            told.add(operation.name)
        elif operation.tool.contract not in SURE and (reason := refusal(one, same[0])):
            # what a documented address does is known, whatever a generated title calls it
            found.doubt(f"{same[0]}: {reason}", operation.name, same, refused=True)
            told.add(operation.name)
        else:
            found.matches.append(Match(one, same[0], SAME))
            del free[id(same[0])]
    return rest


def _as_corrected(
    waiting: list[Ours], corrected: Mapping[str, tuple[str, str]], free: dict[int, Described], found: Matching
) -> list[Ours]:
    """Take the pairs that an earlier correction made; returns ours that have none."""
    rest = []
    for one in waiting:
        address = corrected.get(one.operation.name)
        there = [other for other in free.values() if address == (other.method, unnamed(other.path))]
        sure = len(there) == 1 and _same_host(one, there[0]) and not one.carries_credential
        if sure and refusal(one, there[0]) is None:
            found.matches.append(Match(one, there[0], AS_CORRECTED))
            del free[id(there[0])]
        else:
            rest.append(one)
    return rest


def _namesake(ours: Ours, theirs: Described, every: list[Ours]) -> str | None:
    """Another tool that bears their title, where this one does not: then the address proves little."""
    if titled(ours, theirs) >= SAME_TITLE:
        return None
    return next((one.operation.name for one in every if titled(one, theirs) >= SAME_TITLE), None)


def _likely(
    waiting: list[Ours], every: list[Ours], free: dict[int, Described], found: Matching, told: set[str]
) -> None:
    """Take the pairs that prefer each other clearly."""
    weighed: dict[str, list[tuple[Evidence, Described]]] = defaultdict(list)
    claims: dict[int, list[tuple[float, str]]] = defaultdict(list)
    unsafe: dict[str, tuple[str, Described]] = {}
    for one in waiting:
        name = one.operation.name
        for other in free.values():
            evidence = weigh(one, other) if _same_host(one, other) else None
            if evidence is None:
                continue
            if reason := refusal(one, other) or misplaced(one, other, every):
                unsafe[name] = (f"{other}: {reason}", other)
                continue
            weighed[name].append((evidence, other))
            claims[id(other)].append((evidence.score, name))
    for one in waiting:
        name = one.operation.name
        candidates = sorted(weighed[name], key=lambda pair: -pair[0].score)
        if not candidates:
            if name in unsafe:
                why, other = unsafe[name]
                found.doubt(why, name, [other], refused=True)
                told.add(name)
            continue
        evidence, best = candidates[0]
        rivals = [other for other_evidence, other in candidates[1:] if evidence.score - other_evidence.score < MARGIN]
        others = [rival for score, rival in claims[id(best)] if rival != name and score > evidence.score - MARGIN]
        if rivals:
            found.doubt(f"{best} and {', '.join(map(str, rivals))} fit it alike", name, [best, *rivals])
            told.add(name)
        elif others:
            found.doubt(f"{best} fits {', '.join(others)} as well", name, [best])
            told.add(name)
        else:
            found.matches.append(Match(one, best, evidence.reason))
            free.pop(id(best), None)


def _same_host(ours: Ours, theirs: Described) -> bool:
    return theirs.base is None or theirs.base == ours.operation.base
