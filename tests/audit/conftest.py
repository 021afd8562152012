"""One small shop for all tests, and a program over it whose calls are written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from audience_mcp.sandbox import Sandbox

from .audited import Audited, audited


@pytest.fixture(scope="package")
def shop() -> Sandbox:
    return Sandbox(profiles=50, events=500)


@pytest.fixture
async def desk(shop: Sandbox, tmp_path: Path) -> AsyncIterator[Audited]:
    async with audited(shop, tmp_path / "audit.jsonl", export_dir=tmp_path) as desk:
        yield desk
