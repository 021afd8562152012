"""A schema of ours and the provider's own of the same thing -> one schema, and what changed in words.

The provider knows better what exists and of what type it is; ours knows what the session fills in, and what is only
missing from an incomplete document. So types and needs are theirs, what they do not mention stays, and what is bound
(constants, credentials, session values) is never touched. An example proves less: it only adds and fills.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from audience_mcp.contract.importing.cleaning import Cleaner
from audience_mcp.contract.importing.notes import Notes
from audience_mcp.openapi.document import Document, Node

BINDINGS = frozenset({"const", "x-credential", "x-session", "x-workspace", "x-sent-with"})
NUMERIC_FORMATS = frozenset({"int32", "int64", "float", "double"})
LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength")
RANGES = (*LIMITS, "minItems", "maxItems", "uniqueItems", "default")
STRUCTURE = frozenset({"object", "array"})
LISTED_CHARACTERS = 300
MOST_NAMED = 8


class Merger:
    """Merges the schemas of one operation; `changes` gathers what differs, `kept` what only ours has."""

    def __init__(self, document: Document, *, sampled: bool) -> None:
        self._document, self._sampled = document, sampled
        self._own = Cleaner(document.raw, Notes())
        self.changes: list[str] = []
        self.kept: list[str] = []

    def merge(self, ours: Node, theirs: Node, place: str) -> Node:
        """The schema to use for `place`: `ours` itself where nothing differs."""
        known = self._document.resolve(ours)
        mine, their = self._own.clean(ours), kinds(theirs)
        if BINDINGS & known.keys() or mine == theirs:
            return ours
        if says_nothing(theirs) and their <= (kinds(mine) or their):
            return ours
        if says_nothing(mine) and (not kinds(mine) or their <= kinds(mine)):
            self.changes.append(f"{place}: now known to be {told(theirs)}")
            return listed_shortly({**_kept(known, "description"), **theirs})
        if _is_plain_object(mine) and _is_plain_object(theirs):
            return self._object(ours, known, theirs, place)
        if kinds(mine) == their == {"array"}:
            items = self.merge(known.get("items", {}), theirs.get("items", {}), f"{place}[]")
            return ours if items is known.get("items") or not items else {**known, "items": items}
        if self._sampled:
            return ours
        choice = next((key for key in ("anyOf", "oneOf") if isinstance(known.get(key), list)), None)
        if choice and _is_plain_object(theirs) and _are_objects(mine):
            return self._alternatives(ours, known, theirs, place, choice)
        if not (kinds(mine) | their) & STRUCTURE and kinds(mine) == their:
            return self._scalar(ours, known, mine, theirs, place)
        self.changes.append(f"{place}: {told(mine)} becomes {told(theirs)}")
        stale = ("description",) if their & STRUCTURE else ()  # it tells of fields that are others now
        return listed_shortly({**_kept(known, *stale), **theirs})

    def _object(self, ours: Node, known: Node, theirs: Node, place: str) -> Node:
        before = len(self.changes)
        properties = dict(known.get("properties", {}))
        for name, part in theirs["properties"].items():
            if name in properties:
                properties[name] = self.merge(properties[name], part, f"{place}.{name}")
            else:
                properties[name] = part
                self.changes.append(f"{place}.{name}: added, {told(part)}")
        if not self._sampled:
            self.kept += [f"{place}.{name}" for name in properties if name not in theirs["properties"]]
        merged = {**known, "properties": properties}
        if not self._sampled:
            old, new = set(known.get("required", [])), set(theirs.get("required", []))
            needed = [name for name in properties if name in new or (name in old and name not in theirs["properties"])]
            self.changes += [f"{place}.{name}: now required" for name in needed if name not in old]
            self.changes += [f"{place}.{name}: no longer required" for name in sorted(old - set(needed))]
            merged["required"] = needed
            if not needed:
                del merged["required"]
        return ours if len(self.changes) == before else self._listed(merged, before)

    def _alternatives(self, ours: Node, known: Node, theirs: Node, place: str, choice: str) -> Node:
        """Several objects of ours where theirs is one: each takes what is said of its fields, and what is new."""
        before, fields, found = len(self.changes), theirs["properties"], []
        branches = [self._document.resolve(branch) for branch in known[choice]]
        own = {name for branch in branches for name in branch.get("properties", {})}
        self.kept += [f"{place}.{name}" for name in sorted(own - fields.keys())]
        self.changes += [f"{place}.{name}: added, {told(part)}" for name, part in fields.items() if name not in own]
        for listed, branch in zip(known[choice], branches, strict=True):
            present = branch.get("properties")
            if not present or BINDINGS & branch.keys():
                found.append(listed)
                continue
            merged = {name: self.merge(p, fields.get(name, {}), f"{place}.{name}") for name, p in present.items()}
            merged |= {name: part for name, part in fields.items() if name not in own}
            same = merged.keys() == present.keys() and all(merged[name] is present[name] for name in present)
            found.append(listed if same else {**branch, "properties": merged})
        self.changes[before:] = dict.fromkeys(self.changes[before:])  # two branches may have one field
        return ours if len(self.changes) == before else self._listed({**known, choice: found}, before)

    def _listed(self, merged: Node, before: int) -> Node:
        """Listed with the example of ours while it still is one."""
        stale = any(" becomes " in change or change.endswith("now required") for change in self.changes[before:])
        return listed_shortly(merged, stale=stale)

    def _scalar(self, ours: Node, known: Node, mine: Node, theirs: Node, place: str) -> Node:
        """The same type with other limits: what they state replaces ours, what they leave out stays."""
        stated = {key: theirs[key] for key in RANGES if key in theirs and theirs[key] != mine.get(key)}
        if theirs.get("format") not in (None, mine.get("format"), *NUMERIC_FORMATS):
            stated["format"] = theirs["format"]
        if "enum" in theirs and set(map(str, theirs["enum"])) != set(map(str, mine.get("enum", []))):
            stated["enum"] = theirs["enum"]
        if "null" in _types(theirs) and "null" not in _types(mine):
            stated["type"] = theirs["type"]
        if not stated:
            return ours
        self.changes.append(f"{place}: " + ", ".join(f"{key} {_short(value)}" for key, value in stated.items()))
        return {**known, **stated}


def says_nothing(schema: Node) -> bool:
    """Whether a clean schema leaves open what a value looks like."""
    said = {key for key, value in schema.items() if value not in ({}, [])} - {"type", "default"}
    return not said and kinds(schema) <= STRUCTURE


def kinds(schema: Node) -> set[str]:
    """The types a clean schema names, null aside."""
    return _types(schema) - {"null"}


def told(schema: Node) -> str:
    """A clean schema in a few words."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(told(branch) for branch in schema["anyOf"][:4])) or "anything"
    names = sorted(kinds(schema))
    if names == ["object"] and schema.get("properties"):
        return f"object with {listed(schema['properties'])}"
    if names == ["array"] and schema.get("items"):
        return f"list of {told(schema['items'])}"
    text = " or ".join(names) or "anything"
    if "enum" in schema:
        return f"{text}, one of {_short(schema['enum'])}"
    return f"{text} ({schema['format']})" if "format" in schema else text


def listed_shortly(schema: Node, *, stale: bool = True) -> Node:
    """The same, with one line for the tool list where it is too deep to be listed whole.

    A line of ours that shows an example gives way where it is `stale`: it showed what is another thing now.
    """
    guessed = stale and '{"' in str(schema.get("x-shallow", ""))
    node = {key: value for key, value in schema.items() if key != "x-shallow" or not guessed}
    structured = kinds(node) & STRUCTURE or "anyOf" in node
    if "x-shallow" not in node:
        if not structured or len(json.dumps(node)) <= LISTED_CHARACTERS:
            return node
        node["x-shallow"] = f"{told(node).capitalize()}; see describe_argument"
    if not structured:
        del node["x-shallow"]
    elif isinstance(node.get("type"), list):  # a line is shown with one type
        outer: Node = {key: node.pop(key) for key in ("description", "x-shallow") if key in node}
        first = next(iter(sorted(kinds(node) & STRUCTURE)))
        others: list[Node] = [{"type": name} for name in sorted(_types(node) - {first})]
        return {**outer, "anyOf": [{**node, "type": first}, *others]}
    return node


def _kept(known: Node, *without: str) -> Node:
    """What is ours alone in a schema: its description and its extensions."""
    return {
        key: value
        for key, value in known.items()
        if (key == "description" or key.startswith("x-")) and key not in without
    }


def _are_objects(schema: Node) -> bool:
    """Whether a clean schema is a choice among objects."""
    return "anyOf" in schema and "properties" not in schema and all(kinds(one) == {"object"} for one in schema["anyOf"])


def _is_plain_object(schema: Node) -> bool:
    return kinds(schema) == {"object"} and "properties" in schema and "anyOf" not in schema


def _types(schema: Node) -> set[str]:
    said = schema.get("type", [])
    return {said} if isinstance(said, str) else set(said)


def listed(names: Iterable[str]) -> str:
    """Names with commas, and how many more there are."""
    every = list(names)
    more = len(every) - MOST_NAMED
    return ", ".join(every[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _short(value: Any) -> str:
    if isinstance(value, list):
        return listed([json.dumps(one, ensure_ascii=False) for one in value])
    return json.dumps(value, ensure_ascii=False)
