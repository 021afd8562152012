"""A few calls of every tool, good and hostile, always the same ones; `make fuzz` makes many more."""

from __future__ import annotations

from pathlib import Path

import pytest

from .calls import fuzzed
from .world import opened

pytestmark = pytest.mark.anyio
EVERY = 142  # tools.json, and the two that lead to all others


async def test_no_call_fails_inside_hangs_or_sends_what_is_not_its_own(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        tally = await fuzzed(world, cases=6, seed=20)
    assert tally.wrong == []
    assert (tally.counts["tools"], tally.counts["internal"], tally.counts["hangs"]) == (EVERY, 0, 0)
    # It is no use to refuse everything: both sorts were tried, and good calls came through.
    assert min(tally.counts["valid"], tally.counts["invalid"]) > EVERY
    assert tally.counts["accepted"] > EVERY
