"""One call of a tool, as an MCP client makes it -> what came back, checked by what holds for every call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from mcp import Client

from audience_mcp.app import App

from .clock import SharedClock
from .marks import KEYS, marks_in, other

SECONDS_A_CALL = 1.0
WEATHER = {"rate_limited", "provider_unavailable", "timeout", "credentials_rejected"}
ERROR_KEYS = {"kind", "message", "remedy", "provider", "workspace", "status", "retry_after_s"}


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: `kind` is None where it went well, and `value` is then all that the provider said."""

    tool: str
    kind: str | None
    value: Any
    structured: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether it is an answer and no error."""
        return self.kind is None


@dataclass
class Tally:
    """What the run came to so far."""

    calls: int = 0
    made: Counter[str] = field(default_factory=Counter)
    succeeded: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Desk:
    """Calls tools until `most` calls are made; `tick` is told how many there were."""

    def __init__(self, app: App, client: Client, clock: SharedClock, most: int) -> None:
        self.app, self._client, self._clock, self._most = app, client, clock, most
        self.tally = Tally()

    @property
    def is_open(self) -> bool:
        """Whether calls are left."""
        return self.tally.calls < self._most

    async def ask(
        self,
        tool: str,
        workspace: str | None,
        arguments: dict[str, Any],
        *,
        writes: bool = False,
        expects: Collection[str] = (),
        named: bool = True,
    ) -> Told:
        """Call `tool` in a workspace (its key; None: wherever the server runs it).

        `expects` are kinds of errors that are right answers here; `named` is false where the workspace is right
        although the call leaves it out.
        """
        self.tally.calls += 1
        self._clock.advance(SECONDS_A_CALL)
        sent = {**arguments, "workspace": KEYS[workspace]} if workspace and named else arguments
        result = await self._client.call_tool(tool, sent)
        text, structured = getattr(result.content[0], "text", ""), result.structured_content or {}
        label = "writes" if writes else "reads"
        self.tally.made[label] += 1
        if result.is_error:
            told = Told(tool, self._failed(tool, structured, text, writes, expects), None, structured)
        else:
            told = Told(tool, None, self._value(structured), structured)
            self._check_place(told, workspace)
        if told.ok or told.kind in expects:
            self.tally.succeeded[label] += 1
        else:
            self.tally.errors[f"{label}: {told.kind}"] += 1
        if workspace and (strange := [mark for mark in marks_in(f"{text} {told.value}") if other(mark, workspace)]):
            self.wrong(f"{tool} in {workspace} told of {strange[0]}")
        return told

    def wrong(self, what: str) -> None:
        """Note a wrong answer."""
        self.tally.wrong.append(what)

    def _failed(self, tool: str, structured: dict[str, Any], text: str, writes: bool, expects: Collection[str]) -> str:
        error = structured.get("error", {})
        kind = str(error.get("kind"))
        if kind == "workspace_unknown" and "Not all could be asked" in text:
            return kind  # a key that is refused twice at the first look: nobody knows what it reaches
        allowed = WEATHER | set(expects) | ({"outcome_unknown"} if writes else set())
        if set(error) != ERROR_KEYS or kind not in allowed:
            self.wrong(f"{tool} answered {text[:300]!r}")
        elif not error["remedy"] or error["remedy"] not in text:
            self.wrong(f"{tool} answered without a remedy: {text[:300]!r}")
        return kind

    def _value(self, structured: dict[str, Any]) -> Any:
        handle = structured.get("provenance", {}).get("handle")
        return self.app.store.get(handle).answer().value if handle else None

    def _check_place(self, told: Told, workspace: str | None) -> None:
        place = told.structured.get("provenance", {}).get("workspace")
        if workspace and place is not None and place.rpartition(" (")[0] != KEYS[workspace]:
            self.wrong(f"{told.tool} for {workspace} ran in {place}")
