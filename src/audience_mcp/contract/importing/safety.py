"""One of ours and one of theirs -> why they must not be matched, whatever else speaks for it."""

from __future__ import annotations

from audience_mcp.contract.importing.described import Described
from audience_mcp.contract.importing.ours import Ours
from audience_mcp.contract.importing.words import deed

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
