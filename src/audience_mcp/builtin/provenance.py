"""Where our own tools' answers come from: this server."""

from __future__ import annotations

from datetime import UTC, datetime

from audience_mcp.results.provenance import Provenance


def own_provenance(operation: str, *, sandbox: bool) -> Provenance:
    """The provenance of an answer that no provider gave."""
    fetched = datetime.now(UTC).isoformat(timespec="seconds")
    return Provenance(
        provider="audience-mcp",
        operation=operation,
        fetched=fetched,
        complete=True,
        shape="documented",
        sandbox=sandbox,
    )
