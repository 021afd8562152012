"""A cohort's definition -> the query of its people's ids in the project's warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from audience_mcp.sandbox.posthog.behaviors import Behavior
from audience_mcp.sandbox.posthog.conditions import Condition, joined
from audience_mcp.sandbox.posthog.grammar import Group, Leaf, parse
from audience_mcp.sandbox.posthog.hogql import HogQLProblem, described, translate
from audience_mcp.sandbox.posthog.properties import compared, condition

METADATA = {"created_at": "persons.created_at", "last_seen_at": "persons.last_seen_at"}
ID_COLUMNS = ("person_id", "actor_id", "id")


@dataclass(frozen=True, slots=True)
class Definitions:
    """Turns definitions into queries; `connection` reads HogQL, `now` is the end of every relative period."""

    connection: duckdb.DuckDBPyConnection
    now: datetime

    def of_filters(self, filters: Mapping[str, Any]) -> Condition:
        """The ids of those who meet `filters`.

        Raises:
            ValueError: Something in them cannot be calculated.
        """
        where = self._tree(parse(filters))
        return Condition(f"SELECT id FROM persons WHERE {where.sql}", where.values)

    def of_query(self, query: Any) -> Condition:
        """The ids that a HogQLQuery or an ActorsQuery answers.

        Raises:
            ValueError: It is neither, has no column of person ids, or cannot be calculated.
        """
        if not isinstance(query, Mapping):
            raise ValueError("a query must be an object")
        if query.get("kind") == "HogQLQuery":
            return Condition(f"SELECT id FROM persons WHERE id::VARCHAR IN ({self._ids(str(query.get('query', '')))})")
        if query.get("kind") != "ActorsQuery":
            raise ValueError("query.kind must be ActorsQuery or HogQLQuery")
        parts = [self.of_properties(query.get("properties")), self.of_properties(query.get("fixedProperties"))]
        if source := query.get("source"):
            within = self.of_query(source)
            parts.append(Condition(f"id IN ({within.sql})", within.values))
        if query.get("search"):
            parts.append(search(str(query["search"])))
        where = joined(parts, "AND")
        return Condition(f"SELECT id FROM persons WHERE {where.sql}", where.values)

    def of_properties(self, given: Any) -> Condition:
        """The condition a list of property filters, or a group of them, puts on persons.

        Raises:
            ValueError: A filter in it is not about persons.
        """
        if isinstance(given, Mapping):
            parts = [self.of_properties(value) for value in given.get("values", [])]
            return joined(parts, "OR" if given.get("type") == "OR" else "AND")
        return joined([self._property(item) for item in given or []], "AND")

    def _property(self, given: Any) -> Condition:
        if not isinstance(given, Mapping) or not ("values" in given or "key" in given):
            raise ValueError("a property filter must be an object with a key")
        if "values" in given:
            return self.of_properties(given)
        kind = given.get("type") or "person"
        if kind == "cohort":
            negation = given.get("negation") or given.get("operator") == "not_in"
            return self._leaf(Leaf({**given, "value": int(str(given.get("value"))), "negation": negation}))
        if kind not in ("person", "person_metadata"):
            raise ValueError(f"a property filter of type {kind!r} cannot be used on persons")
        return self._leaf(Leaf({**given, "type": kind}))

    def _ids(self, query: str) -> str:
        translated = translate(self.connection, query)
        columns = [name for name, _ in described(self.connection, translated)]
        for name in ID_COLUMNS:
            if name in columns:
                return f"SELECT {name}::VARCHAR FROM ({translated.sql})"
        raise HogQLProblem("the query must answer a column person_id, actor_id or id")

    def of_events(self, expression: str) -> str:
        """The query of the uuids of those events of which a HogQL expression is true.

        Raises:
            HogQLProblem: It is not one.
        """
        return translate(self.connection, f"SELECT uuid FROM events WHERE {expression}").sql

    def _tree(self, node: Group | Leaf) -> Condition:
        if isinstance(node, Leaf):
            return self._leaf(node)
        return joined([self._tree(member) for member in node.members], node.operator)

    def _leaf(self, leaf: Leaf) -> Condition:
        given = leaf.given
        if leaf.kind == "behavioral":
            found = Behavior(given, self.now, self.of_events).condition()
        elif leaf.kind == "cohort":
            inside = "persons.id IN (SELECT person_id FROM cohort_people WHERE cohort_id = ?)"
            found = Condition(inside, (int(given["value"]),))
        elif leaf.kind == "person_metadata":
            if given["key"] not in METADATA:
                raise ValueError(f"persons have no column {given['key']!r}")
            found = compared(Condition(f"{METADATA[given['key']]}::VARCHAR"), given, self.now)
        else:
            found = condition("persons.properties", given, self.now)
        return found.unless(given.get("negation"))


def search(text: str) -> Condition:
    """Persons whose email or name holds `text`, or one of whose distinct ids it is."""
    return Condition(
        "(contains(lower(prop(properties, 'email')), lower(?)) OR contains(lower(name), lower(?))"
        " OR list_contains(distinct_ids, ?))",
        (text, text, text),
    )
