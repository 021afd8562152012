"""The gallery's charts: one of each kind, drawn from the sandbox; `PYTHONPATH=tests python -m gallery.pictures`.

A picture is for people to look at; what is compared is the specification it was drawn from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import anyio

from audience_mcp.app import build_app, read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.charts.drawing import specify
from audience_mcp.charts.forms import Options
from audience_mcp.charts.picture import png
from audience_mcp.sandbox import Sandbox

Json = Any
_INNERMOST = re.compile(r"\{[^{}\[\]]*\}")
HERE = Path(__file__).parent
FETCHED = "2026-11-20T12:00:00+00:00"
_LAST_30 = {"type": "RELATIVE", "offset": {"type": "DAYS", "value": 0}, "duration": {"type": "DAYS", "value": 30}}
_AMOUNTS = "SELECT properties.amount AS amount FROM events WHERE event = 'transaction.charge' LIMIT 400"


def _synerise(kind: str, **analysis: Json) -> tuple[str, Mapping[str, Json]]:
    return f"synerise_preview_{kind}", {"analysis": {**analysis, "dateFilter": _LAST_30}}


CALLS: Mapping[str, tuple[str, Mapping[str, Json]]] = {
    "funnel": _synerise(
        "funnel",
        title="From a visit to an order",
        steps=[{"name": name} for name in ("page.visit", "product.view", "product.addToCart", "transaction.charge")],
    ),
    "line": _synerise(
        "trend",
        title="Visits, carts and orders",
        events=[{"name": name} for name in ("page.visit", "product.addToCart", "transaction.charge")],
    ),
    "bar": ("synerise_calculate_report", {"reportId": "8de4860c-cfc8-4c50-8d1d-0cb43ddfc576"}),
    "histogram": (
        "posthog_run_query",
        {"query": {"kind": "HogQLQuery", "query": _AMOUNTS}},
    ),
    "sankey": _synerise("sankey", title="Around a chat", event={"name": "chat.contact"}, before=2, after=2),
    "stacked_area": ("faraday_get_persona_set_flow", {"persona_set_id": "2c7b858e-40fe-4580-8c72-09937475e0a5"}),
    "table": ("posthog_list_cohorts", {}),
}
"""Kind of chart -> the call whose answer it is drawn from."""


async def specifications() -> dict[str, dict[str, Json]]:
    """The specification of each chart, always the same."""
    app = build_app(
        read_settings({"sandbox": True}, {}), sandbox=Sandbox(today=date(2026, 11, 20), profiles=1500, events=30_000)
    )
    made: dict[str, dict[str, Json]] = {}
    try:
        for kind, (tool, arguments) in CALLS.items():
            told = await app.dispatcher.run(tool, arguments, NoAsker())
            assert told.outcome is not None and told.outcome.handle is not None, told.text
            stored = app.store.get(told.outcome.handle)
            provenance = replace(stored.card.provenance, fetched=FETCHED)
            made[kind] = specify(stored.view(), provenance, Options(kind)).specification
    finally:
        await app.close()
    return made


def written(specification: Json) -> str:
    """A specification as JSON, its innermost objects (the rows of data) on a line each."""
    text = json.dumps(specification, ensure_ascii=False, indent=1)
    return _INNERMOST.sub(lambda found: re.sub(r"\n\s+", " ", found[0]), text) + "\n"


def main() -> None:
    """Draw every chart anew."""
    for kind, specification in anyio.run(specifications).items():
        picture = png(specification)
        (HERE / f"{kind}.png").write_bytes(picture)
        (HERE / f"{kind}.vega.json").write_text(written(specification), encoding="utf-8")
        print(f"{kind}: {len(picture):,} bytes")


if __name__ == "__main__":
    main()
