"""The packaged operations and the overlaid ones -> what an overlay must never do, in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from audience_mcp.openapi.document import Document, Entry, Node
from audience_mcp.openapi.operation import Instructions, Operation

# Of x-tool an overlay may say how sure a path is, and what is only told or hinted.
FREE = frozenset(
    {"contract", "source", "answer", "limits", "permissions", "groups", "scopes", "failures", "deprecation", "nearly"}
)
RAISED = ("imported", "probed")
# Where requests go, who signs them, and with what.
FIXED = ("openapi", "servers", "security")
# Plain segments below the base URL: nothing that a client would resolve, decode or take for a host.
PATH = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~{}@:$!,;=+*'()-]+)+/?")
MOST_LISTED_CHARACTERS = 8000


def check_document(base: Document, changed: Document) -> None:
    """Refuse another host, another way to sign, or another set of operations.

    Raises:
        ValueError: With what the overlay would do.
    """
    for name in FIXED:
        if base.raw.get(name) != changed.raw.get(name):
            raise ValueError(f"it changes {name} of the document, and an overlay must not")
    schemes = [document.raw.get("components", {}).get("securitySchemes") for document in (base, changed)]
    if schemes[0] != schemes[1]:
        raise ValueError("it changes securitySchemes of the document, and an overlay must not")
    before, after = _named(base), _named(changed)
    if gone := before.keys() - after.keys():
        raise ValueError(f"it takes away {', '.join(sorted(gone))}, which other tools depend on")
    if more := after.keys() - before.keys():
        raise ValueError(f"it adds {', '.join(sorted(more))}, which this version does not know: overlays only correct")
    for name, entry in before.items():
        for key, told in (("servers", _servers), ("security", _security)):
            if told(entry) != told(after[name]):
                raise ValueError(f"it changes {key} of {name}, and an overlay must not")


def check_operations(base: Mapping[str, Operation], changed: Mapping[str, Operation]) -> None:
    """Refuse a claim that is not allowed, a lost binding, a weakened mark, and an address that belongs to another.

    Raises:
        ValueError: With what the overlay would do to which operation.
    """
    before = {_address(operation): name for name, operation in base.items()}
    taken: dict[tuple[str, str, str], str] = {}
    for name, operation in changed.items():
        for reason in _reasons(base[name], operation):
            raise ValueError(f"{name}: {reason}")
        other = taken.setdefault(_address(operation), name)
        if other != name:
            raise ValueError(f"{name}: {operation.method} {operation.path} is the address of {other}")
        owner = before.get(_address(operation), name)
        if owner != name and base[owner].access not in ("read", operation.access):
            raise ValueError(
                f"{name}: {operation.method} {operation.path} is the address of {owner}, a {base[owner].access}"
            )


def check_listed(tool: Mapping[str, Any]) -> None:
    """Refuse an input schema that clients would drop.

    Raises:
        ValueError: It is too long (DESIGN section 12).
    """
    length = len(json.dumps(tool["inputSchema"], ensure_ascii=False))
    if length > MOST_LISTED_CHARACTERS:
        raise ValueError(
            f"{tool['name']}: its input schema would be {length:,} characters long, at most"
            f" {MOST_LISTED_CHARACTERS:,} are listed (x-shallow shows a deep argument in one line)"
        )


def _reasons(base: Operation, changed: Operation) -> Iterator[str]:
    moved = (base.method, base.path) != (changed.method, changed.path)
    status = changed.tool.contract
    if status != base.tool.contract and status not in RAISED:
        yield f"its contract may become {' or '.join(RAISED)}, not {status}"
    if moved and status not in RAISED:
        yield f"its method or path differs, and its x-tool.contract does not say {' or '.join(RAISED)}"
    if status in RAISED and (not changed.tool.source or changed.tool.source == base.tool.source):
        yield f"it is {status} without an x-tool.source that says from where"
    if not PATH.fullmatch(changed.path):
        yield f"{changed.path!r} is no plain path below the provider's address"
    if moved and changed.method != base.method:
        if changed.method == "DELETE" and base.access != "destructive":
            yield f"a {base.access} operation must not become a DELETE"
        if base.access == "read" and changed.method not in ("GET", "POST"):
            yield f"a read must not become a {changed.method}"
    for name in Instructions.model_fields.keys() - FREE:
        if getattr(base.tool, name) != getattr(changed.tool, name):
            yield f"it changes x-tool.{name}"
    if base.toolset != changed.toolset:
        yield "it changes the toolset"
    yield from _lost(base, changed)


def _lost(base: Operation, changed: Operation) -> Iterator[str]:
    """What the session supplies, and the arguments by which operations find one another."""
    if set(base.supplied) != set(changed.supplied):
        yield "it changes which secrets are sent, or where (x-credential)"
    if base.workspace_parameter != changed.workspace_parameter:
        yield "it changes the parameter that names the workspace (x-workspace)"
    if _bound(base) != _bound(changed):
        yield "it changes what the session fills in (x-session)"
    if new := [part.name for part in changed.constants if part.place != "path" and part not in base.constants]:
        yield f"it sends a fixed value for {', '.join(new)}"
    if changed.base != base.base:
        yield "it changes the host"
    lost = _leaned_on(base) - {argument.name for argument in changed.arguments}
    if lost:
        yield f"it has no argument named {', '.join(sorted(lost))} any more, by which other operations find its object"


def _leaned_on(operation: Operation) -> set[str]:
    tool = operation.tool
    named = {argument.name for argument in operation.arguments if argument.place == "path"}
    named |= {*tool.each, *tool.destructive_when}
    if tool.object:
        named.add(tool.object.argument)
    if tool.paging:
        named |= {name for name in (tool.paging.number, tool.paging.size) if name}
    return named & {argument.name for argument in operation.arguments}


def _bound(operation: Operation) -> dict[str, str]:
    return {argument.name: argument.session for argument in operation.arguments if argument.session}


def _address(operation: Operation) -> tuple[str, str, str]:
    """Where an operation is answered; what its path parameters are called makes no difference."""
    return operation.base, operation.method, re.sub(r"{[^}]*}", "{}", operation.path.rstrip("/"))


def _named(document: Document) -> dict[str, Entry]:
    return {str(entry.node["operationId"]): entry for entry in document.entries()}


def _servers(entry: Entry) -> tuple[Node, ...]:
    return entry.servers


def _security(entry: Entry) -> Any:
    return entry.node.get("security")
