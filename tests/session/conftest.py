"""Sessions that are closed when their test ends, and the edge of the network under the test's control."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import respx

from .rig import Clock, Rig, open_rig

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
async def opened(clock: Clock) -> AsyncIterator[Opens]:
    """Opens sessions: `opened(variables, **flags)`."""
    rigs: list[Rig] = []

    def open_one(environment: dict[str, str], **flags: Any) -> Rig:
        rigs.append(open_rig(environment, clock, **flags))
        return rigs[-1]

    yield open_one
    for rig in rigs:
        await rig.client.close()
