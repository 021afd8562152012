"""A failed attempt -> how long to wait before the next one, or that there must be none."""

from __future__ import annotations

from collections.abc import Callable

from audience_mcp.errors import AudienceError, NotReached, OutcomeUnknown, ProviderUnavailable, RateLimited, Timeout
from audience_mcp.openapi.operation import Operation

MOST_ATTEMPTS = 3
LONGEST_WAIT = 30.0
"""Seconds; a provider that asks for more is told to the model instead, which can do other things meanwhile."""

_FIRST_WAIT, _GROWTH = 0.5, 3.0


def wait_before_repeating(
    operation: Operation, error: AudienceError, attempt: int, jitter: Callable[[], float]
) -> float | None:
    """Seconds until attempt `attempt + 1`; None where the failure is final.

    Where the provider did nothing (it refused for its rate, or was never reached) every call may be repeated, else
    only a read or a write that is safe to repeat. `jitter` gives numbers from 0 to 1, so that many calls do not come
    back at once.
    """
    if attempt >= MOST_ATTEMPTS or not _may_repeat(operation, error):
        return None
    backoff = _FIRST_WAIT * _GROWTH ** (attempt - 1) * (0.5 + jitter())
    wait = max(backoff, error.retry_after_s or 0.0)
    return wait if wait <= LONGEST_WAIT else None


def _may_repeat(operation: Operation, error: AudienceError) -> bool:
    if error.settled or operation.tool.session == "mfa":
        return False  # a code is good for one attempt, and providers count them
    if isinstance(error, RateLimited | NotReached):
        return True
    if error.status is not None and 300 <= error.status < 500:
        return False  # a redirect stays one; an answer that is spoilt on its way need not stay so
    return operation.repeatable and isinstance(error, ProviderUnavailable | Timeout | OutcomeUnknown)
