"""A schema of a foreign document -> the part of it that may enter ours: types, names, enums, ranges, what is required.

Descriptions, titles, examples, patterns and extensions stay out: a model would read them, and a stranger wrote them.
References are put in place, a schema that contains itself to one level, everything within a bound.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

from audience_mcp.contract.importing.notes import Notes
from audience_mcp.contract.importing.references import References
from audience_mcp.openapi.document import Node
from audience_mcp.results.wording import clean, named

MOST_NODES = 2_000
MOST_LEVELS = 20
MOST_PROPERTIES = 200
MOST_BRANCHES = 20
MOST_VALUES = 200
LONGEST_VALUE = 60
SAME_REFERENCE = 2

NAME = re.compile(r"[A-Za-z0-9_$@.:\-\[\]]{1,64}")
# A value of an enum is a word or a few; a sentence is not.
VALUE = re.compile(r"\S+(?: \S+){0,3}")
# Names with a meaning of their own in the JavaScript that most clients are made of.
PROTOTYPES = frozenset({"__proto__", "constructor", "prototype"})
TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
FORMATS = frozenset(
    {"date", "date-time", "time", "duration", "uuid", "email", "uri", "hostname", "ipv4", "ipv6", "int32", "int64"}
    | {"float", "double"}
)
NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")


class Cleaner:
    """Cleans the schemas of one document."""

    def __init__(self, raw: Node, notes: Notes) -> None:
        self._references, self._notes = References(raw, notes), notes
        self._left = 0

    def clean(self, node: Any) -> Node:
        """The safe part of one schema, self-contained; `{}` where nothing is said."""
        self._left = MOST_NODES
        return self._clean(node, 0, ())

    def _clean(self, node: Any, level: int, inside: tuple[str, ...]) -> Node:
        self._left -= 1
        if self._left < 0 or level > MOST_LEVELS:
            self._notes.add("a schema goes on too far; its innermost parts were left open")
            return {}
        if isinstance(node, dict) and "$ref" in node:
            reference = str(node["$ref"])
            if inside.count(reference) >= SAME_REFERENCE:
                return {}  # contains itself: open from here
            inside = (*inside, reference)
            node = self._references.follow(node)
        if not isinstance(node, dict):
            return {}
        copy: Node = {}
        types = _types(node)
        if types:
            copy["type"] = types[0] if len(types) == 1 else types
        self._put_object(node, copy, level, inside)
        if "items" in node and isinstance(node["items"], dict):
            copy.setdefault("type", "array")
            copy["items"] = self._clean(node["items"], level + 1, inside)
        for key in ("anyOf", "oneOf"):
            branches = node.get(key)
            if isinstance(branches, list) and branches:
                if len(branches) > MOST_BRANCHES:
                    return {}  # half of the alternatives would refuse the other half
                # any of them: what was left out may have told two of them apart
                copy["anyOf"] = [self._clean(branch, level + 1, inside) for branch in branches]
        self._put_values(node, copy)
        _put_ranges(node, copy)
        if isinstance(node.get("allOf"), list):
            for part in node["allOf"][:MOST_BRANCHES]:
                _join(copy, self._clean(part, level + 1, inside))
        return _possible(copy)

    def _put_object(self, node: Node, copy: Node, level: int, inside: tuple[str, ...]) -> None:
        properties = node.get("properties")
        if isinstance(properties, dict):
            copy.setdefault("type", "object")
            kept: Node = {}
            for name, part in list(properties.items())[:MOST_PROPERTIES]:
                if NAME.fullmatch(str(name)) and name not in PROTOTYPES:
                    kept[str(name)] = self._clean(part, level + 1, inside)
                else:
                    self._notes.add(f"the field {named(str(name))} was left out: its name is no plain name")
            copy["properties"] = kept
            required = node.get("required")
            if isinstance(required, list):
                needed = [name for name in dict.fromkeys(map(str, required)) if name in kept]
                if needed:
                    copy["required"] = needed
        extra = node.get("additionalProperties")
        if isinstance(extra, dict) and (cleaned := self._clean(extra, level + 1, inside)):
            copy.setdefault("type", "object")
            copy["additionalProperties"] = cleaned

    def _put_values(self, node: Node, copy: Node) -> None:
        if isinstance(node.get("format"), str) and node["format"] in FORMATS:
            copy["format"] = node["format"]
        values = node.get("enum")
        if isinstance(values, list) and values:
            if len(values) <= MOST_VALUES and all(map(_is_value, values)):
                distinct = list({repr(value): value for value in values}.values())
                if "null" in _type_names(copy.get("type")) and None not in distinct:
                    distinct.append(None)
                copy["enum"] = distinct
            else:
                self._notes.add("an enum was left out: it is too long or holds more than plain values")
        if "const" in node and _is_value(node["const"]):
            copy["const"] = node["const"]
        if "default" in node and _is_value(node["default"]) and node["default"] is not None:
            copy["default"] = node["default"]


def _types(node: Node) -> list[str]:
    """The JSON types a schema allows, in our order; none where it does not say."""
    said = _type_names(node.get("type"))
    if node.get("nullable") is True and said:
        said = [*said, "null"]
    return [name for name in TYPES if name in said]


def _type_names(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _is_value(value: Any) -> bool:
    if isinstance(value, str):
        short = len(value) <= LONGEST_VALUE and value.isprintable() and clean(value) == value
        return short and (value == "" or VALUE.fullmatch(value) is not None)
    return value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and isfinite(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value) and abs(value) < 2**63


def _put_ranges(node: Node, copy: Node) -> None:
    for key in NUMBERS:
        if _is_number(node.get(key)) and (key != "multipleOf" or node[key] > 0):
            copy[key] = node[key]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if node.get(exclusive) is True and bound in copy:  # as OpenAPI 3.0 and Swagger write it
            copy[exclusive] = copy.pop(bound)
    for key in COUNTS:
        value = node.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
            copy[key] = value


def _join(into: Node, part: Node) -> None:
    """One branch of an allOf beside the rest: fields and needs add up, of anything else the first word stands."""
    for key, value in part.items():
        if key == "properties" and "properties" in into:
            into[key] = {**value, **into[key]}
        elif key == "required" and "required" in into:
            into[key] = list(dict.fromkeys([*into[key], *value]))
        else:
            into.setdefault(key, value)


def _possible(copy: Node) -> Node:
    """The same without ranges that nothing can meet."""
    for low, high in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")):
        if low in copy and high in copy and copy[low] > copy[high]:
            del copy[low], copy[high]
    return copy
