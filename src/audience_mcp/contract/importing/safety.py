"""One of ours and one of theirs -> why they must not be matched, whatever else speaks for it."""

from __future__ import annotations

from collections.abc import Iterable

from audience_mcp.contract.importing.described import Described
from audience_mcp.contract.importing.ours import Ours
from audience_mcp.contract.importing.words import CHANGING, DELETING, DESTROYING, READING, deed, words
from audience_mcp.contract.templates import PARAMETER, could_meet, segments

LONG = 6
ALLOWED = {
    "read": frozenset({"GET", "POST"}),
    "write": frozenset({"POST", "PUT", "PATCH"}),
    "destructive": frozenset({"DELETE", "POST", "PUT", "PATCH"}),
    "session": frozenset({"GET", "POST"}),
}


def refusal(ours: Ours, theirs: Described) -> str | None:
    """The reason, or None: what a tool does to data must stay what its annotations say.

    A read never becomes a write, and nothing becomes a deletion that was none.
    """
    operation = ours.operation
    if theirs.method != operation.method and theirs.method not in ALLOWED[operation.access]:
        return f"the tool is a {operation.access} operation, and {theirs.method} is no verb for that"
    own = {deed(operation.title), deed(operation.id)}
    for title in theirs.titles:
        said = deed(title)
        if said == "destroy" and operation.access != "destructive" and "destroy" not in own:
            return "the document's title says that it deletes or removes"
        if said == "write" and operation.access in ("read", "session") and "write" not in own:
            return "the document's title says that it writes, and the tool does not"
    return None


def misplaced(ours: Ours, theirs: Described, every: Iterable[Ours]) -> str | None:
    """Why a tool must not move to their address on the word of a title or of arguments; None where it may.

    A title costs its writer nothing, and what a request does is decided by where it is sent: an address that names a
    change, that says of no reading, or where one of ours (`every`) may be a write, is taken by method and path only.
    """
    operation = ours.operation
    if ours.carries_credential:
        return "the tool carries a credential, so it is found by its method and path only"
    if operation.access == "destructive":
        return None
    barred = CHANGING if operation.access == "read" else DESTROYING
    own = _fixed(operation.path)
    for text in sorted(_fixed(theirs.path) - own):
        if barred & set(words(text)) or DELETING.search(text):
            return f"its address names a change ({text}) that the tool does not make"
    if operation.access != "read" or theirs.method == "GET":
        return None
    if not _reads(own, _fixed(theirs.path)):
        return "nothing in its address says that it reads, so a request there could create or change something"
    for other in (one.operation for one in every):
        methods = (other.method, other.tool.sends.method if other.tool.sends else None)
        if other.access != "read" and theirs.method in methods and could_meet(theirs.path, other.path):
            return f"a request there could be {other.name}, a {other.access}"
    return None


def _reads(own: set[str], there: set[str]) -> bool:
    """Whether an address still holds the word by which ours reads, or any such word where ours has none."""
    words_of_ours = READING & {word for text in own for word in words(text)}
    if not words_of_ours:
        return any(READING & set(words(text)) for text in there)
    stems = [word if len(word) < LONG else word[:-1] for word in words_of_ours]  # calculate, calculation
    return any(stem in text.casefold() for stem in stems for text in there)


def _fixed(path: str) -> set[str]:
    """What stands in a path beside its parameters, segment by segment."""
    return {PARAMETER.sub(" ", segment).strip() for segment in segments(path)} - {""}
