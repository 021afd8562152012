"""The event or action a request is about, its period and its filters -> the condition on `events` they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audience_mcp.sandbox.core import Call
from audience_mcp.sandbox.posthog.behaviors import ACTIONS
from audience_mcp.sandbox.posthog.conditions import Condition, joined
from audience_mcp.sandbox.posthog.dates import period
from audience_mcp.sandbox.posthog.membership import Definitions
from audience_mcp.sandbox.posthog.properties import condition
from audience_mcp.sandbox.posthog.service import invalid

ABOUT_PERSONS = ("person", "cohort", "person_metadata")
SAMPLES = 1_000_000
# The older names of these parameters, which are still read.
OLD_NAMES = {"entity_id": "entityId", "entity_type": "type"}


@dataclass(frozen=True, slots=True)
class Entity:
    """An event name or an action's number, how it is counted, and filters of its own."""

    id: str
    kind: str
    math: str
    properties: tuple[Any, ...] = ()

    def condition(self) -> Condition:
        """What makes an event one of it.

        Raises:
            ValueError: There is no such action.
        """
        if self.kind != "actions":
            return Condition("event = ?", (self.id,))
        if not self.id.isdecimal() or int(self.id) not in ACTIONS:
            raise ValueError(f"there is no action {self.id}")
        return ACTIONS[int(self.id)][1]


def entity(call: Call) -> Entity:
    """The entity `entity_id` and `entity_type` name, or else the first of `events` and `actions`.

    Raises:
        Refusal: There is none.
    """
    number, kind = (_spelled(call, name) for name in OLD_NAMES)
    listed = [*(call.query.get("events") or []), *(call.query.get("actions") or [])]
    given: Mapping[str, Any] = next((one for one in listed if number in (None, str(one["id"]))), {})
    if number is None and not given:
        raise invalid(None, "An event or action is needed: entity_id and entity_type, events or actions.")
    return Entity(
        str(number if number is not None else given["id"]),
        str(kind or given.get("type") or "events"),
        str(call.query.get("entity_math") or given.get("math") or "total"),
        tuple(given.get("properties") or ()),
    )


def within(call: Call, now: datetime) -> tuple[datetime, datetime]:
    """The first and last moment that `date_from` and `date_to` name.

    Raises:
        Refusal: They are no dates.
    """
    try:
        return period(str(call.query.get("date_from") or "-7d"), call.query.get("date_to"), now)
    except (ValueError, OverflowError) as problem:
        raise invalid("date_from", str(problem)) from None


def kept(call: Call, one: Entity, definitions: Definitions) -> Condition:
    """The events of `one` that the request's filters and sample let through, at any time.

    Raises:
        ValueError: A filter cannot be used on events.
    """
    filters = [*one.properties, *(call.query.get("properties") or [])]
    parts = [one.condition(), *_filters(filters, definitions)]
    share = call.query.get("sampling_factor")
    if share is not None:
        parts.append(Condition(f"hash(person_id) % {SAMPLES} < ?", (share * SAMPLES,)))
    return joined(parts, "AND")


def _filters(filters: Iterable[Mapping[str, Any]], definitions: Definitions) -> Iterable[Condition]:
    for given in filters:
        kind = given.get("type") or "event"
        if kind == "event":
            yield condition("properties", given, definitions.now)
        elif kind == "hogql":
            yield Condition(f"uuid IN ({definitions.of_events(str(given['key']))})")
        elif kind in ABOUT_PERSONS:
            about = definitions.of_properties([given])
            yield Condition(f"person_id IN (SELECT id FROM persons WHERE {about.sql})", about.values)
        else:
            raise ValueError(f"a property filter of type {kind!r} cannot be used on events")


def _spelled(call: Call, name: str) -> str | None:
    given = call.query.get(name, call.query.get(OLD_NAMES[name]))
    return None if given is None else str(given)
