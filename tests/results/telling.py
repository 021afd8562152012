"""Short ways to say what an answer is and to look into its summary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from audience_mcp.results.answer import decode
from audience_mcp.results.path import read
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading
from audience_mcp.results.summarize import DEFAULT_BUDGET, summarize
from audience_mcp.results.summary import Figure, Summary

Json = Any
HANDLE = "r_k3jx5q2mzv7a4b6t"
KEPT = Provenance(
    provider="synerise",
    workspace="Meadow & Main (48)",
    region="azure-eu",
    fetched="2026-11-20T10:12:03Z",
    operation="synerise_list_aggregates",
    handle=HANDLE,
)


def tell(
    value: Json,
    reading: Reading | None = None,
    *,
    budget: int = DEFAULT_BUDGET,
    names: Mapping[str, str] | None = None,
    title: str = "Ask",
    provenance: Provenance = KEPT,
    content_type: str = "application/json",
) -> Summary:
    """The summary of an answer as it would arrive: a value as JSON, bytes as they are."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return summarize(decode(body, content_type), reading or Reading(), provenance, budget, names or {}, title)


def figure(summary: Summary, label: str, unit: str | None = None) -> Figure:
    """The figure of that label (and unit); it must be there."""
    return next(one for one in summary.figures if one.label == label and one.unit == unit)


def cells(summary: Summary, column: str) -> list[Json]:
    """A column of the table, top to bottom."""
    assert summary.table is not None
    at = summary.table.columns.index(column)
    return [row[at] for row in summary.table.rows]


def stands(value: Json, one: Figure) -> Json:
    """What stands in the stored value at a figure's path."""
    page = read(value, one.path)
    return page.items[0] if page.unit in ("value", "character") else page.items
