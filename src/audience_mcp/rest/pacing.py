"""The documented rate limits, kept on our side: how long a call must wait so that the provider need not refuse it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from audience_mcp.openapi.operation import Limit, Operation

if TYPE_CHECKING:
    from pyrate_limiter import InMemoryBucket

_MOST_BUCKETS = 10_000
_NAME = "call"


class Pacer:
    """Counts calls per credential and class of limits; `clock` is in seconds.

    Operations with the same figures share one count, as the providers' classes do; a limit `per` an argument is counted
    for each value of it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[object, ...], InMemoryBucket] = OrderedDict()

    def wait(self, operation: Operation, credential: str, arguments: Mapping[str, Any]) -> float:
        """Take a place for one call: 0 where there is one, else the seconds until there may be."""
        if not operation.tool.limits:
            return 0.0
        from pyrate_limiter import RateItem

        item = RateItem(_NAME, int(self._clock() * 1000))
        for bucket in self._of(operation, credential, arguments):
            bucket.leak(item.timestamp)
            if not bucket.put(item):
                return max(int(bucket.waiting(item)), 1) / 1000  # type: ignore[arg-type]
        return 0.0

    def _of(self, operation: Operation, credential: str, arguments: Mapping[str, Any]) -> list[InMemoryBucket]:
        groups: dict[str | None, list[Limit]] = {}
        for limit in operation.tool.limits:
            groups.setdefault(limit.per, []).append(limit)
        # The narrow counts first: a place refused for one profile must not use one of everybody's.
        order = sorted(groups, key=lambda per: per is None)
        return [
            self._bucket((operation.provider, credential, *groups[per], arguments.get(per) if per else None))
            for per in order
        ]

    def _bucket(self, key: tuple[object, ...]) -> InMemoryBucket:
        from pyrate_limiter import InMemoryBucket, Rate

        bucket = self._buckets.get(key)
        if bucket is None:
            limits = [part for part in key if isinstance(part, Limit)]
            rates = sorted((limit.seconds * 1000, limit.requests) for limit in limits)
            bucket = self._buckets[key] = InMemoryBucket([Rate(requests, interval) for interval, requests in rates])
            if len(self._buckets) > _MOST_BUCKETS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket
