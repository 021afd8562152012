"""A behavioral filter -> the SQL condition "this person is among those who did that"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audience_mcp.sandbox.posthog.conditions import Condition, joined
from audience_mcp.sandbox.posthog.dates import back, read
from audience_mcp.sandbox.posthog.properties import condition

COUNTS = {"exact": "=", "eq": "=", "gte": ">=", "lte": "<=", "gt": ">", "lt": "<"}
# The project's saved actions: id -> name and what counts as one.
ACTIONS: dict[int, tuple[str, Condition]] = {
    1: ("Order placed", Condition("event = 'transaction.charge'")),
    2: ("Big order", Condition("event = 'transaction.charge' AND numeric_prop(properties, 'amount') >= 100")),
    3: ("Came from a newsletter", Condition("starts_with(prop(properties, 'utm_campaign'), 'newsletter-')")),
}
HogQL = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Behavior:
    """One behavioral filter, read against `now`; `hogql` turns an expression on events into a query of their uuids."""

    given: Mapping[str, Any]
    now: datetime
    hogql: HogQL

    def condition(self) -> Condition:
        """The condition on `persons.id`.

        Raises:
            ValueError: An event, date, operator or expression in it cannot be used.
        """
        query: Condition = getattr(self, f"_{self.given['value']}")()
        return Condition(f"persons.id IN ({query.sql})", query.values)

    def _performed_event(self) -> Condition:
        return self._people(self._within(*self._window()))

    def _performed_event_multiple(self) -> Condition:
        return self._people(
            self._within(*self._window()), f"count(*) {self._operator()} ?", self._number("operator_value")
        )

    def _performed_event_first_time(self) -> Condition:
        return self._people(Condition("TRUE"), "min(timestamp) > ?", self._ago("time"))

    def _performed_event_sequence(self) -> Condition:
        first = self._people(self._within(*self._window()), columns="person_id, timestamp")
        then = self._people(Condition("TRUE"), columns="person_id, timestamp", prefix="seq_")
        seconds = (self.now - self._ago("seq_time")).total_seconds()
        return Condition(
            f"SELECT a.person_id FROM ({first.sql}) AS a JOIN ({then.sql}) AS b ON a.person_id = b.person_id"
            " AND b.timestamp > a.timestamp AND b.timestamp <= a.timestamp + to_seconds(?)",
            (*first.values, *then.values, seconds),
        )

    def _performed_event_regularly(self) -> Condition:
        length, unit = self._number("time_value"), str(self.given["time_interval"])
        periods = [
            self._people(
                self._within(back(self.now, length * (n + 1), unit), back(self.now, length * n, unit)),
                f"count(*) {self._operator()} ?",
                self._number("operator_value"),
            )
            for n in range(self._number("total_periods"))
        ]
        union = " UNION ALL ".join(period.sql for period in periods)
        values = tuple(value for period in periods for value in period.values)
        return Condition(
            f"SELECT person_id FROM ({union}) GROUP BY person_id HAVING count(*) >= ?",
            (*values, self._number("min_periods")),
        )

    def _stopped_performing_event(self) -> Condition:
        before = self._people(self._within(self._ago("time"), self._ago("seq_time")))
        since = self._people(self._within(self._ago("seq_time"), self.now))
        return Condition(f"{before.sql} EXCEPT {since.sql}", (*before.values, *since.values))

    def _restarted_performing_event(self) -> Condition:
        since = self._people(self._within(self._ago("seq_time"), self.now))
        once = self._people(Condition("timestamp <= ?", (self._ago("time"),)))
        pause = self._people(self._within(self._ago("time"), self._ago("seq_time")))
        values = (*since.values, *once.values, *pause.values)
        return Condition(f"(({since.sql}) INTERSECT ({once.sql})) EXCEPT ({pause.sql})", values)

    def _people(
        self, when: Condition, having: str = "", *counted: Any, columns: str = "person_id", prefix: str = ""
    ) -> Condition:
        """Who did the event at that time, as a query."""
        where = joined([self._event(prefix), when, *self._event_filters()], "AND")
        group = f" GROUP BY person_id HAVING {having}" if having else ""
        return Condition(f"SELECT {columns} FROM events WHERE {where.sql}{group}", (*where.values, *counted))

    def _event(self, prefix: str) -> Condition:
        names = ("seq_event", "seq_event_type") if prefix else ("key", "event_type")
        key, kind = (self.given[name] for name in names)
        if kind != "actions":
            return Condition("event = ?", (str(key),))
        if not str(key).isdecimal() or int(key) not in ACTIONS:
            raise ValueError(f"there is no action {key}")
        return ACTIONS[int(key)][1]

    def _event_filters(self) -> list[Condition]:
        conditions = []
        for given in self.given.get("event_filters") or []:
            if given.get("type") == "element":
                raise ValueError("element filters are not supported in cohorts")
            if given.get("type") == "hogql":
                conditions.append(Condition(f"uuid IN ({self.hogql(str(given['key']))})"))
            else:
                conditions.append(condition("properties", given, self.now))
        return conditions

    def _window(self) -> tuple[datetime, datetime]:
        until = self.given.get("explicit_datetime_to")
        end = read(until, self.now) if until else self.now
        if self.given.get("explicit_datetime"):
            return read(self.given["explicit_datetime"], self.now), end
        return self._ago("time"), end

    @staticmethod
    def _within(start: datetime, end: datetime) -> Condition:
        return Condition("timestamp > ? AND timestamp <= ?", (start, end))

    def _ago(self, name: str) -> datetime:
        return back(self.now, self._number(f"{name}_value"), str(self.given[f"{name}_interval"]))

    def _number(self, name: str) -> int:
        return int(self.given[name])

    def _operator(self) -> str:
        operator = str(self.given.get("operator") or "exact")
        if operator not in COUNTS:
            raise ValueError(f"operator {operator!r} does not count")
        return COUNTS[operator]
