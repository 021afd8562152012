"""One call -> as many attempts as it may have: paced, repeated where that is safe, none to a host that is down."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio

from audience_mcp.errors import AudienceError, NotFound, OutcomeUnknown, RateLimited
from audience_mcp.openapi.operation import Operation
from audience_mcp.rest.client import Reply
from audience_mcp.rest.outage import Outages
from audience_mcp.rest.pacing import Pacer
from audience_mcp.rest.repeating import LONGEST_WAIT, wait_before_repeating

Sleep = Callable[[float], Awaitable[None]]


class Patience:
    """Shared by all calls. `clock` and `sleep` are in seconds; `jitter` gives numbers from 0 to 1."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = anyio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._pacer, self._outages, self._sleep, self._jitter = Pacer(clock), Outages(clock), sleep, jitter

    async def send(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        credential: str,
        host: str,
        once: Callable[[], Awaitable[Reply]],
    ) -> Reply:
        """The reply of the first attempt that succeeds; `once` makes one and raises what went wrong.

        Raises:
            RateLimited: The provider's documented limit leaves no place soon; nothing was sent.
            ProviderUnavailable: The host is being left alone; nothing was sent.
            OutcomeUnknown: The answer of an attempt was lost, and none after it went well.
            AudienceError: The last attempt's failure.
        """
        lost: list[OutcomeUnknown] = []
        try:
            return await self._attempts(operation, arguments, credential, host, once, lost)
        except OutcomeUnknown:
            raise
        except NotFound as error:
            if lost:
                error.message += " The answer of an attempt before was lost: it was probably carried out then."
            raise
        except AudienceError as error:
            if not lost:
                raise
            # Whatever stopped this attempt, one before it may have been carried out.
            lost[0].message += f" Sent again, it failed: {error.message}"
            raise lost[0] from None

    async def _attempts(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        credential: str,
        host: str,
        once: Callable[[], Awaitable[Reply]],
        lost: list[OutcomeUnknown],
    ) -> Reply:
        """As `send`; `lost` gathers the attempts that may have been carried out."""
        attempt = 1
        while True:
            await self._paced(operation, arguments, credential)
            self._outages.check(host)
            try:
                reply = await once()
            except AudienceError as error:
                if error.settled:  # such as that of the log-in, which had attempts of its own
                    raise
                self._noted(host, error)
                if isinstance(error, OutcomeUnknown):
                    lost.append(error)
                wait = wait_before_repeating(operation, error, attempt, self._jitter)
                if wait is None:
                    raise
                await self._sleep(wait)
                attempt += 1
            else:
                self._outages.answered(host)
                return reply

    def _noted(self, host: str, error: AudienceError) -> None:
        if error.status is not None and error.status < 500:
            self._outages.answered(host)
        else:
            self._outages.failed(host, error)

    async def _paced(self, operation: Operation, arguments: Mapping[str, Any], credential: str) -> None:
        waited = 0.0
        while wait := self._pacer.wait(operation, credential, arguments):
            if waited + wait > LONGEST_WAIT:
                limits = " and ".join(f"{one.requests} in {one.seconds} s" for one in operation.tool.limits)
                raise RateLimited(
                    f"{operation.title} was not sent: the provider allows {limits}, and that is used up.",
                    f"Wait {wait:.0f} s and call again, or ask for less at once.",
                    retry_after_s=round(wait, 1),
                )
            await self._sleep(wait)
            waited += wait
