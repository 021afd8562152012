"""Programs that are closed when their test ends, and the edge of the network under the test's control."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import respx

from .desk import SECRETS, WORKSPACES, Desk, courtesies, opened

Opens = Callable[..., Desk]


@pytest.fixture
def edge() -> Iterator[respx.MockRouter]:
    """Every request goes here; one that nobody mocked fails the test."""
    with respx.mock(assert_all_called=False) as router:
        courtesies(router)
        yield router


@pytest.fixture
async def opens(edge: respx.MockRouter) -> AsyncIterator[Opens]:
    """Opens programs: `opens(variables, **flags)`."""
    desks: list[Desk] = []

    def open_one(environment: dict[str, str] | None = None, **flags: Any) -> Desk:
        desks.append(opened(edge, SECRETS | WORKSPACES if environment is None else environment, **flags))
        return desks[-1]

    yield open_one
    for desk in desks:
        await desk.app.close()


@pytest.fixture
async def desk(opens: Opens) -> Desk:
    """A program with a credential and one workspace at each provider."""
    return opens()
