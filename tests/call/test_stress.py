"""A thousand calls in two workspaces while tokens end (`make soak` makes ten thousand): apart, and one renewal."""

from __future__ import annotations

from itertools import pairwise

import pytest

from soak.stress import TOOLS, Site, opened

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def site() -> Site:
    return Site()


forms = pytest.mark.parametrize("by_user", [False, True], ids=["keys", "a user"])


@forms
async def test_tokens_that_end_in_mid_flight_are_renewed_once_and_calls_repeated_once(
    site: Site, by_user: bool
) -> None:
    waves, size = 3, 100
    async with opened(site, 3600, by_user=by_user) as stress:
        for _ in range(waves):
            await stress.wave(size, ends=lambda: site.advance(3601))
        found = stress.outcome
    assert found.wrong == []
    assert found.calls == found.answered == waves * size + 2 * len(TOOLS)
    assert found.refused >= waves * 5  # many calls met each end
    if by_user:
        expected = {"user None": waves + 1, "user main": waves + 1, "user outlet": waves + 1}
    else:
        expected = {"profile main": waves + 1, "profile outlet": waves + 1}
    assert found.log_ins == expected


@forms
async def test_tokens_that_are_about_to_end_are_renewed_before_anybody_is_refused(site: Site, by_user: bool) -> None:
    lasts, early = 100, 60
    async with opened(site, lasts, by_user=by_user) as stress:
        for _ in range(4):
            await stress.wave(50)
        found = stress.outcome
    assert found.wrong == [] and found.refused == 0
    for who, moments in found.moments.items():
        assert len(moments) > 2, who
        assert all(after - before >= lasts - early for before, after in pairwise(moments)), who
