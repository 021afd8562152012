"""Moments with an offset -> the same moments in the workspace's time zone; dates, and times without an offset, stay."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

Json = Any

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)")
_MILLISECOND, _UTC = 1000, ("UTC", "Etc/UTC", "GMT")


def local(value: Json, zone: str | None) -> Json:
    """A moment as the clocks of `zone` (an IANA name) show it, with its offset; anything else as it is."""
    if zone is None or type(value) is not str or not _MOMENT.fullmatch(value):
        return value
    place = known(zone)
    if place is None or zone in _UTC:
        return value
    try:
        moment = datetime.fromisoformat(value).astimezone(place)
    except (ValueError, OverflowError):
        return value
    if not moment.microsecond:
        return moment.isoformat(timespec="seconds")
    return moment.isoformat(timespec="microseconds" if moment.microsecond % _MILLISECOND else "milliseconds")


@lru_cache(maxsize=32)
def known(zone: str) -> tzinfo | None:
    """The zone of that name; None where this system does not know it."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return None
