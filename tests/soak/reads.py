"""Questions whose answers no write of the run touches -> the answers of a program in fair weather."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.sandbox import Sandbox

from .lives import ANALYSES, TIERS
from .marks import KEYS
from .shop import EVENTS, PROFILES, TODAY

NAMED = ("faraday_get_persona_set_flow",)
INTERVAL = {"start": "2026-06-01T00:00:00Z", "end": "2026-11-20T00:00:00Z"}
EVERYWHERE = ("faraday_list_persona_sets", "giosg_list_workflows", "posthog_run_query", "synerise_list_workspaces")
COUNTS = {"kind": "HogQLQuery", "query": "select event, count() from events group by event order by event"}
PREVIEWED = ("funnel", "metric", "segmentation", "trend", "report", "histogram", "sankey")


@dataclass(frozen=True, slots=True)
class Question:
    """One call and the whole of its right answer; `told` is what a model reads of it."""

    tool: str
    workspace: str
    arguments: dict[str, Any]
    answer: str
    told: frozenset[str]


@dataclass
class Known:
    """What fair weather taught: questions, and what the lives of things need."""

    questions: list[Question] = field(default_factory=list)
    samples: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    tiers: dict[str, dict[str, int]] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)


def canonical(value: Any) -> str:
    """An answer as a text that can be compared, without what differs each time: the server's address, when it was."""
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if key != "last_refresh"}
    return json.dumps(value, sort_keys=True, default=str).replace("https://sandbox.invalid", "BASE")


def figures(tool: str, structured: Mapping[str, Any]) -> frozenset[str]:
    """Headline and figures as a model reads them; for how many there is room depends on the server's address.

    Where names come from a second read they may be missing: the answer stands with ids in their place.
    """
    headline, shown = structured["headline"].removeprefix("SANDBOX: "), structured["figures"]
    if tool in NAMED:
        headline, shown = re.sub('"[^"]*"', "...", headline), [figure["value"] for figure in shown]
    return frozenset(json.dumps(one, sort_keys=True) for one in (headline, *shown))


async def learn(seed: int, clock: Callable[[], float]) -> Known:
    """Ask everything once, of the same retailer in fair weather."""
    known = Known()
    async with _calm(seed, clock) as app:
        for workspace in KEYS:
            await _learn_in(workspace, app, known)
    return known


async def _learn_in(workspace: str, app: App, known: Known) -> None:
    async def ask(tool: str, keep: bool = True, /, **arguments: Any) -> Any:
        told = await app.dispatcher.run(tool, {**arguments, "workspace": KEYS[workspace]}, NoAsker())
        assert told.outcome is not None and told.outcome.handle is not None, told.text
        value = app.store.get(told.outcome.handle).answer().value
        if keep:
            question = Question(tool, workspace, arguments, canonical(value), figures(tool, told.structured))
            known.questions.append(question)
        return value

    people = (await ask("posthog_list_persons", limit=20))["results"]
    known.people[workspace] = [person["id"] for person in people]
    emails = [person["properties"]["email"] for person in people if person["properties"].get("email")][:3]
    counts = {row["name"]: row["count"] for row in await ask("posthog_list_person_property_values", key="tier")}
    known.tiers[workspace] = {tier: counts.get(tier, 0) for tier in TIERS}
    samples = known.samples.setdefault(workspace, {})
    for kind in ANALYSES:
        # A saved one may refer to others, which nobody deletes: those that were there before the run.
        for item in (await ask(f"synerise_list_{kind}s", False))["data"]:
            saved = await ask(f"synerise_get_{kind}", **{f"{kind}Id": item["id"]})
            samples[kind] = saved["analysis"]
            if kind in ("metric", "report"):
                await ask(f"synerise_calculate_{kind}", **{f"{kind}Id": item["id"]})
            if kind in ("funnel", "trend", "histogram"):
                await ask(f"synerise_calculate_{kind}", **{f"{kind}Id": item["id"], "variables": []})
            if kind == "aggregate" and item["aggregateType"] == "AGGREGATE":
                for email in emails:
                    who = {"identifierType": "email", "identifierValue": email}
                    await ask("synerise_calculate_aggregate", aggregateId=item["id"], **who)
        if kind in PREVIEWED:
            await ask(f"synerise_preview_{kind}", analysis=samples[kind])
    for person in people[:3]:
        await ask("posthog_get_person", id=person["id"])
    for cohort in (await ask("posthog_list_cohorts", False))["results"][:4]:
        await ask("posthog_list_cohort_persons", id=cohort["id"], limit=20)
    await ask("posthog_run_query", query=COUNTS)
    for persona_set in await ask("faraday_list_persona_sets"):
        await ask("faraday_get_persona_set", persona_set_id=persona_set["id"])
        if persona_set["status"] == "ready":
            await ask("faraday_get_persona_set_flow", persona_set_id=persona_set["id"])
    for workflow in await ask("giosg_list_workflows"):
        about = {"workflow_id": workflow["id"]}
        await ask("giosg_get_workflow_info", **about)
        if workflow["name"] != "Referral campaign":  # a draft, which has no data
            await ask("giosg_query_workflow_report", **about, filters=[], interval=INTERVAL)
            await ask("giosg_get_workflow_side_data", **about, interval=INTERVAL)


@asynccontextmanager
async def _calm(seed: int, clock: Callable[[], float]) -> AsyncIterator[App]:
    sandbox = Sandbox(seed, TODAY, PROFILES, EVENTS, clock=clock, limits=0)
    app = build_app(read_settings({"sandbox": True}, {}), sandbox=sandbox, clock=clock)
    try:
        yield app
    finally:
        await app.close()
