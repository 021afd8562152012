"""A change + the operation that takes it back -> the call that does it, and what it cannot bring back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audience_mcp.changes.change import Change
from audience_mcp.changes.difference import same
from audience_mcp.changes.present import made
from audience_mcp.errors import Conflict
from audience_mcp.openapi.operation import ObjectHint, Operation
from audience_mcp.results.wording import named

Json = Any

NO_OPERATION = "no documented operation takes it back"


class NotUndoable(Conflict):
    """A change that cannot be taken back; `why` is the reason in a few words."""

    def __init__(self, change: Change, why: str) -> None:
        name = f" {named(change.name)}" if change.name else ""
        super().__init__(
            f"Change {change.id} cannot be undone: {why}. Nothing was sent.",
            f"Read the object{name} as it is now, and ask the user what it shall be.",
            provider=change.place.provider,
            workspace=change.place.title,
        )
        self.why = why


@dataclass(frozen=True, slots=True)
class Undoing:
    """A change to be taken back: by which operation, with which arguments.

    `hint` reads the object as it is now, None where no documented operation does; `told` are sentences on what cannot
    be brought back; `recreates` says that a deleted object is made again, with another id.
    """

    change: Change
    operation: Operation
    arguments: Mapping[str, Json]
    hint: ObjectHint | None
    told: tuple[str, ...] = ()
    recreates: bool = False


def _obstacle(change: Change, by: Operation) -> str | None:
    """Why a change by this operation cannot be taken back; None where it can."""
    undo = by.tool.undo
    if undo is None:
        return NO_OPERATION
    if undo.delete is not None:
        return None if change.made is not None else "the id of what was created is not known"
    return None if isinstance(change.before, dict) else "what it was could not be read"


def undoing(change: Change, by: Operation, back: Operation) -> Undoing:
    """The call that takes back a change made by `by`; `back` is the operation that `by` names for it.

    Raises:
        NotUndoable: With the reason.
    """
    why, undo = _obstacle(change, by), by.tool.undo
    if undo is None or why is not None:
        raise NotUndoable(change, why or NO_OPERATION)
    if undo.delete is not None:
        (argument,) = (argument.name for argument in back.arguments if argument.place == "path")
        return Undoing(change, back, {argument: change.made}, back.tool.object)
    hint = by.tool.object
    if hint is None:
        raise NotUndoable(change, NO_OPERATION)
    before = made(change.before, hint)
    if undo.create is not None:
        fields = {name: before[name] for name in _takes(back) if before.get(name) is not None}
        assumed = _needed(back, fields, undo.assume)
        told = [f"its id is new, and what refers to the old one ({change.object}) stays broken"]
        told += [f"{name} is not shown by the provider: {_word(value)} is sent" for name, value in assumed.items()]
        return Undoing(change, back, _whole(change, back, fields | assumed), hint, tuple(told), recreates=True)
    fields = _previous(change, back, before, hint)
    unseen = [name for name in change.sent if name not in before]
    if not fields:
        raise NotUndoable(
            change, "nothing of what it wrote is shown by the provider" if unseen else "it changed no field"
        )
    told = [f"{', '.join(unseen)} cannot be brought back: the provider does not show it"] if unseen else []
    fields |= _needed(back, fields, change.sent)
    return Undoing(change, back, {hint.argument: change.object, **_whole(change, back, fields)}, hint, tuple(told))


def _previous(change: Change, back: Operation, before: Mapping[str, Json], hint: ObjectHint) -> dict[str, Json]:
    """The fields to write: of a PATCH those that the change wrote and changed, of a replacement all that it takes."""
    if back.method != "PATCH":
        return {name: before[name] for name in _takes(back) if before.get(name) is not None}
    left = made(change.after, hint) if isinstance(change.after, dict) else change.sent
    written = [name for name in _takes(back) if name in change.sent and name in before]
    return {name: before[name] for name in written if not same(before[name], left.get(name))}


def _takes(back: Operation) -> list[str]:
    return [argument.name for argument in back.arguments if argument.place == "body"]


def _needed(back: Operation, fields: Mapping[str, Json], known: Mapping[str, Json]) -> dict[str, Json]:
    """Values for required fields that the object as read does not show."""
    return {a.name: known[a.name] for a in back.arguments if a.required and a.name not in fields and a.name in known}


def _whole(change: Change, back: Operation, fields: dict[str, Json]) -> dict[str, Json]:
    missing = [a.name for a in back.arguments if a.required and a.place == "body" and a.name not in fields]
    if missing:
        raise NotUndoable(change, f"the provider does not show {', '.join(missing)}, which {back.name} needs")
    return fields


def _word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
