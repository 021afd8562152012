"""Waves of calls at once in two workspaces, whose tokens end meanwhile -> what was mixed up, and the log-ins."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import anyio

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.sandbox import Entry, Sandbox

from .marks import KEYS

WAVE = 500
TODAY = date(2026, 11, 20)
NUMBERS = {"main": 481, "outlet": 482}
# A Synerise address does not name its workspace: the size of the page says in which one a call belongs.
SIZES = {"main": 40, "outlet": 41}
TOOLS: tuple[tuple[str, str], ...] = (
    ("synerise_list_metrics", "/metrics"),
    ("synerise_list_funnels", "/funnels"),
    ("posthog_list_cohorts", "/cohorts/"),
    ("faraday_list_persona_sets", "/persona_sets"),
    ("giosg_list_workflows", "/workflows"),
)
USER_ONLY = ("SYNERISE_API_KEY", "SYNERISE_API_KEY__OUTLET", "SYNERISE_BASE_URL__OUTLET")
KEYS_ONLY = ("SYNERISE_USERNAME", "SYNERISE_PASSWORD")


class Ticking:
    """A clock that moves a second with each call, and by every wait."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Outcome:
    """What came of it: `wrong` are sentences, the rest counts; `moments` are when each log-in went well."""

    wrong: list[str] = field(default_factory=list)
    calls: int = 0
    answered: int = 0
    refused: int = 0
    log_ins: Counter[str] = field(default_factory=Counter)
    moments: dict[str, list[float]] = field(default_factory=dict)


class Stress:
    """One program over one sandbox in this process."""

    def __init__(self, app: App, sandbox: Sandbox, clock: Ticking) -> None:
        self._app, self.sandbox, self._clock = app, sandbox, clock
        self._right: dict[tuple[str, str], Any] = {}
        self._read = sandbox.journal.dropped + len(sandbox.journal)
        self.outcome = Outcome()

    async def learn(self) -> None:
        """The right answers, asked one after the other; they differ between the workspaces."""
        for tool, _ in TOOLS:
            for workspace in KEYS:
                self._right[tool, workspace] = await self._value(tool, workspace)
            assert self._right[tool, "main"] != self._right[tool, "outlet"]
        self.witness()

    async def wave(self, calls: int, *, ends: Callable[[], None] | None = None) -> None:
        """So many calls at once; `ends` is done when a quarter of them is answered."""
        done = 0

        async def one(number: int) -> None:
            nonlocal done
            tool, _ = TOOLS[number % len(TOOLS)]
            workspace = list(KEYS)[number // len(TOOLS) % 2]
            value = await self._value(tool, workspace)
            if value is not None and value != self._right[tool, workspace]:
                self.outcome.wrong.append(f"{tool} in {workspace} answered {str(value)[:200]}")
            done += 1
            if done == calls // 4 and ends is not None:
                ends()

        async with anyio.create_task_group() as group:
            for number in range(calls):
                group.start_soon(one, number)
        self.witness()

    def witness(self) -> None:
        """Read what the journal has since the last time: each request in the workspace that its call was for."""
        journal = self.sandbox.journal
        fresh = journal.dropped + len(journal) - self._read
        assert fresh <= len(journal), "the journal let requests go that nobody had read"
        for entry in journal[len(journal) - fresh :]:
            self._note(entry)
        self._read += fresh

    async def _value(self, tool: str, workspace: str) -> Any:
        self._clock.now += 1
        self.outcome.calls += 1
        sized = {"limit": SIZES[workspace]} if tool.startswith("synerise") else {}
        told = await self._app.dispatcher.run(tool, {**sized, "workspace": KEYS[workspace]}, NoAsker())
        if told.is_error:
            self.outcome.wrong.append(f"{tool} in {workspace} failed: {told.text}")
            return None
        place = told.structured["provenance"]["workspace"].rpartition(" (")[0]
        if place != KEYS[workspace]:
            self.outcome.wrong.append(f"{tool} for {workspace} says that it ran in {place}")
        assert told.outcome is not None and told.outcome.handle is not None
        value = self._app.store.get(told.outcome.handle).answer().value
        return value["data"] if tool.startswith("synerise") else value

    def _note(self, entry: Entry) -> None:
        end = entry.path.rpartition("/login/")[2] if "/login/" in entry.path else None
        if end is not None and entry.status == 200:
            # A key's log-in is known by its key's workspace, a user's selection too; the user's own is in none.
            who = f"{end.partition('/')[0]} {entry.workspace}"
            self.outcome.log_ins[who] += 1
            self.outcome.moments.setdefault(who, []).append(self._clock.now)
        if not any(entry.path.endswith(path) for _, path in TOOLS):
            return
        self.outcome.refused += entry.status == 401
        self.outcome.answered += entry.status == 200
        meant = self._meant(entry)
        bears = _bearer(entry) if entry.provider == "synerise" else None
        if bears is not None and bears != NUMBERS[meant]:
            self.outcome.wrong.append(f"{entry.path}?{entry.query} went out with a token of {bears}")
        if entry.status == 200 and entry.workspace != meant:
            self.outcome.wrong.append(f"{entry.provider} {entry.path}?{entry.query} ran in {entry.workspace}")

    def _meant(self, entry: Entry) -> str:
        """The workspace that a request's own address or key names."""
        for item in self.sandbox.state.world.workspaces:
            names = (f"limit={SIZES[item.key]}", str(item.posthog_project), str(item.giosg_organization))
            key = "Outlet" if item.key == "outlet" else "Main"
            faraday = entry.provider == "faraday" and f"sandbox{key}" in entry.headers["authorization"]
            if faraday or any(name in f"{entry.path}?{entry.query}" for name in names):
                return item.key
        raise LookupError(f"{entry.path}?{entry.query} names no workspace")


class Site(Sandbox):
    """A small sandbox that can hide credentials: with all of them the program would always choose the keys."""

    def __init__(self) -> None:
        self.source = Ticking()
        self.hidden: tuple[str, ...] = KEYS_ONLY
        super().__init__(today=TODAY, profiles=50, events=500, clock=self.source, limits=0)

    def environment(self, base: str) -> dict[str, str]:
        return {name: value for name, value in super().environment(base).items() if name not in self.hidden}


@asynccontextmanager
async def opened(site: Site, token_seconds: int, *, by_user: bool = False) -> AsyncIterator[Stress]:
    """A program that has asked everything once; its clock is the site's as it is now, and is not moved by `advance`."""
    site.hidden = USER_ONLY if by_user else KEYS_ONLY
    site.state.token_seconds = token_seconds
    ahead = site.state.clock() - site.source()
    app = build_app(
        read_settings({"sandbox": True}, {}),
        sandbox=site,
        clock=lambda: site.source() + ahead,
        sleep=site.source.sleep,
    )
    try:
        stress = Stress(app, site, site.source)
        await stress.learn()
        yield stress
    finally:
        await app.close()


async def ends_in_flight(calls: int, by_user: bool) -> tuple[Outcome, int]:
    """So many calls in waves, in each of which all tokens end; what came of it, and how often they ended."""
    site, waves = Site(), -(-calls // WAVE)
    async with opened(site, 3600, by_user=by_user) as stress:
        for _ in range(waves):
            await stress.wave(WAVE, ends=lambda: site.advance(3601))
    found = stress.outcome
    if found.answered != found.calls:
        found.wrong.append(f"{found.calls} calls were answered by {found.answered} requests")
    for who, times in found.log_ins.items():
        if times != waves + 1:
            found.wrong.append(f"{times} log-ins of {who} for {waves} ends")
    return found, waves


def _bearer(entry: Entry) -> Any:
    claims = entry.headers["authorization"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=="))["bpi"]
