"""Short ways to draw a value and to look into the chart that comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from audience_mcp.charts.drawing import Chart, specify
from audience_mcp.charts.forms import Options
from audience_mcp.errors import InvalidArguments
from audience_mcp.results.answer import Media
from audience_mcp.results.draft import View
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading

Json = Any
FROM = Provenance(
    provider="Synerise",
    workspace="Meadow & Main (e43564a9-4d5e-489a-9102-5a45c64d9b03)",
    fetched="2026-11-20T10:12:03+00:00",
    window="2026-10-22 to 2026-11-20",
)


def draw(
    value: Json,
    kind: str | None = None,
    *,
    reading: Reading | None = None,
    names: dict[str, str] | None = None,
    provenance: Provenance = FROM,
    media: Media = "json",
    tool: str = "Query stored results by SQL",
    **options: str,
) -> Chart:
    """The chart of an answer of this kind."""
    view = View(value, media, reading or Reading(kind=kind), names or {}, tool)
    return specify(view, provenance, Options(**options))


def refused(value: Json, kind: str | None = None, **options: Any) -> InvalidArguments:
    """The refusal of a chart."""
    with pytest.raises(InvalidArguments) as caught:
        draw(value, kind, **options)
    return caught.value


def rows(chart: Chart, *fields: str) -> list[dict[str, Json]]:
    """The rows of data in the chart that have all these fields, whatever part of it they are in."""
    return [row for part in parts(chart.specification) for row in part.get("values", ()) if set(fields) <= set(row)]


def parts(value: Json) -> Iterator[dict[str, Json]]:
    """Every object in a specification that holds data."""
    if isinstance(value, dict):
        if "values" in value:
            yield value
        for part in value.values():
            yield from parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from parts(part)


def texts(value: Json) -> Iterator[str]:
    """Every text that a value holds, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def days(number: int) -> list[str]:
    """So many days in a row, as dates."""
    return [(date(2026, 1, 1) + timedelta(at)).isoformat() for at in range(number)]
