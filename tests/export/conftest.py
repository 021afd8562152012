"""Both protocol eras, for those who ask."""

from __future__ import annotations

import pytest

from e2e.program import ERAS


@pytest.fixture(params=ERAS, ids=["2026-07-28", "2025-11-25"])
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)
