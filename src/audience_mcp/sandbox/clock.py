"""The sandbox's clock: real time, which may run faster and which a test may move forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch, counted `speed` times as fast; `advance` moves it on without anybody sleeping."""

    def __init__(self, source: Callable[[], float], speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("a clock's speed must be above 0")
        self._source = source
        self._speed = speed
        self._start = source()
        self._ahead = 0.0

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self._start + (self._source() - self._start) * self._speed + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock `seconds` forward."""
        self._ahead += seconds

    def moment(self) -> datetime:
        """The same instant as an aware date-time in UTC."""
        return datetime.fromtimestamp(self(), UTC)
