"""Events and the conditions on them and on people -> words: `did "Purchase" at least 3 times and country is "PL"`."""

from __future__ import annotations

from typing import Any

from audience_mcp.results.definitions.dates import length
from audience_mcp.results.definitions.reader import Reader, Unclear, a_list, a_text, an_object, literal, one_of

Json = Any

_LOGIC = {
    "EQUAL": "is",
    "NOT_EQUAL": "is not",
    "CONTAIN": "contains",
    "NOT_CONTAIN": "does not contain",
    "STARTS_WITH": "starts with",
    "ENDS_WITH": "ends with",
    "REGEXP": "matches",
    "IN": "is",
    "NOT_IN": "is not",
    "LESS": "is under",
    "MORE": "is over",
    "LESS_OR_EQUAL": "is at most",
    "MORE_OR_EQUAL": "is at least",
}
_FLAGS = {"IS_TRUE": "is true", "IS_FALSE": "is false"}
_TIMES = {"EQUAL": "exactly", "LESS": "under", "MORE": "over", "LESS_OR_EQUAL": "at most", "MORE_OR_EQUAL": "at least"}
_DID = {"PERFORMED": "did", "NOT_PERFORMED": "did not do"}


def event(value: Json, path: str, reader: Reader) -> str:
    """An event by its title, with the conditions it has to meet.

    Raises:
        Unclear: It is no such object.
    """
    part = an_object(value)
    reader.check(part, path, "name", "title", "conditions")
    words = a_text(part.get("title") or part.get("name"))
    conditions = part.get("conditions")
    if not conditions:
        return words
    told = reader.parts(a_list(conditions), f"{path}.conditions", lambda one, at: _compared(one, at, reader), " and ")
    return f"{words} where {told}"


def people(value: Json, path: str, reader: Reader) -> str:
    """Who a filter lets through; nothing where it lets through everybody.

    Raises:
        Unclear: It is no such object.
    """
    part = an_object(value)
    if not part:
        return ""
    reader.check(part, path, "matching", "conditions")
    joint = one_of(part.get("matching", "ALL"), {"ALL": " and ", "ANY": " or "})
    conditions = a_list(part.get("conditions"))
    return reader.parts(conditions, f"{path}.conditions", lambda one, at: _person(one, at, reader), joint)


def value_of(value: Json, path: str, reader: Reader) -> str:
    """A value to compare with, which may be a dynamic key with its default.

    Raises:
        Unclear: It is neither.
    """
    if not isinstance(value, dict):
        return literal(value)
    reader.check(value, path, "variable", "default")
    return f"{literal(value.get('default'))} (dynamic key {a_text(value.get('variable'))})"


def _compared(value: Json, path: str, reader: Reader) -> str:
    part = an_object(value)
    reader.check(part, path, "attribute", "logic", "value")
    attribute = a_text(part.get("attribute"))
    if part.get("logic") in _FLAGS:
        return f"{attribute} {_FLAGS[part['logic']]}"
    return f"{attribute} {one_of(part.get('logic'), _LOGIC)} {value_of(part.get('value'), f'{path}.value', reader)}"


def _person(value: Json, path: str, reader: Reader) -> str:
    part = an_object(value)
    did = one_of(part.get("logic", "PERFORMED"), _DID) if "event" in part or "funnel" in part else ""
    if "event" in part:
        reader.check(part, path, "event", "logic", "count")
        return f"{did} {event(part['event'], f'{path}.event', reader)}{_times(part.get('count'), path, reader)}"
    if "funnel" in part:
        reader.check(part, path, "funnel", "logic")
        return f"{did} {steps(part['funnel'], f'{path}.funnel', reader)}"
    return _compared(part, path, reader)


def steps(value: Json, path: str, reader: Reader) -> str:
    """Steps in order, and the time they may take.

    Raises:
        Unclear: There are none, or one is no event.
    """
    part = an_object(value)
    every = a_list(part.get("steps"))
    told = reader.parts(every, f"{path}.steps" if path else "steps", lambda one, at: event(one, at, reader), " > ")
    within = part.get("completedWithin")
    return f"{told}{f' within {length(within)}' if within else ''}"


def _times(value: Json, path: str, reader: Reader) -> str:
    if value is None:
        return ""
    part = an_object(value)
    reader.check(part, f"{path}.count", "logic", "value")
    number = part.get("value")
    if isinstance(number, bool) or not isinstance(number, int):
        raise Unclear
    return f" {one_of(part.get('logic'), _TIMES)} {number} {'time' if number == 1 else 'times'}"
