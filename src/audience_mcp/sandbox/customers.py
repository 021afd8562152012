"""What a log-in tells of a customer -> one profile of the world, found, filled in or made: never a second one.

Whoever comes is written into the world itself, so that all four platforms see the same person; `World.changes` tells
those that keep copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from audience_mcp.sandbox.world import Change, Workspace, World

# What may be told of a customer beside the names they go by (and the birth_year): column -> type.
TOLD = {"tier": str, "country": str, "device": str, "newsletter": bool}


@dataclass(frozen=True, slots=True)
class Customer:
    """What is told: the names of one person, and columns of `TOLD` with their values."""

    email: str | None = None
    custom_id: str | None = None
    uuid: UUID | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


def find(world: World, workspace: Workspace, customer: Customer) -> dict[str, Any] | None:
    """The profile with the customer's email, or else the one with their custom id.

    The UUID does not count: it is that of the device, which another may have used before.
    """
    for column, value in (("email", customer.email), ("custom_id", customer.custom_id)):
        rows = world.rows(f"SELECT * FROM profiles WHERE workspace = ? AND {column} = ?", [workspace.key, value])
        if rows:
            return rows[0]
    return None


def welcome(world: World, workspace: Workspace, customer: Customer, moment: datetime) -> dict[str, Any]:
    """The customer's profile with all that is told written into it; made at `moment` (naive, UTC) if there was none."""
    with world.writing:
        known = find(world, workspace, customer)
        number = known["profile_id"] if known else _make(world, workspace, customer, moment)
        told = {name: value for name, value in customer.told.items() if _fits(name, value)}
        if known:
            told |= _new_names(world, workspace, known, customer)
        if told:
            settings = ", ".join(f"{name} = ?" for name in told)
            world.rows(f"UPDATE profiles SET {settings} WHERE profile_id = ?", [*told.values(), number])
        (row,) = world.rows("SELECT * EXCLUDE (workspace) FROM profiles WHERE profile_id = ?", [number])
        if told or not known:
            world.changes.append(Change(workspace.key, moment, row))
        return row


def _make(world: World, workspace: Workspace, customer: Customer, moment: datetime) -> int:
    """A new profile; without an id of the shop's own it goes by its UUID."""
    uuid = customer.uuid
    if uuid is None or _taken(world, workspace, "uuid", uuid):
        uuid = world.identifier("customer", workspace.key, customer.email, customer.custom_id)
    row = world.rows(
        "INSERT INTO profiles (workspace, profile_id, uuid, custom_id, email, newsletter, tier, created_at, persona)"
        " SELECT $key, max(profile_id) + 1, $uuid, $custom_id, $email, FALSE, 'basic', $moment, 0"
        " FROM profiles WHERE workspace = $key RETURNING profile_id",
        {
            "key": workspace.key,
            "uuid": uuid,
            "custom_id": customer.custom_id or str(uuid),
            "email": customer.email,
            "moment": moment,
        },
    )[0]
    return int(row["profile_id"])


def _new_names(world: World, workspace: Workspace, known: dict[str, Any], customer: Customer) -> dict[str, str]:
    """Names that the profile did not have and nobody else has."""
    lacking = {"email": known["email"] is None, "custom_id": known["custom_id"] == str(known["uuid"])}
    given = {name: getattr(customer, name) for name, lacks in lacking.items() if lacks}
    return {
        name: value for name, value in given.items() if value is not None and not _taken(world, workspace, name, value)
    }


def _taken(world: World, workspace: Workspace, column: str, value: Any) -> bool:
    return bool(world.rows(f"SELECT 1 FROM profiles WHERE workspace = ? AND {column} = ?", [workspace.key, value]))


def _fits(name: str, value: Any) -> bool:
    if name == "birth_year":
        return type(value) is int and 1900 <= value <= 2100
    return type(value) is TOLD.get(name)
