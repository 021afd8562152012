"""What every test shares."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("quick")  # `make fuzz` runs the properties with --hypothesis-profile=thorough


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
