"""One calculation: the workspace's data, its saved definitions, and what the request overrides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from audience_mcp.sandbox.core import Refusal
from audience_mcp.sandbox.synerise.clauses import ALWAYS, Clause, every, weave
from audience_mcp.sandbox.synerise.conditions import Event, read_people
from audience_mcp.sandbox.synerise.dates import Interval, Window, read_interval, read_window
from audience_mcp.sandbox.synerise.keys import DynamicKeys
from audience_mcp.sandbox.world import World

Definition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Calculation:
    """What a definition is read and computed with.

    `saved` gives the definition of another analysis by kind (`metric`) and id. `overrides` holds `dateFilter`,
    `aggregateDataBy` and `filter` as a request sent them: the first two take the place of the definition's own, a
    filter narrows it.
    """

    world: World
    workspace: str
    saved: Callable[[str, str], Definition]
    keys: DynamicKeys = field(default_factory=DynamicKeys)
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def window(self, written: Any) -> Window:
        """The span of time to compute over: the request's, else the definition's."""
        return read_window(self.overrides.get("dateFilter", written), self.world)

    def interval(self, written: Any) -> Interval | None:
        """The length of the periods: the request's, else the definition's; None for no grouping."""
        value = self.overrides.get("aggregateDataBy") or written
        return read_interval(value, least=1) if value else None

    def people(self, written: Any, window: Window) -> Clause:
        """The condition on profiles `p`: the definition's filter, narrowed by the request's."""
        during = window.clause()
        own = read_people(written, "analysis.filter", self.keys, during)
        return every([own, read_people(self.overrides.get("filter", {}), "filter", self.keys, during)])

    def occurrences(self, event: Event, window: Window, people: Clause = ALWAYS) -> Clause:
        """The condition on events `e`: this event, in this window, of these people, in this workspace."""
        parts = [Clause("e.workspace = ?", (self.workspace,)), event.clause, window.clause()]
        if people is not ALWAYS:
            mine = every([Clause("p.workspace = ?", (self.workspace,)), people])
            parts.append(weave("e.profile_id IN (SELECT p.profile_id FROM profiles p WHERE {})", mine))
        return every(parts)

    def rows(self, query: Clause) -> list[dict[str, Any]]:
        """The rows of a query.

        Raises:
            Refusal: 400 when the data refuses a value, such as a pattern that is no regular expression.
        """
        try:
            return self.world.rows(query.sql, query.parameters)
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException) as error:
            raise Refusal(400, str(error).splitlines()[0]) from None

    def metadata(self, title: str, window: Window, **more: Any) -> dict[str, Any]:
        """What an answer says about itself: title, span, zone, and the dynamic keys with their values."""
        return {
            "title": title,
            "dateFilter": window.described(),
            "timezone": "UTC",
            "variables": self.keys.listed(),
            **more,
        }
