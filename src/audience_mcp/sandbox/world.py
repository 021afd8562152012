"""A seed and a date -> the made-up retailer Meadow & Main: its people and 180 days of their events, in DuckDB.

Tables (timestamps are UTC; every table has the workspace's key in `workspace`):
    workspaces  one row per `Workspace`, under the same names
    profiles    workspace, profile_id, uuid, custom_id, email, first_name, last_name, city, country, device, tier,
                newsletter, birth_year, created_at, persona (0 to 4)
    events      workspace, event_id, profile_id, name, at, device, amount, category, product, page_url, campaign,
                session_id
The stories told in the events are listed in `docs/sandbox.md`; they are written in `sql/`.
`event_id` follows the order of time in a workspace. `at` is a reserved word of DuckDB 2: write `e."at"`.
Event names: page.visit, product.view, product.addToCart, transaction.charge, newsletter.open, app.session,
chat.contact.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, time, timedelta
from hashlib import md5
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

DAYS = 180
SCRIPTS = ("vocabulary", "profiles", "sessions", "events")


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace and what each platform calls it."""

    key: str
    name: str
    synerise_guid: UUID
    synerise_id: int
    posthog_project: int
    posthog_organization: UUID
    faraday_account: UUID
    giosg_organization: UUID
    timezone: str


@dataclass(frozen=True, slots=True)
class Change:
    """A profile as it was after it was made or changed at `moment`: the row of the table without its workspace."""

    workspace: str
    moment: datetime
    row: Mapping[str, Any]


class FileRefused(Exception):
    """The file asked for cannot hold this world: it cannot be opened, or holds something else."""


class World:
    """The retailer's data; nothing is computed before `connection` is first asked for.

    It is held in memory, or in the DuckDB file `file`: a new one, or one that this very world was written to before.

    `now` (naive, UTC) is the end of `today`: the sandbox's last day is always a whole one, so that relative periods
    do not depend on the hour of a run. `since` is the start of the first day with events. `changes` are the profiles
    that were written since (`customers`), in order.
    """

    def __init__(self, seed: int, today: date, profiles: int, events: int, file: Path | None = None) -> None:
        self.seed = seed
        self.today = today
        self.profiles = profiles
        self.events = events
        self.now = datetime.combine(today, time.max)
        self.since = datetime.combine(today - timedelta(days=DAYS - 1), time.min)
        self.workspaces = (
            self._workspace("main", "Meadow & Main", 481, 20481, "Europe/Warsaw"),
            self._workspace("outlet", "Meadow & Main Outlet", 482, 20482, "Europe/London"),
        )
        self.writing = threading.RLock()  # held by whoever looks for a profile in order to write it
        self.changes: list[Change] = []
        self._file = file
        self._lock = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None

    def identifier(self, *parts: object) -> UUID:
        """A UUID that is always the same for the seed and `parts`."""
        return UUID(md5(":".join(map(str, (self.seed, *parts))).encode(), usedforsecurity=False).hexdigest(), version=4)

    def workspace(self, key: str) -> Workspace:
        """The workspace with this key.

        Raises:
            KeyError: There is none.
        """
        for workspace in self.workspaces:
            if workspace.key == key:
                return workspace
        raise KeyError(key)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own on the world's database, for one thread; the first call builds the world.

        Raises:
            FileRefused: The world cannot be kept in its file.
        """
        with self._lock:
            if self._database is None:
                self._database = self._build()
            return self._database.cursor()

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
        """The answer of one query (`?` for each parameter, or `$name`), a dictionary per row."""
        with self.connection() as cursor:
            result = cursor.execute(sql, parameters)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _workspace(self, key: str, name: str, synerise_id: int, posthog_project: int, timezone: str) -> Workspace:
        return Workspace(
            key=key,
            name=name,
            synerise_guid=self.identifier("synerise", key),
            synerise_id=synerise_id,
            posthog_project=posthog_project,
            posthog_organization=self.identifier("posthog", key),
            faraday_account=self.identifier("faraday", key),
            giosg_organization=self.identifier("giosg", key),
            timezone=timezone,
        )

    def _build(self) -> duckdb.DuckDBPyConnection:
        try:
            database = duckdb.connect(str(self._file) if self._file else ":memory:")
        except duckdb.Error as error:
            raise FileRefused(f"{self._file} cannot be used: {error}") from None
        database.execute("SET TimeZone = 'UTC'")
        recipe = {
            "seed": str(self.seed),
            "today": self.today,
            "since": self.since,
            "days": DAYS,
            "profiles": self.profiles,
            "events": self.events,
        }
        if database.execute("SHOW TABLES").fetchall():
            self._check(database, str(recipe))
            return database
        for name, value in recipe.items():
            database.execute(f"SET VARIABLE {name} = ?", [value])
        database.execute("BEGIN")  # a file is whole or empty
        for script in SCRIPTS:
            database.execute(files("audience_mcp.sandbox").joinpath("sql", f"{script}.sql").read_text(encoding="utf-8"))
        database.executemany(
            "INSERT INTO workspaces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [astuple(workspace) for workspace in self.workspaces],
        )
        if self._file:
            database.execute("CREATE TABLE recipe AS SELECT ? AS text", [str(recipe)])
        database.execute("COMMIT")
        if self._file:
            database.execute("CHECKPOINT")  # nothing is left in a log beside it
        return database

    def _check(self, database: duckdb.DuckDBPyConnection, recipe: str) -> None:
        """Refuse a file that this world was not written to."""
        try:
            (written,) = database.execute("SELECT text FROM recipe").fetchall()[0]
        except (duckdb.Error, IndexError):
            written = None
        if written != recipe:
            database.close()
            raise FileRefused(f"{self._file} holds something else, such as a world of another seed or day")
