"""Sessions that are closed when their test ends, and the edge of the network under the test's control."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import respx

from audience_mcp.rest.client import Client

from .rig import MOST_BYTES, Clock, Rig, open_rig
from .synerise_edge import SyneriseEdge

Opens = Callable[..., Rig]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def edge() -> Iterator[respx.MockRouter]:
    """Every request goes here; one that nobody mocked fails the test."""
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def synerise(edge: respx.MockRouter, clock: Clock) -> SyneriseEdge:
    """A Synerise whose tokens can be counted."""
    return SyneriseEdge(edge, clock)


@pytest.fixture(scope="session")
async def client(anyio_backend: str) -> AsyncIterator[Client]:
    """One for all tests: it keeps nothing but connections, and reading the certificates takes most of a test's time."""
    shared = Client(MOST_BYTES)
    yield shared
    await shared.close()


@pytest.fixture
async def opened(clock: Clock, client: Client) -> Opens:
    """Opens sessions: `opened(variables, **flags)`."""

    def open_one(environment: dict[str, str], **flags: Any) -> Rig:
        return open_rig(environment, clock, **{"client": client, **flags})

    return open_one
