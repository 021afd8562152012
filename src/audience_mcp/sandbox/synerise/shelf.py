"""The saved analyses and directories of one workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from audience_mcp.sandbox.core import Refusal, SandboxState
from audience_mcp.sandbox.synerise.accounts import ANALYST
from audience_mcp.sandbox.synerise.keys import has_keys
from audience_mcp.sandbox.synerise.seeds import DIRECTORIES, Seed, seeds
from audience_mcp.sandbox.world import Workspace

TYPES = (
    "EXPRESSION", "AGGREGATE", "SEGMENTATION", "METRIC", "FUNNEL", "SANKEY", "TREND", "HISTOGRAM", "REPORT",
    "ANALYTICS_QUERY", "ANALYTICS_DASHBOARD",
)  # fmt: skip
_TICK = timedelta(milliseconds=1)


@dataclass
class Directory:
    """Where analyses of one type are kept; each type has a default one that cannot be deleted."""

    id: str
    name: str
    analytic_type: str
    is_default: bool
    created: datetime
    updated: datetime


@dataclass
class Saved:
    """One saved analysis. `settings` are the fields of the write body beside `analysis`, `number` an old-style id."""

    id: str
    kind: str
    number: int
    definition: Mapping[str, Any]
    directory: str
    author: int
    modifier: int
    created: datetime
    updated: datetime
    version: UUID
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Its name, which is part of the definition."""
        return str(self.definition.get("title", ""))


class Shelf:
    """Keeps what was saved in a workspace, and gives ids and times to what is new."""

    def __init__(self, state: SandboxState, workspace: Workspace) -> None:
        self.workspace = workspace
        self.analyses: dict[str, Saved] = {}
        self.directories: dict[str, Directory] = {}
        self._state = state
        self._made = 0
        opened = state.world.since
        for kind in TYPES:
            self._keep_directory(self._identifier("directory", kind), "Default", kind, True, opened)
        for kind, name in DIRECTORIES:
            self._keep_directory(self._identifier("directory", kind, name), name, kind, False, opened)
        for number, seed in enumerate(seeds(state.world, workspace)):
            self._keep_seed(number, seed)

    def find(self, kind: str, identifier: str) -> Saved:
        """The analysis of that kind and id.

        Raises:
            Refusal: 404 when there is none.
        """
        saved = self.analyses.get(identifier.lower())
        if saved is None or saved.kind != kind:
            raise Refusal(404, f"{kind.capitalize()} {identifier} not found")
        return saved

    def definition(self, kind: str, identifier: str) -> Mapping[str, Any]:
        """The definition that another definition refers to.

        Raises:
            Refusal: 400 when there is none, since the referring definition is at fault.
        """
        try:
            return self.find(kind, identifier).definition
        except Refusal as error:
            raise Refusal(400, error.message) from None

    def add(self, kind: str, definition: Mapping[str, Any], settings: dict[str, Any], actor: int) -> Saved:
        """Save a new analysis in its type's default directory."""
        now = self._now()
        identifier = self._next_id()
        directory = self.default_directory(kind.upper()).id
        number = 5000 + self._made
        saved = Saved(
            identifier, kind, number, definition, directory, actor, actor, now, now, self._version(identifier), settings
        )
        self.analyses[identifier] = saved
        return saved

    def replace(self, saved: Saved, definition: Mapping[str, Any], settings: dict[str, Any], actor: int) -> None:
        """Give a saved analysis a new definition."""
        saved.definition = definition
        saved.settings |= settings
        self.touch(saved, actor)

    def touch(self, saved: Saved, actor: int) -> None:
        """Mark a saved analysis as changed now; its time moves on even when the clock did not."""
        saved.modifier = actor
        saved.updated = max(self._now(), saved.updated + _TICK)
        saved.version = self._version(saved.id)

    def add_directory(self, name: str, analytic_type: str) -> Directory:
        """Open a directory."""
        return self._keep_directory(self._next_id(), name, analytic_type, False, self._now())

    def find_directory(self, identifier: str) -> Directory:
        """The directory of that id.

        Raises:
            Refusal: 404 when there is none.
        """
        directory = self.directories.get(identifier.lower())
        if directory is None:
            raise Refusal(404, f"Directory {identifier} not found")
        return directory

    def default_directory(self, analytic_type: str) -> Directory:
        """The directory that new analyses of a type go to."""
        return self.directories[self._identifier("directory", analytic_type)]

    def summary(self, saved: Saved) -> dict[str, Any]:
        """An item of a list: the documented wrapper without the definition."""
        wrapper: dict[str, Any] = {
            "id": saved.id,
            "businessProfileId": self.workspace.synerise_id,
            "name": saved.title,
            "description": str(saved.definition.get("description", "")),
            "author": saved.author,
            "modifier": saved.modifier,
            "updatedAt": saved.updated,
            "createdAt": saved.created,
            "isPredefinedAnalytic": False,
            "isDynamicAnalytic": has_keys(saved.definition),
            "isDeleted": False,
            "namespace": "profiles",
            "directoryId": saved.directory,
        }
        if saved.kind == "aggregate":
            wrapper |= {
                "oldId": saved.number,
                "isVisibleForClientProfile": saved.settings.get("isVisibleForClientProfile", False),
                "aggregateType": saved.definition.get("type", "AGGREGATE"),
                "previewDefaultObjectId": saved.settings.get("previewDefaultObjectId"),
            }
        elif saved.kind == "expression":
            wrapper["analyticVersion"] = saved.version
        elif saved.kind == "report":
            wrapper["allowNull"] = saved.settings.get("allowNull", True)
        return wrapper

    def details(self, saved: Saved) -> dict[str, Any]:
        """The documented wrapper with the definition."""
        return {"analysis": saved.definition, **self.summary(saved)}

    def _keep_seed(self, number: int, seed: Seed) -> None:
        identifier = self._identifier(seed.kind, seed.definition["title"])
        name = self._identifier("directory", seed.kind.upper(), *([seed.directory] if seed.directory else []))
        created = self._state.world.since + timedelta(days=number * 3, hours=9)
        updated = created + timedelta(days=number, minutes=7 * number)
        self.analyses[identifier] = Saved(
            identifier, seed.kind, 1000 + number, seed.definition, name, ANALYST.id, ANALYST.id, created, updated,
            self._version(identifier), dict(seed.settings),
        )  # fmt: skip

    def _keep_directory(self, identifier: str, name: str, kind: str, is_default: bool, now: datetime) -> Directory:
        directory = Directory(identifier, name, kind, is_default, now, now)
        self.directories[identifier] = directory
        return directory

    def _identifier(self, *parts: object) -> str:
        return str(self._state.world.identifier("synerise", self.workspace.key, *parts))

    def _next_id(self) -> str:
        self._made += 1
        return self._identifier("made", self._made)

    def _version(self, identifier: str) -> UUID:
        self._made += 1
        return self._state.world.identifier("version", identifier, self._made)

    def _now(self) -> datetime:
        return self._state.clock.moment().replace(tzinfo=None)
