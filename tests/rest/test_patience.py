"""Several attempts of one call: what the model is told when they end in different ways."""

from __future__ import annotations

import pytest

from audience_mcp.errors import (
    AudienceError,
    Conflict,
    CredentialsRejected,
    NotFound,
    NotReached,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
)
from audience_mcp.rest.client import Reply
from audience_mcp.rest.outage import FAILURES_IN_A_ROW
from audience_mcp.rest.patience import Patience

from .test_pacing import Clock
from .test_repeating import READ, SAFE_WRITE, WRITE

pytestmark = pytest.mark.anyio
DONE = Reply(200, {}, b"{}")


class Attempts:
    """Attempts that end as told, one after the other; `waits` are the seconds between them."""

    def __init__(self, *ends: AudienceError | Reply) -> None:
        self._ends, self.made, self.waits = list(ends), 0, list[float]()
        self._clock = Clock()
        self.patience = Patience(self._clock, self._sleep, lambda: 0.5)

    async def _sleep(self, seconds: float) -> None:
        self._clock.now += seconds
        self.waits.append(seconds)

    async def once(self) -> Reply:
        end = self._ends[self.made]
        self.made += 1
        if isinstance(end, AudienceError):
            raise end
        return end


def lost() -> OutcomeUnknown:
    return OutcomeUnknown("The answer was lost.", "Read the object first.")


@pytest.mark.parametrize(
    "last",
    [
        RateLimited("slow down", "wait", retry_after_s=99),
        NotReached("no connection", "check"),
        CredentialsRejected("no", "log in", status=401),
        Conflict("changed since", "look", status=409),
    ],
    ids=lambda error: error.kind,
)
async def test_a_write_that_may_have_happened_stays_one_whatever_stops_its_repeats(last: AudienceError) -> None:
    tried = Attempts(lost(), last, last, last)
    with pytest.raises(OutcomeUnknown) as told:
        await tried.patience.send(SAFE_WRITE, {}, "", "api.example", tried.once)
    assert told.value.message == f"The answer was lost. Sent again, it failed: {last.message}"
    assert told.value.remedy == "Read the object first." and tried.made > 1


async def test_a_repeat_that_goes_well_is_the_answer() -> None:
    tried = Attempts(lost(), RateLimited("slow down", "wait", retry_after_s=4), DONE)
    assert await tried.patience.send(SAFE_WRITE, {}, "", "api.example", tried.once) is DONE
    assert tried.waits[1] == 4


async def test_what_is_gone_after_a_lost_attempt_was_probably_done_by_it() -> None:
    tried = Attempts(lost(), NotFound("No such cohort.", "list them", status=404))
    with pytest.raises(NotFound) as told:
        await tried.patience.send(SAFE_WRITE, {}, "", "api.example", tried.once)
    assert "probably carried out then" in told.value.message


async def test_a_first_attempt_that_did_nothing_is_told_as_it_is() -> None:
    tried = Attempts(RateLimited("slow down", "wait", retry_after_s=99))
    with pytest.raises(RateLimited):
        await tried.patience.send(WRITE, {}, "", "api.example", tried.once)


async def test_what_was_tried_to_the_end_by_somebody_else_is_no_attempt_of_this_call() -> None:
    error = ProviderUnavailable("the log-in failed", "try again")
    error.settled = True
    tried = Attempts(*[error] * FAILURES_IN_A_ROW, DONE)
    for attempt in range(1, FAILURES_IN_A_ROW + 1):
        with pytest.raises(ProviderUnavailable):
            await tried.patience.send(READ, {}, "", "api.example", tried.once)
        assert tried.made == attempt and tried.waits == []
    assert await tried.patience.send(READ, {}, "", "api.example", tried.once) is DONE  # nor does the host count as down
