"""Dates and times of an answer -> milliseconds, and the words by which a chart shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

Json = Any

_ISO = re.compile(r"\d{4}-\d\d(-\d\d)?([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d(:?\d\d)?))?)?")
_MONTH = len("2026-11")
_MILLISECONDS, _EPOCH = 1e11, 1e9


class Moments(NamedTuple):
    """Milliseconds since 1970, the same as texts, and the zone where one was said: times are told in UTC."""

    places: list[float]
    marks: list[str]
    zone: str | None


def read(values: list[Json]) -> Moments | None:
    """Every value as a moment (ISO date, month or time, or seconds or milliseconds of Unix); None if one is none."""
    found = [_moment(value) for value in values]
    if not found or any(moment is None for moment in found):
        return None
    moments = [moment for moment in found if moment is not None]
    by_month = all(isinstance(value, str) and len(value) == _MONTH for value in values)
    by_day = all((moment.hour, moment.minute, moment.second) == (0, 0, 0) for moment in moments)
    form = "%Y-%m" if by_month else "%Y-%m-%d" if by_day else "%Y-%m-%d %H:%M"
    zoned = not by_day and any(not isinstance(value, str) or _zoned(value) for value in values)
    places = [round(moment.timestamp() * 1000) for moment in moments]
    return Moments([*places], [moment.strftime(form) for moment in moments], "UTC" if zoned else None)


def _moment(value: Json) -> datetime | None:
    try:
        if isinstance(value, str):
            if not _ISO.fullmatch(value):
                return None
            text = f"{value}-01" if len(value) == _MONTH else value.replace(" +", "+").replace(" Z", "Z")
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value > _EPOCH:
            return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _zoned(text: str) -> bool:
    return text.endswith("Z") or bool(re.search(r"[+-]\d\d:?\d\d$", text))
