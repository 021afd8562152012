"""One small shop, and the same program over it with and without redaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.sandbox import Sandbox
from audience_mcp.settings import Settings

from .people import People


@pytest.fixture(scope="package")
def shop() -> Sandbox:
    return Sandbox(today=date(2026, 11, 20), profiles=60, events=1500)


@pytest.fixture(scope="package")
def people(shop: Sandbox) -> People:
    return People.of(shop)


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


@pytest.fixture(scope="package")
def masked_settings(folder: Path) -> Iterator[Settings]:
    read = read_settings({"sandbox": True, "redact": ["all"]}, {})
    yield replace(read, confirm="never", unconfirmed="allow", export_dir=folder)


@pytest.fixture(scope="package")
async def masked(shop: Sandbox, masked_settings: Settings) -> AsyncIterator[App]:
    """The program with `--redact all`."""
    made = build_app(masked_settings, sandbox=shop)
    yield made
    await made.close()


@pytest.fixture(scope="package")
async def plain(shop: Sandbox, masked_settings: Settings) -> AsyncIterator[App]:
    """The same without."""
    made = build_app(replace(masked_settings, redact=()), sandbox=shop)
    yield made
    await made.close()
