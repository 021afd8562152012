"""One small shop for all tests, whose changes each test makes for itself; and two ways to run a command."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audience_mcp.app import App
from audience_mcp.cli.main import main
from audience_mcp.sandbox import Sandbox, serving

from .command import Ran, Shell
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
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Ran]:
    """Runs a command in this process, with no settings of whoever runs the tests: as good as a shell, and quick."""
    for name in list(os.environ):
        if name.startswith(("AUDIENCE_MCP", "SYNERISE", "POSTHOG", "FARADAY", "GIOSG", "XDG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(*words: str, **settings: str) -> Ran:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        try:
            # In a thread of its own: beside an older httpx, anyio takes the runner's idle loop for a running one.
            with ThreadPoolExecutor(1) as thread:
                code: object = thread.submit(main, words).result()
        except SystemExit as ended:
            code = ended.code
        assert isinstance(code, int)
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return run


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)
