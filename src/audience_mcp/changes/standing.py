"""A change + the object as it is now -> whether it is still as this server left it, or both, side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from audience_mcp.changes.change import Change
from audience_mcp.changes.difference import ABSENT, Difference, differences
from audience_mcp.changes.present import is_still, made
from audience_mcp.errors import Conflict
from audience_mcp.openapi.operation import ObjectHint
from audience_mcp.results.wording import named, squeezed

Json = Any

MOST_SHOWN, VALUE_TOKENS = 6, 25


class Strayed(Conflict):
    """The object was changed since; `present` is what it is now."""

    def __init__(self, message: str, remedy: str, present: Json) -> None:
        super().__init__(message, remedy)
        self.present = present


def check_standing(
    change: Change, present: Json, hint: ObjectHint, shown: Callable[[Json], Json] = lambda value: value
) -> None:
    """Let an undo pass when the object is still as this server left it.

    Where it is not known how it was left (the answer was lost), what was sent must still be there. `shown` makes of a
    state of the object what may be told of it.

    Raises:
        Conflict: It already is as it was before the change.
        Strayed: It is neither; the text shows how it was left and how it is.
    """
    if isinstance(change.before, dict) and is_still(change.before, present, hint):
        raise Conflict(
            f"There is nothing to undo: {named(change.name or str(change.object))} is as it was before change"
            f" {change.id}. Nothing was sent.",
            "Go on with the object as it is.",
        )
    left = change.after
    if left is not None:
        if is_still(left, present, hint):
            return
        # What is alike when it is shown (an address in other letters) was changed all the same.
        strayed = differences(made(shown(left), hint), made(shown(present), hint))
    else:
        now = made(present, hint)
        if not _unlike_sent(change.sent, now):
            return
        strayed = _unlike_sent(shown(dict(change.sent)), shown(now))
    name = shown(change.name or str(change.object or change.made))
    told = f" As left, then as it is now: {'; '.join(_told(strayed))}." if strayed else ""
    raise Strayed(
        f"{named(name)} is not as change {change.id} left it: it was changed since. Nothing was sent.{told}",
        "Ask the user which of both shall stay.",
        present,
    )


def _unlike_sent(fields: Mapping[str, Json], now: Json) -> list[Difference]:
    if not isinstance(now, dict):
        return []
    sent = {name: value for name, value in fields.items() if name in now}
    return differences(sent, {name: now[name] for name in sent})


def _told(strayed: list[Difference]) -> list[str]:
    told = [f"{squeezed(place.path, VALUE_TOKENS)}: {_value(place.now)}, {_value(place.then)}" for place in strayed]
    more = len(told) - MOST_SHOWN
    return [*told[:MOST_SHOWN], f"{more} more places"] if more > 0 else told


def _value(value: Json) -> str:
    return "nothing" if value is ABSENT else squeezed(json.dumps(value, ensure_ascii=False, default=str), VALUE_TOKENS)
