"""Faraday persona sets: personas of the retailer's people and how many there were on each day, counted in the world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from starlette.responses import Response

from audience_mcp.sandbox.core import Call, Refusal, SandboxState, answer
from audience_mcp.sandbox.world import DAYS, Workspace

# Members of each group on each day: a row for every day, be its count 0.
JOINED = """
    SELECT day, bucket, count(*) FILTER (created_at < day + INTERVAL 1 DAY) AS count
    FROM days CROSS JOIN (SELECT {bucket}::VARCHAR AS bucket, created_at FROM profiles
        WHERE workspace = $workspace AND {bucket} IS NOT NULL)
    GROUP BY day, bucket"""
SEEN_LATELY = """
    SELECT day, bucket, count(DISTINCT profile_id) FILTER (seen) AS count
    FROM (
        SELECT day, bucket, profile_id, profile_id IS NOT NULL AS seen
        FROM days
        CROSS JOIN (SELECT DISTINCT {bucket}::VARCHAR AS bucket FROM profiles
            WHERE workspace = $workspace AND {bucket} IS NOT NULL) AS buckets
        LEFT JOIN (
            SELECT DISTINCT profile_id, {bucket}::VARCHAR AS kind, date_trunc('day', "at") AS seen_on
            FROM events JOIN profiles USING (workspace, profile_id) WHERE workspace = $workspace
        ) AS e ON kind = bucket AND seen_on > day - INTERVAL 7 DAY AND seen_on <= day
    )
    GROUP BY day, bucket"""
DAYS_TABLE = "WITH days AS (SELECT $since::TIMESTAMP + to_days(n::INTEGER) AS day FROM range($days) AS t(n))"


@dataclass(frozen=True, slots=True)
class Kind:
    """One persona set: which column of profiles tells its personas apart, their names by its values, how it counts."""

    name: str
    status: str
    bucket: str
    personas: dict[str, tuple[str, str]]
    count: str


KINDS = (
    Kind(
        "Shopper personas",
        "ready",
        "persona",
        {
            "0": ("Weekend gardeners", "Come for the garden, look longer than they buy."),
            "1": ("Home cooks", "Come most often and buy for the kitchen."),
            "2": ("Country dressers", "Follow clothing and wait for the promotion."),
            "3": ("Gift givers", "Come rarely and buy quickly."),
            "4": ("Nest builders", "Furnish bedrooms, with large orders."),
        },
        JOINED,
    ),
    Kind(
        "Active members by tier",
        "ready",
        "tier",
        {
            "basic": ("Passers-by", "Active in the last 7 days, no tier yet."),
            "silver": ("Regulars", "Active in the last 7 days, silver tier."),
            "gold": ("Devotees", "Active in the last 7 days, gold tier."),
        },
        SEEN_LATELY,
    ),
    Kind("Spring clustering", "running", "persona", {}, JOINED),
)


class PersonaSets:
    """The persona sets of every account."""

    def __init__(self, state: SandboxState) -> None:
        self._world = state.world

    def list_sets(self, call: Call, account: Workspace) -> Response:
        """The account's sets, or those of them that `ids` names."""
        wanted = call.query.get("ids")
        sets = [(self._id(account, kind), kind) for kind in KINDS]
        return answer([self._shown(account, kind) for number, kind in sets if wanted is None or str(number) in wanted])

    def get_set(self, call: Call, account: Workspace) -> Response:
        """One set with its personas."""
        return answer(self._shown(account, self._named(call, account)))

    def get_flow(self, call: Call, account: Workspace) -> Response:
        """One series of daily member counts for each persona; a set that is not ready has none."""
        kind = self._named(call, account)
        series: dict[str, list[dict[str, Any]]] = {bucket: [] for bucket in kind.personas}
        rows = self._counts(account, kind, DAYS) if series else ()
        for row in (row for row in rows if row["bucket"] in series):  # some customers are of a tier of their own
            series[row["bucket"]].append({"date": row["day"].date(), "count": row["count"]})
        return answer(
            [{"persona_id": self._id(account, kind, bucket), "days": days} for bucket, days in series.items()]
        )

    def _counts(self, account: Workspace, kind: Kind, days: int) -> list[dict[str, Any]]:
        """Members of each persona on each of the last `days` days."""
        since = datetime.combine(self._world.today, time.min) - timedelta(days=days - 1)
        with self._world.connection() as cursor:
            result = cursor.execute(
                f"{DAYS_TABLE} {kind.count.format(bucket=kind.bucket)} ORDER BY bucket, day",
                {"workspace": account.key, "since": since, "days": days},
            )
            return [dict(zip(("day", "bucket", "count"), row, strict=True)) for row in result.fetchall()]

    def _named(self, call: Call, account: Workspace) -> Kind:
        wanted = str(call.path["persona_set_id"]).lower()
        for workspace in self._world.workspaces:
            for kind in KINDS:
                if str(self._id(workspace, kind)) == wanted:
                    if workspace is not account:
                        raise Refusal(403, "This persona set belongs to another account.")
                    return kind
        raise Refusal(404, "There is no persona set with this id.")

    def _shown(self, account: Workspace, kind: Kind) -> dict[str, Any]:
        latest = {row["bucket"]: row["count"] for row in self._counts(account, kind, 1)} if kind.personas else {}
        updated = self._world.now.replace(microsecond=0) - timedelta(hours=30)
        return {
            "id": self._id(account, kind),
            "cohort_id": self._world.identifier("faraday", account.key, "cohort", kind.name),
            "name": kind.name,
            "resource_type": "persona_sets",
            "status": kind.status,
            "status_changed_at": updated,
            "created_at": self._world.since,
            "updated_at": updated,
            "archived_at": None,
            "active": kind is KINDS[0],
            "explore": False,
            "preview": False,
            "number_of_clusters": max(len(kind.personas), 1),
            "personas": [self._persona(account, kind, bucket, latest) for bucket in kind.personas],
            "last_read_input_at": updated,
            "last_updated_output_at": updated,
        }

    def _persona(self, account: Workspace, kind: Kind, bucket: str, counts: dict[str, int]) -> dict[str, Any]:
        name, summary = kind.personas[bucket]
        return {
            "id": self._id(account, kind, bucket),
            "name": name,
            "individuals_count": counts.get(bucket, 0),
            "interpretation": {"summary": summary, "marketing_strategems": []},
        }

    def _id(self, account: Workspace, kind: Kind, bucket: str = "") -> UUID:
        return self._world.identifier("faraday", account.key, kind.name, bucket)
