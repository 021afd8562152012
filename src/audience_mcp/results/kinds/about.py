"""What a calculated answer says of itself beside its figures: the analysis's title, and the time it looked at."""

from __future__ import annotations

from typing import Any, NamedTuple

from audience_mcp.results.definitions.dates import window
from audience_mcp.results.definitions.reader import Reader, Unclear
from audience_mcp.results.wording import named

Json = Any

_PLACES = ("metadata", "metricData", "meta")
_TOLD = ("title", "dateFilter", "timezone")
_NOTHING: tuple[Json, ...] = (None, "", [], {})


class About(NamedTuple):
    """`of` starts a headline with the title, `during` ends one with the time; all are empty where nothing is said.

    `key` names the part, if there is no more in it than this.
    """

    of: str = ""
    during: str = ""
    window: str | None = None
    zone: str | None = None
    key: str | None = None


def about(value: Json) -> About:
    """The title and the time in the part of an answer that describes it."""
    key = next((name for name in _PLACES if isinstance(value, dict) and isinstance(value.get(name), dict)), None)
    if key is None:
        return About()
    part = value[key]
    title, zone = part.get("title"), part.get("timezone")
    reader = Reader({})
    try:
        during = window(part["dateFilter"], "", reader) if part.get("dateFilter") else None
    except Unclear:
        during = None
    rest = [name for name, one in part.items() if name not in _TOLD and one not in _NOTHING]
    whole = not rest and not reader.untold and (during is not None or not part.get("dateFilter"))
    return About(
        f"{named(title)}: " if isinstance(title, str) and title else "",
        f", {during}" if during else "",
        during,
        zone if isinstance(zone, str) and zone else None,
        key if whole else None,
    )
