"""query_results: answers of several platforms become one table, and the answer says where it comes from."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from audience_mcp.builtin.queries import Queries
from audience_mcp.call.asker import NoAsker
from audience_mcp.call.outcome import Outcome
from audience_mcp.errors import InvalidArguments, ResultExpired
from audience_mcp.query.engine import Answered, Engine
from audience_mcp.query.wire import Bounds, Question
from audience_mcp.query.worker import run
from audience_mcp.results.answer import Answer
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.store import ResultStore
from audience_mcp.settings import Settings
from e2e.program import running, small_shop

from .shelf import fresh

pytestmark = pytest.mark.anyio

Json = Any
MAIN = "Meadow & Main"


async def test_persona_growth_cohort_sizes_and_orders_become_one_table() -> None:
    async with running(small_shop()) as app:

        async def call(tool: str, **arguments: Json) -> Outcome:
            told = await app.dispatcher.run(tool, arguments, NoAsker())
            assert told.outcome is not None, told.text
            return told.outcome

        sets = app.store.get((await call("faraday_list_persona_sets")).handle or "").answer().value
        flow = await call("faraday_get_persona_set_flow", persona_set_id=sets[0]["id"])
        cohorts = await call("posthog_list_cohorts")
        step = {"name": "transaction.charge"}
        orders = await call("synerise_preview_funnel", analysis={"title": "Orders", "steps": [step, step]})
        answer = await call(
            "query_results",
            sql=f"SELECT n.name, list_first(p.days).count AS first, list_last(p.days).count AS now,"
            f" (SELECT max(count) FROM {cohorts.handle}) AS largest_cohort,"
            f" (SELECT profiles FROM {orders.handle} WHERE step = 1) AS buyers"
            f" FROM {flow.handle} p JOIN {flow.handle}.names n ON n.id = p.persona_id ORDER BY now DESC",
        )
        rows = app.store.get(answer.handle or "").answer().value
        personas = {one["id"]: one["name"] for one in sets[0]["personas"]}
        days = app.store.get(flow.handle or "").answer().value
        largest = max(one["count"] for one in app.store.get(cohorts.handle or "").answer().value["results"])
        (buyers, *_) = app.store.get(orders.handle or "").answer().value["calculationResult"]
        expected = [
            {
                **{"name": personas[one["persona_id"]], "first": one["days"][0]["count"]},
                **{"now": one["days"][-1]["count"], "largest_cohort": largest, "buyers": buyers["profiles"]},
            }
            for one in days
        ]
        assert sorted(rows, key=lambda row: row["name"]) == sorted(expected, key=lambda row: row["name"])
        source = answer.summary.provenance
        assert answer.summary.headline.startswith("SANDBOX: ") and source.sandbox
        assert source.provider == "PostHog, Synerise, Faraday"
        assert source.workspace == f"PostHog: {MAIN}; Synerise: {MAIN}; Faraday: {MAIN}"


class Here(Engine):
    """The engine without a process: what it answers is tested elsewhere, and a process takes long to start."""

    async def run(self, question: Question, results: Any) -> Answered:
        facts, *rows = run(fresh(), question.sql, list(results), self.bounds)
        told = json.loads(facts)
        if "error" in told:
            raise InvalidArguments(*told["error"])
        if "missing" in told:
            return Answered(tuple(told["handles"]), missing=told["missing"])
        return Answered(tuple(told["handles"]), rows[0], told["count"], told["cut"])


class Desk:
    """A store, results of made-up platforms in it, and queries over them."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.now = 1_800_000_000.0
        self.store = ResultStore(clock=lambda: self.now, lifetime_seconds=3600)
        self.queries = Queries(Settings(), self.store, Here(bounds))

    def put(self, value: Json, provider: str = "PostHog", workspace: str = MAIN, **facts: Any) -> str:
        personal = facts.pop("personal", False)
        known = {"fetched": "2026-11-20T10:00:00+00:00", "complete": True, "shape": "documented", **facts}
        source = Provenance(provider=provider, workspace=workspace, **known)
        answer = Answer("json", value, 10)
        return self.store.put(
            answer, tool="list_it", arguments={"a": 1}, provenance=source, title="It", personal=personal
        )

    async def ask(self, sql: str) -> tuple[Outcome, Provenance]:
        outcome = await self.queries.run(sql)
        return outcome, outcome.summary.provenance


@asynccontextmanager
async def desk(bounds: Bounds | None = None) -> AsyncIterator[Desk]:
    made = Desk(bounds)
    try:
        yield made
    finally:
        made.store.close()


async def test_rows_are_a_result_that_can_be_queried_again() -> None:
    async with desk() as at:
        people = at.put([{"city": "Leeds", "n": n} for n in range(4)] + [{"city": "York", "n": 9}])
        first, source = await at.ask(f"SELECT city, sum(n) AS total FROM {people} GROUP BY city ORDER BY total")
        assert at.store.get(first.handle or "").answer().value == [
            {"city": "Leeds", "total": 6},
            {"city": "York", "total": 9},
        ]
        assert source.columns == f"{first.handle}(city, total HUGEINT)" or "total" in (source.columns or "")
        again, _ = await at.ask(f"SELECT city FROM {first.handle} WHERE total > 6")
        assert at.store.get(again.handle or "").body == b'[{"city":"York"}]'


async def test_one_value_is_told_as_a_value_and_rows_as_a_table() -> None:
    async with desk() as at:
        people = at.put([{"n": 1}, {"n": 2}])
        one, _ = await at.ask(f"SELECT sum(n) AS total FROM {people}")
        assert one.summary.kind == "scalar" and "3" in one.summary.headline
        assert one.summary.figures[0].path == "$[0].total"
        several, _ = await at.ask(f"SELECT n, n * 2 AS twice FROM {people}")
        assert several.summary.kind == "table" and "2 rows, 2 columns" in several.summary.headline
        nothing, _ = await at.ask(f"SELECT n FROM {people} WHERE n > 5")
        assert "no rows" in nothing.summary.headline


async def test_a_query_over_two_workspaces_says_both() -> None:
    async with desk() as at:
        one = at.put([{"n": 1}], "PostHog", MAIN, region="eu", window="last 7 days", zone="Europe/Warsaw")
        two = at.put([{"n": 1}], "Faraday", "Outlet", fetched="2026-11-19T10:00:00+00:00", complete=None)
        outcome, source = await at.ask(f"SELECT * FROM {one} JOIN {two} USING (n)")
        assert (source.provider, source.workspace) == ("PostHog, Faraday", f"PostHog: {MAIN}; Faraday: Outlet")
        assert (source.region, source.window, source.zone) == ("eu", None, "UTC")
        assert (source.fetched, source.complete) == ("2026-11-19T10:00:00+00:00", None)
        assert source.notes[:2] == (f"from {one} (It)", f"from {two} (It)")
        _, again = await at.ask(f"SELECT * FROM {outcome.handle} JOIN {one} USING (n)")
        assert (again.provider, again.workspace) == (source.provider, source.workspace)


async def test_what_is_true_of_one_source_that_matters_is_true_of_the_answer() -> None:
    async with desk() as at:
        one = at.put([{"n": 1}], complete=False, shape="assumed")
        two = at.put([{"n": 1}], sandbox=True, personal=True)
        outcome, source = await at.ask(f"SELECT * FROM {one} JOIN {two} USING (n)")
        assert (source.complete, source.shape, source.sandbox, source.workspace) == (False, "assumed", True, MAIN)
        assert outcome.summary.headline.startswith("SANDBOX: ")
        assert at.store.get(outcome.handle or "").card.personal
        assert any("personal" in note for note in source.notes)


async def test_days_are_those_of_the_workspace_where_its_zone_is_known() -> None:
    async with desk() as at:
        moment = [{"moment": "2026-11-20T23:30:00Z"}]
        here = at.put(moment, zone="Europe/Warsaw")
        nowhere = at.put(moment)
        sql = "SELECT moment::DATE AS day, date_trunc('day', moment) AS since FROM {}"
        for handle, zone in ((here, "Europe/Warsaw"), (nowhere, "UTC")):
            _, source = await at.ask(sql.format(handle))
            assert source.zone == zone
    answered = await Engine().run(Question(sql.format("r_aaaaaaaaaaaaaaaa"), "Europe/Warsaw"), [kept_at(moment)])
    assert json.loads(answered.body) == [{"day": "2026-11-21", "since": "2026-11-21T00:00:00+01:00"}]


def kept_at(value: Json) -> Any:
    from .shelf import kept

    return kept(value, "r_aaaaaaaaaaaaaaaa")


async def test_more_rows_than_the_bound_are_cut_and_said_to_be() -> None:
    async with desk(Bounds(rows=5)) as at:
        people = at.put([{"n": n} for n in range(8)])
        _, source = await at.ask(f"SELECT n FROM {people}")
        assert source.complete is False and source.rows == 5
        assert any("cut after 5 rows" in note for note in source.notes)


async def test_a_result_that_is_gone_names_the_call_to_repeat() -> None:
    async with desk() as at:
        old = at.put([{"n": 1}])
        at.now += 4000
        with pytest.raises(ResultExpired, match=old) as gone:
            await at.ask(f"SELECT * FROM {old}")
        assert "list_it" in gone.value.remedy
        fresh_one = at.put([{"n": 1}])
        outcome, _ = await at.ask(f"SELECT '{old}' AS old, n FROM {fresh_one}")
        assert outcome.handle is not None


async def test_results_that_are_too_large_together_are_refused() -> None:
    async with desk(Bounds(read_bytes=2_000_000)) as at:
        one, two = at.put(["x" * 1_500_000]), at.put(["y" * 1_500_000])
        await at.ask(f"SELECT length(value) AS n FROM {one}")
        with pytest.raises(InvalidArguments, match=r"3\.0 MB; at most 2 MB"):
            await at.ask(f"SELECT 1 FROM {one}, {two}")
