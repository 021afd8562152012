"""The kind of a failure follows from the provider's status, and the remedy is ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audience_mcp import errors
from audience_mcp.rest.client import Reply
from audience_mcp.rest.failures import failure, retry_after

from .made import operation

READ = operation(tool={"failures": {"404": "posthog_list_cohorts gives the ids."}})
WRITE = operation(method="POST", tool={"access": "write"})


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def waiting(value: str) -> float | None:
    return retry_after(reply(429, retry_after=value))


@pytest.mark.parametrize("status", [400, 406, 422])
def test_a_refused_value_is_invalid_arguments(status: int) -> None:
    assert failure(READ, reply(status)).kind == "invalid_arguments"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "credentials_rejected"),
        (402, "permission_denied"),
        (403, "permission_denied"),
        (404, "not_found"),
        (405, "not_offered_by_provider"),
        (409, "conflict"),
        (429, "rate_limited"),
    ],
)
def test_a_refusal_is_told_alike_for_reads_and_writes(status: int, kind: str) -> None:
    for made in (READ, WRITE):
        error = failure(made, reply(status))
        assert (error.kind, error.status) == (kind, status)
        assert error.message.startswith(f"Read a thing: HTTP {status}")
        assert error.remedy


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_a_server_error_leaves_the_outcome_of_a_write_unknown(status: int) -> None:
    assert failure(READ, reply(status)).kind == "provider_unavailable"
    error = failure(WRITE, reply(status))
    assert (error.kind, error.status) == ("outcome_unknown", status)


@pytest.mark.parametrize(("status", "kind"), [(410, "not_found"), (412, "conflict"), (423, "conflict")])
def test_the_rarer_statuses_are_told_like_the_common_ones_they_mean(status: int, kind: str) -> None:
    assert failure(WRITE, reply(status)).kind == kind


@pytest.mark.parametrize("status", [408, 413, 414, 415, 418, 425, 451])
def test_a_write_that_was_refused_is_not_an_unknown_outcome(status: int) -> None:
    assert failure(WRITE, reply(status)).kind in ("invalid_arguments", "provider_unavailable")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_points_at_the_base_address(status: int) -> None:
    error = failure(READ, reply(status, location="https://elsewhere.test/"))
    assert "base URL" in error.remedy
    assert "elsewhere.test" not in error.text()


def test_the_documents_remedy_for_a_status_wins_over_the_usual_one() -> None:
    assert failure(READ, reply(404)).remedy == "posthog_list_cohorts gives the ids."
    assert failure(WRITE, reply(404)).remedy != failure(READ, reply(404)).remedy


def test_a_missing_permission_is_named_where_the_document_knows_it() -> None:
    assert "cohort:write" in failure(operation(tool={"scopes": ["cohort:write"]}), reply(403)).remedy
    assert "A or B" in failure(operation(tool={"permissions": ["A", "B"]}), reply(403)).remedy


@given(st.integers(300, 599), st.binary(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_whatever_a_provider_answers_becomes_one_of_our_errors(status: int, body: bytes, kind: str, wait: str) -> None:
    error = failure(WRITE, Reply(status, {"content-type": kind, "retry-after": wait}, body))
    assert isinstance(error, errors.AudienceError)
    assert error.kind != "internal"
    assert error.structured()["status"] == status


@pytest.mark.parametrize(("text", "seconds"), [("30", 30.0), (" 1.5 ", 1.5), ("0", 0.0), ("-4", 0.0)])
def test_a_wait_in_seconds_is_kept(text: str, seconds: float) -> None:
    assert waiting(text) == seconds


@pytest.mark.parametrize("zone", ["GMT", "-0000"])
def test_a_wait_until_a_date_is_counted_from_now(zone: str) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=10)
    seconds = waiting(format_datetime(moment).replace("+0000", zone))
    assert seconds is not None and 500 < seconds <= 600


def test_a_date_that_is_past_means_no_wait() -> None:
    assert waiting(format_datetime(datetime.now(UTC) - timedelta(days=1))) == 0.0


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "1e999", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_a_wait_that_says_nothing_is_unknown(text: str) -> None:
    assert waiting(text) is None


def test_a_rate_limit_tells_how_long_to_wait() -> None:
    error = failure(READ, reply(429, retry_after="12"))
    assert error.structured()["retry_after_s"] == 12
    assert "Wait 12 s" in error.remedy
    assert failure(READ, reply(429)).structured()["retry_after_s"] is None


def test_a_server_error_may_tell_how_long_to_wait_too() -> None:
    assert failure(READ, reply(503, retry_after="5")).retry_after_s == 5
    assert failure(WRITE, reply(503, retry_after="5")).retry_after_s == 5
