"""The gallery's summaries: for each kind a call on the sandbox, what it answered, and what the model reads of it.

`PYTHONPATH=tests python -m gallery.summaries` writes them anew. Time, seed and handle are fixed, so that nothing but a
change of the code changes a text. Of an answer only the size and the beginning are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import anyio

from audience_mcp.app import build_app, read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.query.layout import layout
from audience_mcp.results.budget import estimate
from audience_mcp.results.stored import StoredResult
from audience_mcp.results.summarize import summarize
from audience_mcp.sandbox import Sandbox

from .pictures import HERE

Json = Any
Call = tuple[str, Mapping[str, Json]]

TODAY, NOW = date(2026, 11, 20), datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
HANDLE, FIRST_PERSON = "r_k3jx5q2mzv7a4b6t", "the first of persons"
_BEGINNING, _CHANGE = 400, re.compile(r"c_[a-z2-7]{10}")
_MONTH = {"type": "RELATIVE", "offset": {"type": "DAYS", "value": 0}, "duration": {"type": "DAYS", "value": 30}}
_OCTOBER = {"start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z"}
_PATH = ("page.visit", "product.view", "product.addToCart", "transaction.charge")
_BOUGHT = {"event": {"name": "transaction.charge", "title": "Order"}, "logic": "PERFORMED"}
_FUNNEL = {"title": "From a visit to an order", "steps": [{"name": name} for name in _PATH], "dateFilter": _MONTH}
_CHAT, _GOLD = {"name": "chat.contact"}, {"type": "person", "key": "tier", "operator": "exact", "value": ["gold"]}
_CHECKOUT = "6d4bddba-0c97-42de-bbb1-b55961cd1122"
_PERSONAS = "2c7b858e-40fe-4580-8c72-09937475e0a5"
_EVENTS = "SELECT event, count() AS times, uniq(person_id) AS people FROM events GROUP BY event ORDER BY times DESC"
_VALUE = {
    "title": "Value of customers",
    "segments": [
        {"title": "Regulars", "filter": {"conditions": [_BOUGHT | {"count": {"logic": "MORE_OR_EQUAL", "value": 3}}]}},
        {"title": "Buyers", "filter": {"conditions": [_BOUGHT]}},
    ],
    "dateFilter": _MONTH,
}


def _trend(*events: str, **more: Json) -> Call:
    analysis = {"title": "Over a month", "events": [{"name": name} for name in events], "dateFilter": _MONTH, **more}
    return "synerise_preview_trend", {"analysis": analysis}


def _filters(*conditions: Mapping[str, Json]) -> dict[str, Json]:
    return {"properties": {"type": "OR", "values": [{"type": "AND", "values": [*conditions]}]}}


CALLS: Mapping[str, Call] = {
    "funnel": ("synerise_preview_funnel", {"analysis": _FUNNEL}),
    "series": _trend("transaction.charge", function="SUM", attribute="amount"),
    "series_several": _trend("page.visit", "product.addToCart", "transaction.charge"),
    "sankey": (
        "synerise_preview_sankey",
        {"analysis": {"title": "Around a chat", "event": _CHAT, "before": 2, "after": 2, "dateFilter": _MONTH}},
    ),
    "sankey_of_steps": (
        "giosg_query_workflow_report",
        {"workflow_id": _CHECKOUT, "filters": [], "interval": _OCTOBER},
    ),
    "segments": ("synerise_preview_segmentation", {"analysis": _VALUE}),
    "flow": ("faraday_get_persona_set_flow", {"persona_set_id": _PERSONAS}),
    "scalar": ("synerise_calculate_metric", {"metricId": "0b07a776-1a7c-4523-8670-c40234343f10"}),
    "table": ("synerise_calculate_report", {"reportId": "0a5796ef-853e-44b8-a630-dde8320a4cae"}),
    "table_of_a_query": ("posthog_run_query", {"query": {"kind": "HogQLQuery", "query": _EVENTS}}),
    "table_of_events": (
        "giosg_get_workflow_source_data",
        {"workflow_id": _CHECKOUT, "filters": [], "interval": _OCTOBER, "limit": 400},
    ),
    "page": ("posthog_list_cohorts", {}),
    "page_of_analyses": ("synerise_list_funnels", {}),
    "object_funnel": ("synerise_get_funnel", {"funnelId": "47a457cd-2c49-418b-aeb3-a0e82fc00b30"}),
    "object_segmentation": ("synerise_get_segmentation", {"segmentationId": "1c7aa0b9-dedb-4ff8-89df-850eaf7114b2"}),
    "object_cohort": ("posthog_get_cohort", {"id": 2048104}),
    "object_with_a_list": ("faraday_get_persona_set", {"persona_set_id": _PERSONAS}),
    "object_of_figures": ("giosg_get_workflow_side_data", {"workflow_id": _CHECKOUT, "interval": _OCTOBER}),
    "membership": (
        "synerise_check_profile_segmentations",
        {
            "identifierType": "id",
            "identifierValue": "1000001",
            "segmentationIds": ["80bfe6d3-2409-4094-a80d-9102757d82df", "de1b489c-2f21-435d-9833-3d1da01cf203"],
        },
    ),
    "persons": ("posthog_list_persons", {"limit": 20}),
    "person": ("posthog_get_person", {"id": FIRST_PERSON}),
    "persons_as_csv": ("posthog_list_persons", {"format": "csv", "limit": 20}),
    "persons_by_segment": ("synerise_preview_segmentation_profiles", {"analysis": _VALUE}),
    "activity": ("posthog_list_all_cohort_activity", {}),
    "acknowledgement": ("synerise_create_funnel", {"analysis": _FUNNEL}),
    "acknowledgement_cohort": (
        "posthog_create_cohort",
        {"name": "Gold", "filters": _filters(_GOLD)},
    ),
    "session": ("synerise_log_in_workspace", {}),
}
"""Name of a text -> the call behind it; the name begins with the kind."""


async def texts() -> dict[str, str]:
    """Every golden text, always the same."""
    world = Sandbox(today=TODAY, profiles=1500, events=30_000, clock=lambda: NOW)
    app = build_app(read_settings({"sandbox": True}, {}), sandbox=world, clock=lambda: NOW)
    made: dict[str, str] = {}
    first_person = ""
    try:
        for name, (tool, arguments) in CALLS.items():
            given = {key: first_person if value == FIRST_PERSON else value for key, value in arguments.items()}
            told = await app.dispatcher.run(tool, given, NoAsker())
            assert told.outcome is not None, told.text
            call = f"{tool} {json.dumps(given, ensure_ascii=False)}"
            if told.outcome.handle is None:
                made[name] = written(call, None, told.text, told.structured)
                continue
            stored = app.store.get(told.outcome.handle)
            if name == "persons":
                first_person = stored.answer().value["results"][0]["id"]
            made[name] = written(call, stored, *summary(stored))
    finally:
        await app.close()
    return made


def summary(stored: StoredResult) -> tuple[str, Json]:
    """The summary under a handle that is the same each time, as text and as an object."""
    card, answer = stored.card, stored.answer()
    table = isinstance(answer.value, (dict, list)) and answer.value
    notes = tuple(_CHANGE.sub("c_x3jx5q2mzv", note) for note in card.provenance.notes)
    undone = any("undo" in note for note in notes)
    columns = layout(stored.view()).described(HANDLE) if table and not undone else None
    provenance = replace(card.provenance, handle=HANDLE, notes=notes, columns=columns)
    told = summarize(answer, card.reading, provenance, names=card.names, title=card.title)
    return told.text(), told.structured()


def written(call: str, stored: StoredResult | None, text: str, structured: Json) -> str:
    """A golden text: the call, how its answer begins, and its summary with what it costs."""
    body = stored.body.decode("utf-8", "replace").replace("\r\n", "\n") if stored else ""
    answer = f"{len(body.encode()):,} bytes, beginning\n{body[:_BEGINNING]}" if stored else "not kept: it holds tokens"
    cost = f"{estimate(text)} tokens as text, {estimate(json.dumps(structured))} as an object"
    return f"CALL {call}\n\nANSWER {answer}\n\nSUMMARY {cost}\n{text}\n"


def main() -> None:
    """Write every text anew."""
    for name, text in anyio.run(texts).items():
        (HERE / f"{name}.txt").write_text(text, encoding="utf-8")
        print(f"{name}: {len(text):,} characters")


if __name__ == "__main__":
    main()
