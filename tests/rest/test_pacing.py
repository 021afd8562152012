"""Documented limits are kept before the provider has to refuse."""

from __future__ import annotations

from typing import Any

from audience_mcp.openapi.operation import Limit, Operation
from audience_mcp.rest.pacing import Pacer

from .made import operation

MINUTE, HOUR = Limit(requests=3, seconds=60), Limit(requests=5, seconds=3600)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def limited(*limits: Limit, **changes: Any) -> Operation:
    made = operation(**changes)
    return made.model_copy(update={"tool": made.tool.model_copy(update={"limits": limits})})


def test_an_operation_without_a_documented_limit_never_waits() -> None:
    pacer, free = Pacer(Clock()), limited()
    assert {pacer.wait(free, "a", {}) for _ in range(10_000)} == {0.0}


def test_the_call_over_the_limit_waits_until_the_first_leaves_the_window() -> None:
    clock = Clock()
    pacer, each = Pacer(clock), limited(MINUTE)
    for _ in range(3):
        assert pacer.wait(each, "a", {}) == 0.0
        clock.now += 10
    assert 29 < pacer.wait(each, "a", {}) <= 31
    clock.now += 31
    assert pacer.wait(each, "a", {}) == 0.0


def test_the_longer_limit_holds_when_the_shorter_one_is_kept() -> None:
    clock = Clock()
    pacer, each = Pacer(clock), limited(MINUTE, HOUR)
    for _ in range(5):
        assert pacer.wait(each, "a", {}) == 0.0
        clock.now += 61
    assert pacer.wait(each, "a", {}) > 3000


def test_operations_of_one_class_share_their_count_and_credentials_do_not() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    one, other = limited(MINUTE), limited(MINUTE).model_copy(update={"id": "other"})
    assert [pacer.wait(one, "a", {}) > 0 for _ in range(2)] == [False, False]
    assert [pacer.wait(other, "a", {}) > 0 for _ in range(2)] == [False, True]
    assert pacer.wait(other, "b", {}) == 0.0


def test_a_limit_per_profile_is_counted_for_each_profile_and_takes_no_place_of_the_others() -> None:
    clock = Clock()
    everyone, each = Limit(requests=4, seconds=1), Limit(requests=2, seconds=1, per="clientId")
    pacer, check = Pacer(clock), limited(everyone, each)
    assert [pacer.wait(check, "a", {"clientId": 1}) > 0 for _ in range(5)] == [False, False, True, True, True]
    assert [pacer.wait(check, "a", {"clientId": 2}) > 0 for _ in range(2)] == [False, False]
    assert pacer.wait(check, "a", {"clientId": 3}) > 0


def test_in_any_window_no_more_calls_pass_than_documented() -> None:
    clock = Clock()
    pacer, each = Pacer(clock), limited(MINUTE)
    passed: list[float] = []
    for _ in range(200):
        wait = pacer.wait(each, "a", {})
        if wait == 0.0:
            passed.append(clock.now)
        clock.now += wait or 7.0
    assert all(sum(start <= at < start + 60 for at in passed) <= 3 for start in passed)
    assert len(passed) > 40
