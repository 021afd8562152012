"""An unconfirmed read and its provider's other operations -> the places where it may be, the documented guess first.

Everything that is tried stands in the document: heads that confirmed paths have, and words that confirmed reads end in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from audience_mcp.contract.probing.resource import CONFIRMED, Template, resource_word, taken_apart
from audience_mcp.contract.templates import could_meet, is_parameter, settled
from audience_mcp.openapi.operation import Operation

MOST_CANDIDATES = 8
SAFE_METHODS = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place where an operation may be; `change` says how it differs from the guess.

    `rank` counts from the guess itself (0). `other_word` tells that another word than ours says what is
    done: what answers there may be another operation.
    """

    operation: Operation
    method: str
    template: Template
    change: str
    other_word: bool = False
    rank: int = 0

    @property
    def path(self) -> str:
        """The path, in which the operation's parameters keep their names."""
        return self.template.path

    @property
    def is_ours(self) -> bool:
        """Whether it is the documented guess itself."""
        return self.rank == 0


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What a provider's other operations show; one for all operations of a provider."""

    operations: tuple[Operation, ...]
    words: dict[str, str | None]
    heads: tuple[tuple[str, ...], ...]
    actions: tuple[str, ...]


def neighbours(operations: Sequence[Operation]) -> Neighbours:
    """Read off the confirmed paths which heads are in use (the most frequent first) and which words reads end in."""
    confirmed = [operation for operation in operations if operation.tool.contract in CONFIRMED]
    words = {
        toolset: resource_word(one for one in confirmed if one.toolset == toolset)
        for toolset in dict.fromkeys(operation.toolset for operation in operations)
    }
    heads: Counter[tuple[str, ...]] = Counter()
    actions: Counter[str] = Counter()
    for operation in confirmed:
        template = taken_apart(operation.path, words[operation.toolset])
        if template is None:
            continue
        heads[settled(template.head, operation)] += 1
        if operation.access == "read" and (action := _action(template.tail, operation)) is not None:
            actions[action] += 1
    return Neighbours(
        tuple(operations),
        words,
        tuple(head for head, _ in heads.most_common()),
        tuple(action for action, _ in actions.most_common()),
    )


def candidates(operation: Operation, around: Neighbours) -> tuple[Candidate, ...]:
    """Where an unconfirmed read may be. Empty where nothing can be tried without a chance to change something.

    A place is left out if another operation is, or may be, there: a request meant as a read could be a write to it.
    """
    ours = taken_apart(operation.path, around.words.get(operation.toolset))
    if operation.access != "read" or operation.method not in SAFE_METHODS or ours is None:
        return ()
    found: dict[str, Candidate] = {}
    for rank, candidate in enumerate(_variants(operation, ours, around)):
        if _is_harmless(candidate, around.operations):
            found.setdefault(f"{candidate.method} {candidate.path}", replace(candidate, rank=rank))
    return tuple(found.values())[:MOST_CANDIDATES]


def _variants(operation: Operation, ours: Template, around: Neighbours) -> Iterator[Candidate]:
    method = operation.method
    yield Candidate(operation, method, ours, "our guess")
    heads = list(_heads(operation, ours, around.heads))
    tails = list(_tails(operation, ours, around.actions))
    for head in heads:
        yield Candidate(operation, method, Template(head, ours.word, ours.tail), f"under /{'/'.join(head)}")
    if method == "POST" and operation.body == "none":
        yield Candidate(operation, "GET", ours, "by GET")
    for tail, told in tails:
        yield Candidate(operation, method, Template(ours.head, ours.word, tail), told, True)
    for head in heads:
        for tail, told in tails:
            change = f"under /{'/'.join(head)}, {told}"
            yield Candidate(operation, method, Template(head, ours.word, tail), change, True)


def _heads(operation: Operation, ours: Template, documented: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The other heads of the same service, and our own without a version."""
    own = settled(ours.head, operation)
    for head in dict.fromkeys((*documented, settled(ours.versionless, operation))):
        if head and head != own and head[0] == own[0]:
            yield head


def _tails(operation: Operation, ours: Template, actions: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Our tail with another form of the word for what is done (`recalculate`, `calculations`), each with its telling.

    A noun stands only below an object's id: one that does not exist has nothing to create it in.
    """
    action = _action(ours.tail, operation)
    if action is None:
        return
    place = ours.tail.index(action)
    below_id = place > 0 and is_parameter(ours.tail[place - 1])
    verb = _verb(operation)
    for word in (*actions, *(_nouns(verb) if below_id else ())):
        if word != action and verb[:-1] in word:
            yield (*ours.tail[:place], word, *ours.tail[place + 1 :]), f"{word} for {action}"


def _action(tail: Sequence[str], operation: Operation) -> str | None:
    """The literal of a tail that says what the operation does: `recalculate` of calculate_metric."""
    return next((part for part in tail if not is_parameter(part) and _verb(operation) in part), None)


def _verb(operation: Operation) -> str:
    return operation.id.partition("_")[0]


def _nouns(verb: str) -> tuple[str, ...]:
    """What `calculate` makes: calculations; of other verbs the plural alone."""
    if verb.endswith("ate"):
        return (f"{verb[:-1]}ions", f"{verb[:-1]}ion")
    return (f"{verb}s",)


def _is_harmless(candidate: Candidate, operations: Iterable[Operation]) -> bool:
    """Whether a request there can be no other operation, and not the creation of an object of the resource."""
    method, template = candidate.method, candidate.template
    if method not in SAFE_METHODS or (method == "POST" and all(is_parameter(part) for part in template.tail)):
        return False
    others = (other for other in operations if other.id != candidate.operation.id)
    return not any(
        method in (other.method, other.tool.sends.method if other.tool.sends else None)
        and could_meet(template.path, other.path)
        for other in others
    )
