"""A probe on a sandbox whose true paths are hidden: what it sends, what it proves, and that the calls then succeed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import respx

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.contract.overlays import document_of, write
from audience_mcp.contract.probing.learning import corrections_of
from audience_mcp.contract.probing.plan import Ask, make_plan
from audience_mcp.contract.probing.running import Findings, Probe
from audience_mcp.contract.probing.sending import PACE, Carrier
from audience_mcp.openapi.operation import Operation
from audience_mcp.sandbox import Sandbox, serving
from audience_mcp.settings import Settings

from .documents import operations
from .samples import Samples

pytestmark = pytest.mark.anyio
MOST = 40
GUESSES = [one for one in operations() if one.tool.contract == "inferred" and one.access == "read"]
SOME = ("synerise_calculate_funnel", "synerise_preview_metric", "synerise_list_trends", "synerise_preview_aggregate")


def elsewhere(one: Operation) -> str:
    """The true path that is hidden: what we think is in v3 or v4 is named, and the other way round."""
    versioned = re.sub(r"/analytics/v[34]/", "/profiles/", one.path)
    path = versioned if versioned != one.path else one.path.replace("/{namespace}/", "/analytics/v3/")
    return f"{one.method} {path}"


TRUE = {one.name: elsewhere(one) for one in GUESSES}


def shop(**options: Any) -> Sandbox:
    return Sandbox(today=date(2026, 11, 20), profiles=60, events=1200, limits=0, **options)


class Hourglass:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@asynccontextmanager
async def program(base: str, sandbox: Sandbox, overlays: Path | None = None) -> AsyncIterator[App]:
    settings = read_settings({"workspace": ["synerise=Meadow & Main"]}, sandbox.environment(base))
    app = build_app(settings, overlays=overlays)
    yield app
    await app.close()


async def probe(app: App, most: int = MOST, glass: Hourglass | None = None) -> Findings:
    glass = glass or Hourglass()
    known = app.catalog
    plan = make_plan(
        "synerise", known.operations("synerise"), lambda name: known.operation("synerise", name).schema, most
    )
    carrier = Carrier(app.session, app.client, glass, glass.sleep)
    return await Probe(plan, carrier.send, lambda *told: None).run()


@pytest.fixture(scope="module")
def plain() -> Sandbox:
    return shop()


@pytest.fixture(scope="module")
async def arguments(open_settings: Settings, plain: Sandbox) -> dict[str, dict[str, Any]]:
    """Arguments with which each guessed read succeeds, found on the same shop with nothing hidden."""
    app = build_app(open_settings, sandbox=plain)
    found = {one.name: await Samples().of(one, app) for one in GUESSES}
    await app.close()
    return found


async def test_reads_at_hidden_paths_are_unconfirmed_before_a_probe_and_answer_after_it(
    tmp_path: Path, arguments: dict[str, dict[str, Any]]
) -> None:
    hidden = shop(paths=TRUE)
    async with serving(hidden) as base:
        async with program(base, hidden) as app:
            for name in SOME:
                told = await app.dispatcher.run(name, arguments[name], NoAsker())
                assert told.structured["error"]["kind"] == "contract_unconfirmed", told.text
            before = len(hidden.journal)
            findings = await probe(app)
            sent = hidden.journal[before:]
        assert {one.operation.name for one in findings.of("proven")} == set(TRUE)
        assert findings.requests == len(sent) <= MOST
        for entry in sent:
            assert entry.method in ("GET", "POST", "OPTIONS") and entry.workspace in (None, "main")
            assert entry.method != "POST" or (entry.body == b"{}" and entry.status >= 400), entry
        overlay = tmp_path / "overlays"
        write("synerise", corrections_of(findings.of("proven"), document_of("synerise"), "2026-11-21"), overlay)
        async with program(base, hidden, overlay) as app:
            assert not app.settings.problems
            for name, given in arguments.items():
                told = await app.dispatcher.run(name, given, NoAsker())
                assert not told.is_error and "unconfirmed" not in told.text, told.text
                operation = app.catalog.call_target(name).operation
                assert operation.tool.contract == "probed"
                assert f"{operation.method} {operation.path}" == TRUE[name].replace("{namespace}", "profiles")
                assert "unconfirmed" not in app.catalog.wire(name)["description"]


async def test_guesses_that_are_right_are_proven_where_they_are_at_a_measured_pace(plain: Sandbox) -> None:
    glass = Hourglass()
    begun = glass()
    async with serving(plain) as base, program(base, plain) as app:
        findings = await probe(app, glass=glass)
    proven = findings.of("proven")
    assert {one.operation.name for one in proven} == set(TRUE)
    assert all(one.trial is not None and one.trial.candidate.is_ours for one in proven)
    for made in corrections_of(proven, document_of("synerise"), "2026-11-21"):
        assert made.node is None and (made.status, made.date) == ("probed", "2026-11-21")
    assert findings.requests > PACE.requests
    assert glass() - begun >= (findings.requests - 1) // PACE.requests * PACE.seconds


async def test_paths_that_no_sibling_suggests_are_not_proven_and_nothing_is_made_up() -> None:
    hidden = shop(paths={name: f"POST /secret/{name}{part(name)}" for name in TRUE if name != "synerise_list_trends"})
    async with serving(hidden) as base, program(base, hidden) as app:
        findings = await probe(app, most=400)
    assert [one.operation.id for one in findings.of("proven")] == ["list_trends"]
    assert not findings.of("unknown") and findings.stopped is None


def part(name: str) -> str:
    return "".join(f"/{found}" for found in re.findall(r"{(?!namespace)\w+}", TRUE[name]))


async def test_a_permission_that_is_missing_leaves_an_operation_unknown_and_says_so() -> None:
    needed = {name for one in GUESSES if one.id == "preview_sankey" for name in one.tool.permissions}
    poor = shop(withheld=needed)
    async with serving(poor) as base, program(base, poor) as app:
        findings = await probe(app)
    unknown = {one.operation.id: one.said for one in findings.of("unknown")}
    assert "permission" in unknown["preview_sankey"]


async def test_a_request_in_a_workspace_that_the_path_names_goes_to_the_configured_one(plain: Sandbox) -> None:
    lists = next(one for one in operations() if one.name == "posthog_list_cohorts")
    ask = Ask("GET", lists.path, operation=lists)
    async with serving(plain) as base:
        settings = read_settings({"workspace": ["posthog=Meadow & Main"]}, plain.environment(base))
        app = build_app(settings)
        carrier = Carrier(app.session, app.client)
        reply = await carrier.send(ask)
        await app.close()
    assert (reply.status, plain.journal[-1].workspace) == (200, "main") and carrier.sandbox


async def test_that_made_up_data_answered_once_is_not_forgotten(plain: Sandbox) -> None:
    lists = next(one for one in operations() if one.name == "posthog_list_cohorts")
    ask = Ask("GET", lists.path, operation=lists)
    async with serving(plain) as base:
        app = build_app(read_settings({"workspace": ["posthog=Meadow & Main"]}, plain.environment(base)))
        carrier = Carrier(app.session, app.client)
        await carrier.send(ask)
        with respx.mock:
            respx.route().respond(200, json={"results": []})  # a gateway before it, that drops the header
            await carrier.send(ask)
        await app.close()
    assert carrier.sandbox
