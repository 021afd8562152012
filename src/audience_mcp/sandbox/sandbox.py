"""A seed -> one made-up retailer on all four platforms, as an ASGI application and as the settings that reach it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from audience_mcp.sandbox import faraday, giosg, posthog, synerise
from audience_mcp.sandbox.clock import Clock
from audience_mcp.sandbox.core import Dialect, SandboxState, application
from audience_mcp.sandbox.journal import Entry, Witness
from audience_mcp.sandbox.world import World

DIALECTS: dict[str, Dialect] = {"synerise": synerise, "posthog": posthog, "faraday": faraday, "giosg": giosg}


class Sandbox:
    """Four providers' APIs over one made-up retailer; the same seed and day give the same data and ids.

    `profiles` and `events` are counts per workspace; `token_seconds` is how long a token that expires lives; `today`
    is the last day with events (default: the clock's own day, UTC).
    """

    def __init__(
        self,
        seed: int = 7,
        today: date | None = None,
        profiles: int = 5000,
        events: int = 200_000,
        token_seconds: int = 3600,
        clock: Callable[[], float] = time.time,
    ) -> None:
        day = today or datetime.fromtimestamp(clock(), UTC).date()
        self.state = SandboxState(World(seed, day, profiles, events), Clock(clock), token_seconds)
        mounts: list[BaseRoute] = [
            Mount(f"/{name}", application(self.state, dialect)) for name, dialect in DIALECTS.items()
        ]
        self.app: ASGIApp = Witness(Starlette(routes=mounts), self.state.journal)

    @property
    def journal(self) -> list[Entry]:
        """Every request so far, as it arrived."""
        return self.state.journal

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward: tokens expire, nobody sleeps."""
        self.state.clock.advance(seconds)

    @property
    def remarks(self) -> list[str]:
        """What a person who uses the sandbox should know beside its settings, a sentence each."""
        return [remark for dialect in DIALECTS.values() for remark in getattr(dialect, "REMARKS", ())]

    def environment(self, base: str) -> dict[str, str]:
        """The settings that make audience-mcp use this sandbox when it is reached at `base` (`http://127.0.0.1:8080`)."""
        settings: dict[str, str] = {}
        for name, dialect in DIALECTS.items():
            settings |= dialect.environment(self.state, f"{base.rstrip('/')}/{name}")
        return settings
