"""One small shop for all tests in memory: what a test changes in it, it makes itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from audience_mcp.app import App
from audience_mcp.sandbox import Sandbox, serving

from .command import Shell
from .program import ERAS, running, small_shop


@pytest.fixture(scope="package")
def shop() -> Sandbox:
    return small_shop()


@pytest.fixture(scope="package")
async def app(shop: Sandbox) -> AsyncIterator[App]:
    """The program as it starts without any setting."""
    async with running(shop) as app:
        yield app


@pytest.fixture(scope="package")
async def base(shop: Sandbox) -> AsyncIterator[str]:
    """Where the shop is served over HTTP."""
    async with serving(shop) as url:
        yield url


@pytest.fixture(params=ERAS, ids=["2026-07-28", "2025-11-25"])
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)
