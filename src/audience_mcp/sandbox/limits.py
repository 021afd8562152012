"""Documented rate limits (`x-tool.limits`) -> how long a request has to wait, if it has to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any


class Limits:
    """Counts requests in windows of fixed length; operations of a provider with equal limits share their counters.

    `scale` multiplies what is allowed: 1 as documented, 0 no limits at all. `clock` gives seconds.
    """

    def __init__(self, scale: float, clock: Callable[[], float]) -> None:
        if scale < 0:
            raise ValueError("limits cannot be scaled below 0")
        self._scale = scale
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: dict[tuple[Any, ...], tuple[int, int]] = {}

    def wait(self, provider: str, who: str | None, limits: Sequence[Mapping[str, Any]], body: Any) -> int | None:
        """Count one request of `who` (a workspace); seconds until it may come again when it is one too many."""
        if not self._scale:
            return None
        now = self._clock()
        shared = tuple((limit["requests"], limit["seconds"]) for limit in limits)
        with self._lock:
            for limit in limits:
                value = body.get(limit["per"]) if "per" in limit and isinstance(body, Mapping) else None
                key = (provider, who, shared, limit["requests"], limit["seconds"], str(value))
                window = int(now // limit["seconds"])
                before, count = self._counted.get(key, (window, 0))
                count = count + 1 if before == window else 1
                self._counted[key] = (window, count)
                if count > max(1, round(limit["requests"] * self._scale)):
                    left: float = (window + 1) * limit["seconds"] - now
                    return max(1, ceil(left))
        return None
