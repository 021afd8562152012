"""What a call leaves: the summary for the model, the handle of the stored result, and a chart where one was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audience_mcp.results.summary import Summary


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished call; `handle` is None where nothing is kept (log-ins, plans).

    `picture` is a PNG, `app` the specification it was drawn from, for clients that show MCP Apps.
    """

    summary: Summary
    handle: str | None = None
    title: str = ""
    media_type: str = "application/json"
    size: int = 0
    picture: bytes | None = None
    app: Mapping[str, Any] | None = None
