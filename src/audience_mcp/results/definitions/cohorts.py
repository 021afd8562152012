"""The filters or the query of a cohort -> words: `people who did "order" at least twice and whose "plan" is "pro"`."""

from __future__ import annotations

from typing import Any

from audience_mcp.results.definitions.reader import (
    Reader,
    Unclear,
    a_list,
    a_text,
    an_object,
    literal,
    one_of,
    span,
    text_or_number,
)
from audience_mcp.results.wording import named

Json = Any

_COMPILED = ("bytecode", "bytecode_error", "conditionHash")  # the server's own additions
_TIME = ("time_value", "time_interval")
_SEQUENCE = ("seq_time_value", "seq_time_interval")
_COMPARED = {
    "exact": "is",
    "is_not": "is not",
    "icontains": "contains",
    "not_icontains": "does not contain",
    "regex": "matches",
    "not_regex": "does not match",
    "gt": "is over",
    "lt": "is under",
    "gte": "is at least",
    "lte": "is at most",
    "in": "is",
    "not_in": "is not",
    "is_date_before": "is before",
    "is_date_after": "is after",
}
_VALUELESS = {"is_set": "is set", "is_not_set": "is not set"}
_TIMES = {"exact": "exactly", "gte": "at least", "lte": "at most", "gt": "over", "lt": "under", "eq": "exactly"}
_DEEPEST, _LONGEST_QUERY = 6, 240


def tell_filters(value: Json, reader: Reader) -> tuple[str, str]:
    """Filters in a few words and in all of them.

    Raises:
        Unclear: They are of no known form.
    """
    reader.check(value, "", "properties")
    tree = an_object(value.get("properties"))
    count = _leaves(tree)
    brief = f"people who meet {count} conditions" if count > 1 else "people who meet one condition"
    return brief, f"people {_group(tree, 'properties', reader)}"


def tell_query(value: Json, reader: Reader) -> tuple[str, str]:
    """A query that selects people, as it is written.

    Raises:
        Unclear: It is not written as text.
    """
    reader.check(value, "", "kind", "query")
    text = value.get("query")
    if value.get("kind") != "HogQLQuery" or not isinstance(text, str):
        raise Unclear
    return (
        "people that a query selects",
        f"people that a query selects: {named(' '.join(text.split()), _LONGEST_QUERY)}",
    )


def _leaves(value: Json, depth: int = 0) -> int:
    part = an_object(value)
    if part.get("type") not in ("AND", "OR"):
        return 1
    if depth > _DEEPEST:
        raise Unclear
    return sum(_leaves(one, depth + 1) for one in a_list(part.get("values"), 0))


def _group(value: Json, path: str, reader: Reader, *, inner: bool = False) -> str:
    """A condition or a group of them; one of several groups stands in brackets."""
    part = an_object(value)
    if part.get("type") not in ("AND", "OR"):
        return _condition(part, path, reader)
    reader.check(part, path, "type", "values")
    members = a_list(part.get("values"))
    several = len(members) > 1
    told = reader.parts(
        members,
        f"{path}.values",
        lambda one, at: _group(one, at, reader, inner=several or inner),
        f" {part['type'].lower()} ",
    )
    return f"({told})" if inner and several else told


def _condition(part: dict[str, Json], path: str, reader: Reader) -> str:
    negated = part.get("negation") is True
    if part.get("type") == "behavioral":
        return _behavior(part, path, reader, negated)
    if part.get("type") == "cohort":
        reader.check(part, path, "type", "key", "value", "negation", *_COMPILED)
        return f"{'not ' if negated else ''}in cohort {reader.known(text_or_number(part.get('value')))}"
    if part.get("type") not in ("person", "person_metadata"):
        raise Unclear
    reader.check(part, path, "type", "key", "operator", "value", "negation", *_COMPILED)
    key, operator = a_text(part.get("key")), part.get("operator", "exact")
    compared = _VALUELESS.get(operator) if isinstance(operator, str) else None
    if compared is None:
        compared = f"{one_of(operator, _COMPARED)} {literal(part.get('value'))}"
    words = f"whose {key} {compared}"
    return f"not those {words}" if negated else words


def _behavior(part: dict[str, Json], path: str, reader: Reader, negated: bool) -> str:
    key = text_or_number(part.get("key"))
    what = f"action {reader.known(key)}" if part.get("event_type") == "actions" else a_text(str(key))
    told, more = _done(part, what)
    reader.check(part, path, "type", "key", "value", "event_type", "negation", *_COMPILED, *more)
    if not negated:
        return f"who {told}"
    plain = part.get("value") in ("performed_event", "performed_event_multiple")
    return f"who did not do {told.removeprefix('did ')}" if plain else f"not those who {told}"


def _done(part: dict[str, Json], what: str) -> tuple[str, tuple[str, ...]]:
    """What someone did, and the fields that say so."""
    kind = part.get("value")
    if kind in ("performed_event", "performed_event_multiple"):
        count = f" {_times(part)}" if kind.endswith("multiple") else ""
        counted_by = ("operator", "operator_value") if count else ()
        window, fields = _window(part)
        return f"did {what}{count} {window}", (*counted_by, *fields)
    recent = span(part.get("time_value"), part.get("time_interval"))
    if kind == "performed_event_first_time":
        return f"did {what} for the first time in the last {recent}", _TIME
    if kind == "performed_event_regularly":
        periods = f"at least {literal(part.get('min_periods'))} of {literal(part.get('total_periods'))} periods"
        fields = (*_TIME, "operator", "operator_value", "min_periods", "total_periods")
        return f"did {what} {_times(part)} in {periods} of {recent}", fields
    then = span(part.get("seq_time_value"), part.get("seq_time_interval"))
    if kind == "performed_event_sequence":
        fields = (*_TIME, *_SEQUENCE, "seq_event", "seq_event_type")
        return f"did {what} in the last {recent} and then {literal(part.get('seq_event'))} within {then}", fields
    if kind == "stopped_performing_event":
        return f"did {what} in the last {recent}, but not in the last {then}", (*_TIME, *_SEQUENCE)
    if kind == "restarted_performing_event":
        return f"restarted doing {what} (time {recent}, sequence time {then})", (*_TIME, *_SEQUENCE)
    raise Unclear


def _times(part: dict[str, Json]) -> str:
    count = text_or_number(part.get("operator_value"))
    return f"{one_of(part.get('operator', 'gte'), _TIMES)} {literal(count)} times"


def _window(part: dict[str, Json]) -> tuple[str, tuple[str, ...]]:
    since, until = part.get("explicit_datetime"), part.get("explicit_datetime_to")
    if since:
        words = f"since {a_text(since)}{f' until {a_text(until)}' if until else ''}"
        return words, ("explicit_datetime", "explicit_datetime_to")
    return f"in the last {span(part.get('time_value'), part.get('time_interval'))}", _TIME
