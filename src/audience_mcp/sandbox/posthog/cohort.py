"""A saved cohort, and how PostHog shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Cohort:
    """One cohort of a project; `polls` counts how often it was looked at since its calculation began."""

    id: int
    created_by: dict[str, Any]
    created_at: datetime
    name: str | None = None
    description: str = ""
    groups: list[Any] = field(default_factory=list)
    filters: dict[str, Any] | None = None
    query: dict[str, Any] | None = None
    is_static: bool = False
    deleted: bool = False
    cohort_type: str | None = None
    person_ids: list[str] = field(default_factory=list)
    experiment_set: list[int] = field(default_factory=list)
    feature_flags: list[str] = field(default_factory=list)
    is_calculating: bool = False
    calculation_started: datetime | None = None
    polls: int = 0
    count: int | None = None
    last_calculation: datetime | None = None
    errors_calculating: int = 0
    last_error_message: str | None = None
    version: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    def shown(self, basic: bool = False) -> dict[str, Any]:
        """The cohort object; `basic` leaves its definition out."""
        everything = {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "groups": self.groups,
            "deleted": self.deleted,
            "filters": self.filters,
            "query": self.query,
            "version": self.version or None,
            "pending_version": self.version + 1 if self.is_calculating else self.version or None,
            "is_calculating": self.is_calculating,
            "created_by": self.created_by,
            "created_at": self.created_at,
            "last_calculation": self.last_calculation,
            "errors_calculating": self.errors_calculating,
            "last_error_message": self.last_error_message,
            "last_backfill_person_properties_at": None,
            "count": self.count,
            "is_static": self.is_static,
            "cohort_type": self.cohort_type,
            "experiment_set": self.experiment_set,
        }
        hidden = ("filters", "query", "groups") if basic else ()
        return {key: value for key, value in everything.items() if key not in hidden}
