"""What a call leaves: the summary for the model, and the handle of the stored result."""

from __future__ import annotations

from dataclasses import dataclass

from audience_mcp.results.summary import Summary


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished call; `handle` is None where nothing is kept (log-ins, plans)."""

    summary: Summary
    handle: str | None = None
    title: str = ""
    media_type: str = "application/json"
    size: int = 0
