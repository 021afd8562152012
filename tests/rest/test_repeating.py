"""What may be sent again, and when."""

from __future__ import annotations

import pytest

from audience_mcp.errors import (
    AudienceError,
    Conflict,
    CredentialsRejected,
    InvalidArguments,
    NotFound,
    NotReached,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    Timeout,
)
from audience_mcp.openapi.operation import Operation
from audience_mcp.rest.outage import FAILURES_IN_A_ROW, PAUSE_SECONDS, Outages
from audience_mcp.rest.repeating import LONGEST_WAIT, MOST_ATTEMPTS, wait_before_repeating

from .made import operation
from .test_pacing import Clock


def with_repeat(access: str, repeat: str | None = None) -> Operation:
    made = operation()
    return made.model_copy(update={"tool": made.tool.model_copy(update={"access": access, "repeat": repeat})})


READ, WRITE, SAFE_WRITE = with_repeat("read"), with_repeat("write"), with_repeat("write", "safe")
DUPLICATES = with_repeat("write", "never")


def wait(made: Operation, error: AudienceError, attempt: int = 1) -> float | None:
    return wait_before_repeating(made, error, attempt, lambda: 0.5)


@pytest.mark.parametrize("kind", [ProviderUnavailable, Timeout])
def test_a_read_whose_answer_was_lost_is_sent_again(kind: type[AudienceError]) -> None:
    assert wait(READ, kind("lost", "again")) is not None


@pytest.mark.parametrize("kind", [ProviderUnavailable, Timeout, OutcomeUnknown])
def test_a_write_that_may_have_happened_is_never_sent_again_unless_it_is_safe(kind: type[AudienceError]) -> None:
    assert wait(WRITE, kind("lost", "look")) is None
    assert wait(DUPLICATES, kind("lost", "look")) is None
    assert wait(SAFE_WRITE, kind("lost", "look")) is not None


@pytest.mark.parametrize("kind", [RateLimited, NotReached])
@pytest.mark.parametrize("made", [READ, WRITE, DUPLICATES])
def test_what_the_provider_did_not_do_is_sent_again_whatever_it_is(kind: type[AudienceError], made: Operation) -> None:
    assert wait(made, kind("not done", "again")) is not None


@pytest.mark.parametrize("kind", [InvalidArguments, NotFound, Conflict, CredentialsRejected])
def test_a_refusal_is_final(kind: type[AudienceError]) -> None:
    assert wait(READ, kind("no", "mend it")) is None


def test_waits_grow_and_end() -> None:
    waits = [wait(READ, Timeout("late", "again"), attempt) for attempt in range(1, MOST_ATTEMPTS + 1)]
    assert waits[-1] is None
    known = [one for one in waits if one is not None]
    assert known == sorted(known) and known[-1] > known[0]


def test_the_wait_a_provider_asks_for_is_kept_and_a_long_one_is_told_instead() -> None:
    assert wait(READ, RateLimited("slow down", "wait", retry_after_s=12)) == 12
    assert wait(READ, RateLimited("slow down", "wait", retry_after_s=LONGEST_WAIT + 1)) is None


def test_many_calls_do_not_come_back_at_once() -> None:
    error = ProviderUnavailable("down", "again")
    shares = iter((0.0, 0.3, 0.9))
    assert len({wait_before_repeating(READ, error, 1, lambda: next(shares)) for _ in range(3)}) == 3


def test_a_host_that_fails_in_a_row_is_left_alone_and_then_tried_by_one_call() -> None:
    clock = Clock()
    outages = Outages(clock)
    for _ in range(FAILURES_IN_A_ROW):
        outages.check("api.example")
        outages.failed("api.example", ProviderUnavailable("down", "again"))
    with pytest.raises(ProviderUnavailable) as refused:
        outages.check("api.example")
    assert refused.value.retry_after_s and "nothing was sent" in refused.value.message
    outages.check("other.example")
    clock.now += PAUSE_SECONDS + 1
    outages.check("api.example")
    with pytest.raises(ProviderUnavailable):
        outages.check("api.example")
    outages.answered("api.example")
    outages.check("api.example")


def test_refusals_that_say_nothing_of_the_hosts_health_do_not_count() -> None:
    outages = Outages(Clock())
    for _ in range(FAILURES_IN_A_ROW * 2):
        outages.failed("api.example", NotFound("no such thing", "list them"))
        outages.failed("api.example", RateLimited("slow down", "wait"))
    outages.check("api.example")
