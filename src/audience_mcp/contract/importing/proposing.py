"""A match -> the correction of our operation that it teaches, what differs in words, or why it does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audience_mcp.contract.correction import Correction
from audience_mcp.contract.importing.accepting import SENT_HEADERS, argument, objection
from audience_mcp.contract.importing.arguments import arguments
from audience_mcp.contract.importing.described import Described
from audience_mcp.contract.importing.matching import Match
from audience_mcp.contract.importing.merging import Merger, listed, told
from audience_mcp.contract.importing.ours import SURE, Ours
from audience_mcp.contract.importing.placing import Placed, place
from audience_mcp.openapi.document import Node
from audience_mcp.results.wording import named

JSON = "application/json"
CONFIRMED = "method and path are confirmed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one match comes to: a correction, nothing (`correction` and `problem` are None), or a problem."""

    match: Match
    correction: Correction | None = None
    changes: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.match.name


def propose(match: Match, source: str, date: str, earlier: Correction | None = None) -> Proposal:
    """Compare the two sides of a match; `date` is ISO 8601, `earlier` what the tool was corrected to before."""
    ours, theirs = match.ours, match.theirs
    operation = ours.operation
    placed = place(ours, theirs)
    added, changes, problem = _added_to_path(placed, theirs, ours)
    problem = placed.problem or problem
    if problem:
        return Proposal(match, problem=problem)
    taken = {part["name"] for part in placed.parameters} | set(placed.added)
    compared = arguments(ours, theirs, taken)
    if compared.problem:
        return Proposal(match, problem=compared.problem)
    changes += compared.changes
    headers = [
        part for part in theirs.parameters if part.place == "header" and part.name.casefold() not in SENT_HEADERS
    ]
    remarks = [f"the header {part.name!r:.70} is required there and is not sent" for part in headers if part.required]
    if offered := [f"{part.name!r:.70}" for part in headers if not part.required]:
        remarks.append(f"headers that are not sent: {listed(offered)}")
    method, path = (earlier.method.upper(), earlier.path) if earlier else (operation.method, operation.path)
    if earlier:
        when = f"{earlier.status} on {earlier.date[:10]} from {named(earlier.source)}"
        changes.insert(0, f"replaces what was {when}; arguments are compared with our own document")
    if (theirs.method, placed.path) != (method, path):
        changes.insert(0, f"{method} {path} becomes {theirs.method} {placed.path}")
    elif earlier:
        changes.insert(0, f"{method} {path} stays")
    elif not changes and operation.tool.contract in SURE:
        return Proposal(match, kept=tuple(compared.kept))
    elif operation.tool.contract not in SURE:
        changes.insert(0, CONFIRMED)
    node: Node = {"parameters": [*placed.parameters, *added, *compared.parameters]}
    if compared.body is not None:
        node["requestBody"] = _request_body(ours, compared.body)
    node["responses"] = _responses(ours, theirs, changes)
    changes += remarks  # they alone are no reason for a correction
    if list(ours.entry.servers) != ours.document.raw.get("servers", []):
        node["servers"] = list(ours.entry.servers)  # they may stand at the old path
    correction = Correction(
        operation=operation.name,
        status="imported",
        source=source,
        date=date,
        path=placed.path,
        method=theirs.method.lower(),
        node=node,
    )
    return Proposal(match, correction, tuple(changes), tuple(compared.kept))


def _added_to_path(placed: Placed, theirs: Described, ours: Ours) -> tuple[list[Node], list[str], str | None]:
    """Parameters that their path has and ours did not."""
    schemas = {part.name: part.schema for part in theirs.parameters if part.place == "path"}
    added, changes = [], []
    for name in placed.added:
        reason = "an argument of ours has that name" if name in ours.names else objection(name)
        if reason:
            return [], [], f"its path needs {name!r:.70}, which is not added: {reason}"
        schema = argument(schemas.get(name) or {"type": "string"})
        added.append({"name": name, "in": "path", "required": True, "schema": schema})
        changes.append(f"{name}: added, required, in the path, {told(schema)}")
    return added, changes, None


def _request_body(ours: Ours, schema: Node) -> Node:
    present = ours.document.resolve(ours.entry.node.get("requestBody", {}))
    return {"required": bool(present.get("required") or schema.get("required")), "content": {JSON: {"schema": schema}}}


def _responses(ours: Ours, theirs: Described, changes: list[str]) -> Node:
    """Our answers, with what their document knows of the good one."""
    responses = {status: ours.document.resolve(one) for status, one in ours.entry.node.get("responses", {}).items()}
    good = next((status for status in responses if str(status).startswith("2")), None)
    if good is None or theirs.answer is None:
        return responses
    present = responses[good]
    schema = present.get("content", {}).get(JSON, {}).get("schema", {})
    merger = Merger(ours.document, sampled=theirs.sampled)
    merged = merger.merge(schema, theirs.answer, "answer")
    if merger.changes:
        changes.append(f"answer: {_first(merger.changes)}")
        responses[good] = {**present, "content": {JSON: {"schema": merged}}}
    return responses


def _first(changes: Iterable[str]) -> str:
    every = [change.removeprefix("answer").lstrip(".:[] ") for change in changes]
    return every[0] if len(every) == 1 else f"{every[0]}, and {len(every) - 1} more"
