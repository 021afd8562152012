"""The sandbox's clock: real time, which a test may move forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch; `advance` moves it on without anybody sleeping."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self._ahead = 0.0

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self._source() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock `seconds` forward."""
        self._ahead += seconds

    def moment(self) -> datetime:
        """The same instant as an aware date-time in UTC."""
        return datetime.fromtimestamp(self(), UTC)
