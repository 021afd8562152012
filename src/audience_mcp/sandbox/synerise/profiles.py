"""An identifier of a profile -> the profile and its attributes."""

from __future__ import annotations

from typing import Any

from audience_mcp.sandbox.core import Refusal
from audience_mcp.sandbox.synerise.calculation import Calculation
from audience_mcp.sandbox.synerise.clauses import Clause
from audience_mcp.sandbox.synerise.conditions import PROFILE_ATTRIBUTES

IDENTIFIERS = {"id": "profile_id::VARCHAR", "uuid": "uuid::VARCHAR", "email": "email", "custom_identify": "custom_id"}


def find_profile(calculation: Calculation, identifier: str, value: str) -> int:
    """The id of the profile with this identifier (`id`, `uuid`, `email` or `custom_identify`).

    Raises:
        Refusal: 404 when the workspace has no such profile.
    """
    sql = f"SELECT profile_id FROM profiles WHERE workspace = ? AND {IDENTIFIERS[identifier]} = ?"
    rows = calculation.rows(Clause(sql, (calculation.workspace, value)))
    if not rows:
        raise Refusal(404, f"Profile with {identifier} '{value}' not found")
    return int(rows[0]["profile_id"])


def attributes_of(calculation: Calculation, profile: int) -> dict[str, Any]:
    """The attributes of a profile that definitions may name."""
    sql = f"SELECT {', '.join(PROFILE_ATTRIBUTES)} FROM profiles WHERE workspace = ? AND profile_id = ?"
    return calculation.rows(Clause(sql, (calculation.workspace, profile)))[0]
