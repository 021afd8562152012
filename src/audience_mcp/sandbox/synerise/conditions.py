"""Conditions, events and profile filters of a definition -> clauses of SQL (grammar: `definitions`).

In the SQL, `e` is a row of events and `p` a row of profiles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audience_mcp.sandbox.core import Refusal
from audience_mcp.sandbox.synerise.chains import completed
from audience_mcp.sandbox.synerise.clauses import ALWAYS, Clause, either, every, weave
from audience_mcp.sandbox.synerise.dates import read_interval, read_moment
from audience_mcp.sandbox.synerise.fields import Fields, is_number
from audience_mcp.sandbox.synerise.keys import DynamicKeys

EVENT_ATTRIBUTES = {
    "amount": "number",
    "category": "text",
    "product": "text",
    "page_url": "text",
    "campaign": "text",
    "device": "text",
}
PROFILE_ATTRIBUTES = {
    "email": "text",
    "custom_id": "text",
    "first_name": "text",
    "last_name": "text",
    "city": "text",
    "country": "text",
    "device": "text",
    "tier": "text",
    "newsletter": "flag",
    "birth_year": "number",
    "created_at": "date",
}
# The operators are those of the provider's portal, group by group.
_TEXT = {
    "EQUAL": "{} = ?",
    "NOT_EQUAL": "{} IS DISTINCT FROM ?",
    "CONTAIN": "contains({}, ?)",
    "NOT_CONTAIN": "NOT contains({}, ?)",
    "STARTS_WITH": "starts_with({}, ?)",
    "ENDS_WITH": "ends_with({}, ?)",
    "REGEXP": "regexp_matches({}, ?)",
    "IN": "list_contains(?::VARCHAR[], {})",
    "NOT_IN": "NOT list_contains(?::VARCHAR[], {})",
}
_ORDER = {"EQUAL": "{} = ?", "LESS": "{} < ?", "MORE": "{} > ?"}
_NUMBER = {**_ORDER, "LESS_OR_EQUAL": "{} <= ?", "MORE_OR_EQUAL": "{} >= ?"}
_FLAG = {"IS_TRUE": "{}", "IS_FALSE": "NOT {}"}
OPERATORS = {"text": _TEXT, "number": _NUMBER, "date": _ORDER, "flag": _FLAG}


@dataclass(frozen=True, slots=True)
class Event:
    """An event to look for: its name, how it is titled in answers, and the condition on `e`."""

    name: str
    title: str
    clause: Clause


def read_event(value: Any, where: str, keys: DynamicKeys) -> Event:
    """Read an event: `name`, optional `title` and `conditions` on its attributes.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(value, where)
    name = fields.text("name")
    title = fields.text("title", name)
    conditions = [
        read_condition(item, f"{where}.conditions[{number}]", "e", EVENT_ATTRIBUTES, keys)
        for number, item in enumerate(fields.several("conditions", []))
    ]
    fields.done()
    return Event(name, title, every([Clause("e.name = ?", (name,)), *conditions]))


def read_condition(value: Any, where: str, table: str, attributes: Mapping[str, str], keys: DynamicKeys) -> Clause:
    """Read one condition: `attribute`, `logic`, and a `value` unless the operator takes none.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(value, where)
    attribute = fields.choice("attribute", attributes)
    clause = _comparison(f"{table}.{attribute}", attributes[attribute], fields, keys)
    fields.done()
    return clause


def read_people(value: Any, where: str, keys: DynamicKeys, during: Clause = ALWAYS) -> Clause:
    """Read a profile filter into a condition on `p`; `{}` is always true. `during` bounds the events it counts.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(value, where)
    if not value:
        return ALWAYS
    matching = fields.choice("matching", ("ALL", "ANY"), "ALL")
    parts = [
        _person(item, f"{where}.conditions[{number}]", keys, during)
        for number, item in enumerate(fields.several("conditions", least=1))
    ]
    fields.done()
    return every(parts) if matching == "ALL" else either(parts)


def _person(value: Any, where: str, keys: DynamicKeys, during: Clause) -> Clause:
    if isinstance(value, Mapping) and "funnel" in value:
        return _through(value, where, keys, during)
    if not isinstance(value, Mapping) or "event" not in value:
        return read_condition(value, where, "p", PROFILE_ATTRIBUTES, keys)
    fields = Fields(value, where)
    event = read_event(fields.raw("event"), f"{where}.event", keys)
    performed = _performed(fields)
    count = fields.raw("count", None)
    fields.done()
    wanted = Clause("times > 0")
    if count is not None:
        counted = Fields(count, f"{where}.count")
        wanted = _comparison("times", "number", counted, keys)
        counted.done()
    times = weave(
        "(SELECT count(*) AS times FROM events e WHERE e.profile_id = p.profile_id AND {} AND {})", event.clause, during
    )
    return weave(f"{'' if performed else 'NOT '}(SELECT {{}} FROM {{}} AS counted)", wanted, times)


def _through(value: Mapping[str, Any], where: str, keys: DynamicKeys, during: Clause) -> Clause:
    """A profile that did (or did not do) all the steps of a funnel."""
    fields = Fields(value, where)
    funnel = Fields(fields.raw("funnel"), f"{where}.funnel")
    steps = [
        read_event(step, f"{funnel.where}.steps[{number}]", keys)
        for number, step in enumerate(funnel.several("steps", least=2, most=10))
    ]
    limit = funnel.raw("completedWithin", None)
    within = read_interval(limit, f"{funnel.where}.completedWithin", least=1) if limit is not None else None
    funnel.done()
    performed = _performed(fields)
    fields.done()
    through = completed([every([step.clause, during]) for step in steps], within)
    return weave(f"p.profile_id {'' if performed else 'NOT '}IN ({{}})", through)


def _performed(fields: Fields) -> bool:
    return fields.choice("logic", ("PERFORMED", "NOT_PERFORMED"), "PERFORMED") == "PERFORMED"


def _comparison(column: str, kind: str, fields: Fields, keys: DynamicKeys) -> Clause:
    logic = fields.choice("logic", OPERATORS[kind])
    template = OPERATORS[kind][logic].format(column)
    if kind == "flag":
        return Clause(f"coalesce({template}, FALSE)")
    where = f"{fields.where}.value"
    value = keys.value(fields.raw("value"), where)
    wanted = "texts" if logic in ("IN", "NOT_IN") else kind
    return Clause(f"coalesce({template}, FALSE)", (_operand(value, wanted, where),))


def _operand(value: Any, kind: str, where: str) -> Any:
    if kind == "date":
        return read_moment(value, where)
    fits = {
        "text": isinstance(value, str),
        "texts": isinstance(value, list) and all(isinstance(item, str) for item in value),
        "number": is_number(value),
    }
    if not fits[kind]:
        raise Refusal(400, f"{where} must be {'an array of texts' if kind == 'texts' else f'a {kind}'}")
    return value
