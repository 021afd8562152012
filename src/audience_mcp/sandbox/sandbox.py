"""A seed -> one made-up retailer on all four platforms, as an ASGI application and as the settings that reach it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from audience_mcp.sandbox import faraday, giosg, posthog, synerise
from audience_mcp.sandbox.clock import Clock
from audience_mcp.sandbox.core import Dialect, SandboxState, application, needed
from audience_mcp.sandbox.faults import Faults, read_faults
from audience_mcp.sandbox.journal import Journal, Witness
from audience_mcp.sandbox.limits import Limits
from audience_mcp.sandbox.moves import read_moves
from audience_mcp.sandbox.world import World

DIALECTS: dict[str, Dialect] = {"synerise": synerise, "posthog": posthog, "faraday": faraday, "giosg": giosg}


class Sandbox:
    """Four providers' APIs over one made-up retailer; the same seed and day give the same data and ids.

    `profiles` and `events` are counts per workspace; `token_seconds` is how long a token that expires lives; `today`
    is the last day with events (default: the clock's own day, UTC). `file` keeps the world in a DuckDB file,
    `journal` every request in a file of JSON lines.

    `faults` says which share of the requests goes wrong and how (module `faults`), `limits` scales the documented rate
    limits (0: none), `withheld` names permissions and scopes that no credential has, `speed` lets the clock run faster.
    `paths` (tool name -> "METHOD /path") hides where operations with an unconfirmed path are: they answer there alone.

    Raises:
        ValueError: One of these cannot be used.
        OSError: The journal's file cannot be written.
    """

    def __init__(
        self,
        seed: int = 7,
        today: date | None = None,
        profiles: int = 5000,
        events: int = 200_000,
        token_seconds: int = 3600,
        clock: Callable[[], float] = time.time,
        *,
        file: Path | None = None,
        journal: Path | None = None,
        faults: str = "",
        limits: float = 1.0,
        withheld: Collection[str] = (),
        speed: float = 1.0,
        paths: Mapping[str, str] | None = None,
    ) -> None:
        day = today or datetime.fromtimestamp(clock(), UTC).date()
        own = Clock(clock, speed)
        self.state = SandboxState(
            world=World(seed, day, profiles, events, file),
            clock=own,
            limits=Limits(limits, own),
            faults=Faults(read_faults(faults), seed),
            token_seconds=token_seconds,
            speed=speed,
            withheld=frozenset(withheld),
            journal=Journal(journal),
        )
        if paths:
            self.state.moves = read_moves(paths, {name: self.state.contract(name).document for name in DIALECTS})
        if unknown := self.state.withheld - self._permissions():
            raise ValueError(f"no operation needs the permission {', '.join(sorted(unknown))}")
        apps = {name: application(self.state, dialect) for name, dialect in DIALECTS.items()}
        self.app: ASGIApp = Witness(_Front(apps), self.state.journal)

    def _permissions(self) -> set[str]:
        """Every permission, scope and group that a document names."""
        tools = [
            entry.node.get("x-tool", {})
            for name in (DIALECTS if self.state.withheld else ())
            for entry in self.state.contract(name).document.entries()
        ]
        return {item for tool in tools for person in (True, False) for item in needed(tool, person)}

    @property
    def journal(self) -> Journal:
        """The requests so far, as they arrived; of a long run the newest, with the number of those it let go."""
        return self.state.journal

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward: tokens expire, nobody sleeps."""
        self.state.clock.advance(seconds)

    def calm(self) -> None:
        """End all faults: what a stormy run has left behind can be looked at."""
        self.state.faults.end()

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


class _Front:
    """The first part of a path -> the provider's application. A `Mount` would miss paths that hold a line break."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        provider = scope["path"].split("/")[1] if scope["type"] == "http" else ""
        app = self._apps.get(provider)
        if app is None:
            known = ", ".join(f"/{name}" for name in self._apps)
            await PlainTextResponse(f"The sandbox's addresses start with {known}.", 404)(scope, receive, send)
            return
        await app({**scope, "root_path": f"{scope.get('root_path', '')}/{provider}"}, receive, send)
