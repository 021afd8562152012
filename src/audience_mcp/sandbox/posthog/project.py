"""One PostHog project: its cohorts, their change log, and the warehouse they are calculated in."""

from __future__ import annotations

import threading
from datetime import UTC, timedelta
from typing import Any

import duckdb

from audience_mcp.sandbox.core import Refusal, SandboxState
from audience_mcp.sandbox.posthog import access, calculation, seeds
from audience_mcp.sandbox.posthog.cohort import Cohort
from audience_mcp.sandbox.posthog.grammar import cohort_type, parse, stored
from audience_mcp.sandbox.posthog.membership import Definitions
from audience_mcp.sandbox.posthog.warehouse import Warehouse
from audience_mcp.sandbox.world import Workspace

LAST_RUN = timedelta(hours=30)  # before the end of the world's last day: never in the reader's future
SEED_TIME = timedelta(seconds=2)


class Project:
    """Mutable state of one project; `lock` is held by whoever reads or changes cohorts."""

    def __init__(self, state: SandboxState, workspace: Workspace) -> None:
        self.state = state
        self.workspace = workspace
        self.world = state.world
        self.warehouse = Warehouse(state.world, workspace.key)
        self.lock = threading.RLock()
        self.activity: list[dict[str, Any]] = []
        self.user = access.user(state.world)
        self._cohorts: dict[int, Cohort] = {}
        first_id = workspace.posthog_project * 100 + 1
        self._seeds = tuple(enumerate(seeds.of(workspace.key, first_id), first_id))
        self._next_id = first_id + len(self._seeds)  # the saved ones have theirs before anybody looks at them

    def cohorts(self) -> dict[int, Cohort]:
        """All cohorts by id, deleted ones too; the first call finds the people of the saved ones."""
        with self.lock:
            waiting, self._seeds = self._seeds, ()
            for number, seed in waiting:
                self._seed(number, seed)
        return self._cohorts

    def cohort(self, number: int) -> Cohort:
        """The cohort with this id.

        Raises:
            Refusal: There is none.
        """
        cohort = self.cohorts().get(number)
        if cohort is None:
            raise Refusal(404, "Not found.", code="not_found")
        return cohort

    def definitions(self, connection: duckdb.DuckDBPyConnection) -> Definitions:
        """The reader of definitions of people; they may refer to saved cohorts, so those are there by then."""
        self.cohorts()
        return Definitions(connection, self.world.now)

    def add(self, cohort: Cohort) -> Cohort:
        """Keep a new cohort and start finding its people."""
        self.cohorts()[cohort.id] = cohort
        self._next_id = cohort.id + 1
        self.log(cohort, "created")
        self.recalculate(cohort)
        return cohort

    def new(self) -> Cohort:
        """An empty cohort with the next id, not kept yet."""
        return Cohort(self._next_id, self.user, self.state.clock.moment())

    def recalculate(self, cohort: Cohort) -> None:
        """Start finding the cohort's people anew."""
        calculation.begin(cohort, self.state.clock.moment())

    def look(self, cohort: Cohort) -> Cohort:
        """The cohort as one who polls it finds it; a calculation that had its time is finished first."""
        moment = self.state.clock.moment()
        if calculation.is_due(cohort, moment):
            calculation.finish(cohort, self.warehouse, self.world.now, moment)
        cohort.polls += 1
        return cohort

    def define(self, cohort: Cohort, fields: dict[str, Any]) -> None:
        """Put a definition into the cohort: `filters` that were checked before, or a `query`."""
        if "filters" in fields:
            cohort.filters = stored(fields["filters"])
        if "query" in fields:
            cohort.query = fields["query"]
        cohort.cohort_type = self.type_of(cohort)

    def type_of(self, cohort: Cohort) -> str:
        """static, person_property, behavioral or analytical, by what the cohort is made of."""
        if cohort.is_static:
            return "static"
        if cohort.query or not cohort.filters:
            return "analytical"
        return cohort_type(parse(cohort.filters), lambda number: self.cohort(number).cohort_type or "person_property")

    def log(self, cohort: Cohort, activity: str, changes: list[dict[str, Any]] | None = None) -> None:
        """Write a line of the change log."""
        moment = self.state.clock.moment() if activity != "created" else cohort.created_at
        detail = {
            "id": None,
            "name": cohort.name,
            "short_id": None,
            "type": None,
            "changes": changes,
            "merge": None,
            "trigger": None,
        }
        entry = {
            "id": self.world.identifier("posthog", "activity", self.workspace.key, len(self.activity)),
            "user": {"first_name": self.user["first_name"], "email": self.user["email"]},
            "activity": activity,
            "scope": "Cohort",
            "item_id": str(cohort.id),
            "detail": detail,
            "created_at": moment,
        }
        self.activity.insert(0, entry)

    def _seed(self, number: int, seed: seeds.Seed) -> None:
        made = (self.world.now - timedelta(days=seed.age_days)).replace(microsecond=0, tzinfo=UTC)
        cohort = Cohort(number, self.user, made)
        cohort.name, cohort.description, cohort.is_static = seed.name, seed.description, seed.is_static
        cohort.feature_flags = list(seed.feature_flags)
        cohort.experiment_set = list(seed.experiments)
        self._cohorts[cohort.id] = cohort
        self.define(cohort, {"filters": seed.filters, "query": seed.query})
        self.log(cohort, "created")
        last_night = (self.world.now - LAST_RUN).replace(microsecond=0, tzinfo=UTC)
        moment = cohort.created_at if cohort.is_static else last_night
        calculation.begin(cohort, moment)
        calculation.finish(cohort, self.warehouse, self.world.now, moment + SEED_TIME)
