"""Our arguments and theirs -> the parameters and the body fields of the corrected operation, and what changed.

What their document does not mention is kept: documents leave things out, and an argument nobody passes harms nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from audience_mcp.contract.importing.accepting import argument, objection
from audience_mcp.contract.importing.described import Described, Parameter
from audience_mcp.contract.importing.merging import BINDINGS, Merger, kinds, listed_shortly, told
from audience_mcp.contract.importing.ours import Ours
from audience_mcp.openapi.document import Node
from audience_mcp.openapi.reader import body_schema, schema_of

BODILESS = ("GET",)


@dataclass(slots=True)
class Arguments:
    """The result: `parameters` are those of the query, `body` is the schema of the body, `problem` says what bars it.

    `kept` are ours that the document does not name.
    """

    parameters: list[Node] = field(default_factory=list)
    body: Node | None = None
    changes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    problem: str | None = None


@dataclass(slots=True)
class _Slot:
    """One argument on its way: `holder` is a schema as a body field has it, `parameter` what stands around it."""

    name: str
    place: str
    holder: Node
    required: bool
    parameter: Node = field(default_factory=dict)

    @property
    def bound(self) -> bool:
        return bool(BINDINGS & {*self.holder, *self.parameter})


def arguments(ours: Ours, theirs: Described, taken: set[str]) -> Arguments:
    """Compare all but the path; `taken` are the names that stand in it."""
    return _Comparison(ours, theirs, taken).made()


class _Comparison:
    def __init__(self, ours: Ours, theirs: Described, taken: set[str]) -> None:
        self._ours, self._theirs, self._taken = ours, theirs, taken
        self._merger = Merger(ours.document, sampled=theirs.sampled)
        self._query = {part.name: part for part in theirs.parameters if part.place == "query"}
        body = theirs.body if theirs.method not in BODILESS else None
        self._fields: Node = (body or {}).get("properties", {})
        self._needed = set((body or {}).get("required", []))
        self._body = body
        self._made = Arguments()

    def made(self) -> Arguments:
        own_body, _ = body_schema(self._ours.document, self._ours.entry)
        whole = self._ours.operation.body == "whole"
        slots = self._slots({} if whole or own_body is None else own_body)
        for slot in slots:
            self._compare(slot)
        slots += self._new({slot.name for slot in slots}, whole)
        self._put(slots, own_body, whole)
        self._made.changes = self._merger.changes + self._made.changes
        self._made.kept += dict.fromkeys(self._merger.kept)
        return self._made

    def _slots(self, body: Node) -> list[_Slot]:
        found = [
            _Slot(part["name"], "query", schema_of(self._ours.document, part), bool(part.get("required")), dict(part))
            for part in self._ours.entry.parameters
            if part["in"] == "query"
        ]
        needed = body.get("required", [])
        found += [_Slot(name, "body", part, name in needed) for name, part in body.get("properties", {}).items()]
        for slot in found:
            slot.holder = slot.holder if slot.place == "query" else dict(slot.holder)
        return found

    def _compare(self, slot: _Slot) -> None:
        name, theirs = slot.name, self._theirs
        resolved = self._ours.document.resolve(slot.holder)
        bound = slot.bound or bool(BINDINGS & resolved.keys())
        other = "query" if name in self._query else "body" if name in self._fields else None
        if other is None:
            if not theirs.sampled and not bound:
                self._made.kept.append(name)
                described = self._query if slot.place == "query" else self._fields
                if slot.required and described:  # a document that says what there is does not require what it lacks
                    slot.required = False
                    self._made.changes.append(f"{name}: no longer required, as the document does not name it")
            if slot.place == "body" and theirs.method in BODILESS:
                self._made.problem = f"{theirs.method} there has no place for the argument {name}"
            return
        if other != slot.place:
            if bound:
                self._made.problem = f"{name}, which the session supplies, stands in the {other} there"
                return
            self._made.changes.append(f"{name}: moves from the {slot.place} to the {other}")
            slot.place, slot.parameter = other, {}
        if bound:
            return
        part = self._query.get(name)
        schema = part.schema if part else self._fields[name]
        slot.holder = self._merger.merge(slot.holder, argument(schema), name)
        if not theirs.sampled:
            needed = part.required if part else name in self._needed
            if needed != slot.required:
                self._made.changes.append(f"{name}: {'now required' if needed else 'no longer required'}")
                slot.required = needed
        if part is not None and part.form == "comma" and slot.parameter.get("explode", True):
            slot.parameter["explode"] = False
            self._made.changes.append(f"{name}: several values are written with commas")

    def _new(self, own: set[str], whole: bool) -> list[_Slot]:
        theirs: list[tuple[str, str, Node, bool, Parameter | None]] = [
            (name, "query", part.schema, part.required, part) for name, part in self._query.items()
        ]
        if not whole:
            theirs += [(name, "body", part, name in self._needed, None) for name, part in self._fields.items()]
        added = []
        for name, place, schema, required, part in theirs:
            if name in own:
                continue
            own.add(name)
            reason = "it stands in the path as well" if name in self._taken else objection(name)
            if part is not None and part.form == "other":
                reason = "this server does not write values the way it wants them"
            required = required and not self._theirs.sampled
            if reason and required:
                self._made.problem = f"it requires {name!r:.70}, which is not added: {reason}"
            elif reason:
                self._made.changes.append(f"{name!r:.70}: left out, {reason}")
            else:
                needs = "required" if required else "optional"
                self._made.changes.append(f"{name}: added, {needs}, {told(schema)}")
                around: Node = {"explode": False} if part is not None and part.form == "comma" else {}
                if part is not None and part.form == "json":
                    around = {"content": {}}
                added.append(_Slot(name, place, listed_shortly(argument(schema)), required, around))
        return added

    def _put(self, slots: list[_Slot], own_body: Node | None, whole: bool) -> None:
        for slot in slots:
            if slot.place == "query":
                self._made.parameters.append(_parameter(slot))
        if whole and own_body is not None:
            name = str(self._ours.operation.tool.body_argument)
            self._made.body = self._merger.merge(own_body, self._body, name) if self._body else own_body
            return
        if self._body is not None and "object" not in (kinds(self._body) or {"object"}):
            self._made.problem = "its body is no object of fields"
            return
        fields = {slot.name: slot.holder for slot in slots if slot.place == "body"}
        if own_body is None and not fields:
            return
        around = {key: value for key, value in (own_body or {}).items() if key not in ("properties", "required")}
        self._made.body = {**around, "type": "object", "properties": fields}
        if needed := [slot.name for slot in slots if slot.place == "body" and slot.required]:
            self._made.body["required"] = needed


def _parameter(slot: _Slot) -> Node:
    """A query parameter as the document writes it."""
    parameter: Node = {**slot.parameter, "name": slot.name, "in": "query"}
    parameter.pop("required", None)
    if slot.required:
        parameter["required"] = True
    if "content" in parameter:
        parameter["content"] = {"application/json": {"schema": slot.holder}}
    else:
        parameter["schema"] = slot.holder
    return parameter
