"""One sandbox for all tests of a process, a program for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from audience_mcp.sandbox import Sandbox

from .shop import Shop, open_shop

Opens = Callable[..., Shop]


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return Sandbox(profiles=40, events=400)


@pytest.fixture
async def opens(sandbox: Sandbox) -> AsyncIterator[Opens]:
    """Opens programs: `opens(variables, **flags)`."""
    shops: list[Shop] = []

    def open_one(environment: dict[str, str] | None = None, **flags: object) -> Shop:
        shops.append(open_shop(sandbox, environment, **flags))
        return shops[-1]

    yield open_one
    for shop in shops:
        await shop.app.close()


@pytest.fixture
async def shop(opens: Opens) -> Shop:
    return opens()
