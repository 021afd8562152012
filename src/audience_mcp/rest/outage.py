"""Providers that are down: after several failures in a row a host is left alone for a while, then tried by one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audience_mcp.errors import AudienceError, OutcomeUnknown, ProviderUnavailable, Timeout

FAILURES_IN_A_ROW = 6
PAUSE_SECONDS = 20.0


@dataclass(slots=True)
class _Record:
    failures: int = 0
    until: float = 0.0


class Outages:
    """Failures in a row by host; `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._records: dict[str, _Record] = {}

    def check(self, host: str) -> None:
        """Let a call pass, or say that its host is being left alone.

        Raises:
            ProviderUnavailable: The host failed several times in a row a moment ago; nothing was sent.
        """
        record = self._records.get(host)
        if record is None or record.failures < FAILURES_IN_A_ROW:
            return
        wait = record.until - self._clock()
        if wait <= 0:
            record.until = self._clock() + PAUSE_SECONDS  # this call is the one that tries; the others wait for it
            return
        raise ProviderUnavailable(
            f"{host} failed {record.failures} times in a row and is left alone for now; nothing was sent.",
            f"Try again in {max(round(wait), 1)} s.",
            retry_after_s=round(wait, 1),
        )

    def answered(self, host: str) -> None:
        """The host gave an answer, whatever it said."""
        self._records.pop(host, None)

    def failed(self, host: str, error: AudienceError) -> None:
        """An attempt failed; only failures that speak of the host's health count."""
        if not isinstance(error, ProviderUnavailable | Timeout | OutcomeUnknown):
            return
        record = self._records.setdefault(host, _Record())
        record.failures += 1
        record.until = self._clock() + PAUSE_SECONDS
