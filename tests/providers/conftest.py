"""The same sessions as in tests/session, and a Synerise whose tokens can be counted."""

from __future__ import annotations

import pytest
import respx

from session.conftest import clock, edge, opened
from session.rig import Clock

from .synerise_edge import SyneriseEdge

__all__ = ["clock", "edge", "opened", "synerise"]


@pytest.fixture
def synerise(edge: respx.MockRouter, clock: Clock) -> SyneriseEdge:
    return SyneriseEdge(edge, clock)
