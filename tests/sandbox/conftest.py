"""Small sandboxes for tests: the same retailer, fewer people, a fixed day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox

TODAY = date(2026, 11, 20)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def small(**options: Any) -> Sandbox:
    """A small sandbox whose clock stands still until it is advanced, so that nobody's requests are ever forgotten."""
    still = {"clock": lambda: 1_795_000_000.0, "limits": 0}
    settings = {"today": TODAY, "profiles": 200, "events": 4000, **still, **options}
    return Sandbox(**settings)


@pytest.fixture
def sandbox() -> Sandbox:
    """A fresh sandbox."""
    return small()


@pytest.fixture(scope="session")
def shared() -> Sandbox:
    """One for all tests that only read."""
    return small()
