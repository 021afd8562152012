"""Correction -> actions of an OpenAPI Overlay, and back."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from audience_mcp.contract.correction import Correction, told_source
from audience_mcp.contract.templates import is_fixed
from audience_mcp.openapi.document import Document, Entry, Node
from audience_mcp.openapi.overlay import OverlayProblem, found
from audience_mcp.tools.schema import SCHEMAS

MARK = "x-correction"
# What stays ours unless the corrected operation says otherwise; x-tool and operationId stay ours in any case.
KEPT = ("tags", "summary", "description", "security", "servers", "deprecated")
UNCONFIRMED = "Path unconfirmed."
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")


def actions_of(correction: Correction, document: Document, provider: str) -> list[Node]:
    """What an overlay does to the packaged document so that it says what the correction says.

    Raises:
        KeyError: The document has no such operation.
    """
    entry = entry_of(document, correction.operation.removeprefix(f"{provider}_"))
    stated = _tool(correction)
    mark: Node = {
        "operation": correction.operation,
        "status": correction.status,
        "source": told_source(correction.source),
        "date": correction.date,
        **({"sandbox": True} if correction.sandbox else {}),
    }

    def action(target: str, **does: Any) -> Node:
        return {"target": target, "description": stated["source"], MARK: dict(mark), **does}

    place = f"$.paths[*][?@.operationId=='{entry.node['operationId']}']"
    if correction.node is None and (correction.path, correction.method) == (entry.path, entry.method):
        mark |= {"path": correction.path, "method": correction.method}
        return [action(place, update={"x-tool": stated})]
    node, schemas = _own(correction, entry, document)
    node["x-tool"] = {**entry.node["x-tool"], **stated}
    actions = [action(place, remove=True)]
    if schemas:
        actions.append(action("$.components.schemas", update=schemas))
    mark |= {"path": correction.path, "method": correction.method}
    return [*actions, action("$.paths", update={correction.path: {correction.method: node}})]


def correction_of(action: Any, actions: Iterable[Any]) -> Correction | None:
    """The correction whose last action this is; its operation and schemas as they stand in the overlay."""
    mark = action.get(MARK) if isinstance(action, dict) else None
    if not isinstance(mark, dict) or "path" not in mark or mark.get("status") not in ("imported", "probed"):
        return None
    told = {name: str(mark.get(name, "")) for name in ("operation", "source", "date", "path", "method")}
    node = _deep(action.get("update"), told["path"], told["method"])
    schemas: Node = {}
    for other in actions:
        same = marked(other) == told["operation"]
        if same and other.get("target") == "$.components.schemas" and isinstance(other.get("update"), dict):
            schemas |= other["update"]
    return Correction(status=mark["status"], node=node, schemas=schemas, sandbox=made_up(action), **told)


def entry_of(document: Document, operation_id: str) -> Entry:
    """The entry of one operation.

    Raises:
        KeyError: There is none.
    """
    for entry in document.entries():
        if entry.node["operationId"] == operation_id:
            return entry
    raise KeyError(operation_id)


def marked(action: Any) -> str | None:
    """The tool that a correction's action is about; None for an action somebody wrote by hand."""
    mark = action.get(MARK) if isinstance(action, dict) else None
    return str(mark["operation"]) if isinstance(mark, dict) and "operation" in mark else None


def in_order(actions: Iterable[Any]) -> list[Any]:
    """The corrections, then what somebody wrote by hand: it has the last word."""
    return sorted(actions, key=lambda action: marked(action) is None)


def made_up(action: Any) -> bool:
    """Whether a sandbox taught what this action says."""
    mark = action.get(MARK) if isinstance(action, dict) else None
    return isinstance(mark, dict) and mark.get("sandbox") is True


def subjects(action: Mapping[str, Any], raw: Node) -> Iterator[str]:
    """The ids of the operations that an action removes or writes whole, by which actions belong together."""
    if action.get("remove") is True:
        try:
            places = found(raw, str(action.get("target")))
        except OverlayProblem:
            return
        for place in places:
            node: Any = raw
            for part in place:
                node = node[part]
            yield from _ids(node)
    else:
        yield from _ids(action.get("update"))


def touches(action: Mapping[str, Any], raw: Node) -> Iterator[str]:
    """The ids of the operations in which, at which or above which an action changes something."""
    yield from _ids(action.get("update"))
    try:
        places = found(raw, str(action.get("target")))
    except OverlayProblem:
        return
    for place in places:
        if place[:1] == ("paths",) and len(place) > 1:
            node: Any = raw
            for part in place[:3]:
                node = node[part]
            yield from _ids(node)


def _tool(correction: Correction) -> Node:
    how = {"imported": "Imported", "probed": "Probed"}[correction.status]
    return {
        "contract": correction.status,
        "source": f"{how} on {correction.date[:10]} from {told_source(correction.source)}.",
    }


def _own(correction: Correction, entry: Entry, document: Document) -> tuple[Node, Node]:
    """The whole operation and its schemas, these under names that belong to the operation alone."""
    given = correction.node
    if given is None:
        node = copy.deepcopy(entry.node)
        node["parameters"] = copy.deepcopy(_parameters(entry, correction.path, document))
    else:
        kept = {name: entry.node[name] for name in KEPT if name in entry.node}
        node = copy.deepcopy({**kept, **given})
    if list(entry.servers) != document.raw.get("servers", []):
        node.setdefault("servers", list(entry.servers))  # they may stand at the old path
    node["operationId"] = entry.node["operationId"]
    node["description"] = str(node["description"]).strip().removesuffix(UNCONFIRMED).strip()
    names = {name: NOT_IN_NAMES.sub("_", f"{node['operationId']}.{name}") for name in correction.schemas}
    schemas = {names[name]: _renamed(schema, names) for name, schema in correction.schemas.items()}
    return _renamed(node, names), schemas


def _parameters(entry: Entry, path: str, document: Document) -> list[Node]:
    """The operation's parameters below another path: a fixed segment's comes and goes with its place in the path."""
    named = re.findall(r"{([^}]*)}", path)
    kept = [part for part in entry.parameters if part["in"] != "path" or part["name"] in named or not is_fixed(part)]
    missing = set(named) - {part["name"] for part in kept}
    fixed = {part["name"]: part for other in document.entries() for part in other.parameters if is_fixed(part)}
    return [*(fixed[name] for name in named if name in missing and name in fixed), *kept]


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    copied = {key: _renamed(part, names) for key, part in node.items()}
    reference = copied.get("$ref")
    if isinstance(reference, str) and reference.startswith(SCHEMAS):
        name = reference.removeprefix(SCHEMAS)
        copied["$ref"] = SCHEMAS + names.get(name, name)
    return copied


def _deep(node: Any, *keys: str) -> Node | None:
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else None


def _ids(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("operationId"), str):
            yield node["operationId"]
        for part in node.values():
            yield from _ids(part)
