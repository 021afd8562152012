"""Whatever is read of people, nobody's address or name stands in anything that comes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audience_mcp.app import App, build_app
from audience_mcp.charts.drawing import specify
from audience_mcp.charts.forms import Options
from audience_mcp.openapi.operation import Operation
from audience_mcp.sandbox import Sandbox
from audience_mcp.settings import Settings
from contract.documents import operations
from contract.samples import Samples

from .people import TOKEN, People, data, good, handle_of, run, said

pytestmark = pytest.mark.anyio
ALL_TIME = {"start": "2026-06-01T00:00:00Z", "end": "2026-11-20T00:00:00Z"}
# Of people, and those that say who made or changed something.
READS = [o for o in operations() if o.tool.personal or (o.access == "read" and o.provider in ("posthog", "giosg"))]
QUERY: dict[str, dict[str, Any]] = {
    "properties": {"query": "select id, properties from persons limit 20"},
    "columns": {"query": "select properties.first_name, properties.email from persons limit 20"},
    "aliases": {"query": "select upper(properties.last_name) as a, properties.first_name as b from persons limit 20"},
    "joined": {
        "query": "select concat(n, ' ', m) as whole from (select properties.first_name as n, properties.last_name"
        " as m from persons) limit 20"
    },
}


async def check(app: App, people: People, told: Any, folder: Path) -> str:
    """Nothing that can be made of an answer names anybody; returns what is stored."""
    assert not people.named_in(said(told))
    if told.outcome is None or told.outcome.handle is None:
        return ""
    handle = handle_of(told)
    stored = app.store.get(handle)
    body = stored.body.decode()
    assert not people.named_in(body) and not people.named_in(stored.card.encoded().decode())
    assert not people.named_in(said(await good(app, "read_result", handle=handle)))
    if body.strip()[:1] in ("{", "["):
        exported = await good(app, "export_result", handle=handle, format="json", file="it", overwrite=True)
        assert not people.named_in(said(exported))
        (written,) = (path for path in folder.rglob("*") if path.is_file())
        assert not people.named_in(written.read_text())
        written.unlink()
    return body


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)
async def test_no_answer_names_anybody(operation: Operation, masked: App, people: People, folder: Path) -> None:
    arguments = await Samples().of(operation, masked)
    told = await run(masked, operation.name, **arguments)
    await check(masked, people, told, folder)


@pytest.mark.parametrize("query", QUERY.values(), ids=list(QUERY))
async def test_no_sql_at_the_provider_names_anybody(
    query: dict[str, Any], masked: App, people: People, folder: Path
) -> None:
    told = await good(masked, "posthog_run_query", query={"kind": "HogQLQuery", **query})
    body = await check(masked, people, told, folder)
    assert len(set(TOKEN.findall(body))) > 10


@pytest.mark.parametrize("key", ["email", "first_name", "last_name"])
async def test_the_values_of_a_property_are_tokens_where_the_property_says_who(
    key: str, masked: App, plain: App, people: People, folder: Path
) -> None:
    told = await good(masked, "posthog_list_person_property_values", key=key)
    await check(masked, people, told, folder)
    values = [row["name"] for row in await data(plain, "posthog_list_person_property_values", key=key)]
    tokens = [row["name"] for row in await data(masked, "posthog_list_person_property_values", key=key)]
    assert all(map(TOKEN.fullmatch, tokens)) and not set(tokens) & set(values)
    assert len(set(tokens)) == len(set(values))


async def test_the_values_of_any_other_property_stay(masked: App) -> None:
    rows = await data(masked, "posthog_list_person_property_values", key="tier")
    assert {row["name"] for row in rows} <= {"gold", "silver", "basic"}


async def test_visitors_are_tokens(masked: App, people: People, folder: Path) -> None:
    workflow = (await data(masked, "giosg_list_workflows"))[0]["id"]
    told = await good(
        masked, "giosg_get_workflow_source_data", workflow_id=workflow, filters=[], interval=ALL_TIME, basic=True
    )
    body = await check(masked, people, told, folder)
    assert body.count('"visitor":"person:') > 3


async def test_persons_as_csv_are_tokens(masked: App, people: People, folder: Path) -> None:
    told = await good(masked, "posthog_list_persons", format="csv")
    body = await check(masked, people, told, folder)
    assert "properties.email" in body and len(set(TOKEN.findall(body))) > 30


async def test_the_same_person_has_one_token_at_every_provider_so_that_results_still_join(
    masked: App, plain: App, people: People
) -> None:
    counts = []
    for app in (masked, plain):
        saved = await data(app, "synerise_list_segmentations")
        analysis = (await data(app, "synerise_get_segmentation", segmentationId=saved["data"][0]["id"]))["analysis"]
        one = handle_of(await good(app, "synerise_preview_segmentation_profiles", analysis=analysis))
        other = handle_of(await good(app, "posthog_list_persons", all_pages=True))
        told = await good(
            app,
            "query_results",
            sql=f"SELECT p.name AS person, s.firstName AS called FROM {other} AS p"
            f" JOIN {one} AS s ON p.properties.email = s.email ORDER BY person",
        )
        rows = app.store.get(handle_of(told)).answer().value
        counts.append(len(rows))
        named = people.named_in(said(told)), people.named_in(json.dumps(rows))
        assert any(named) is (app is plain)
    assert counts[0] == counts[1] > 3


async def test_a_chart_shows_tokens(masked: App, people: People) -> None:
    asked: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("table", "posthog_list_persons", {}),
        ("bar", "posthog_list_person_property_values", {"key": "last_name"}),
    )
    for chart, tool, arguments in asked:
        stored = masked.store.get(handle_of(await good(masked, tool, **arguments)))
        drawn = specify(stored.view(), stored.card.provenance, Options(chart))
        text = json.dumps(drawn.specification, ensure_ascii=False)
        assert not people.named_in(text) and TOKEN.search(text)


async def test_without_redaction_the_same_reads_do_name_people(plain: App, people: People) -> None:
    """Else the checks above would prove nothing."""
    for tool in ("posthog_list_persons", "posthog_get_current_user", "giosg_get_current_user"):
        told = await good(plain, tool)
        assert people.named_in(plain.store.get(handle_of(told)).body.decode())
        assert people.named_in(said(told))


async def test_what_nobody_is_called_by_stays(masked_settings: Settings, shop: Sandbox, plain: App) -> None:
    """Cohorts and analyses keep their names, cities and ids stay."""
    masked = build_app(masked_settings, sandbox=shop)  # nothing was written with its tokens
    for tool, items in (("posthog_list_cohorts", "results"), ("synerise_list_funnels", "data")):
        one, other = await data(masked, tool), await data(plain, tool)
        pairs = [(a["name"], b["name"]) for a, b in zip(one[items], other[items], strict=True) if "@" not in b["name"]]
        assert len(pairs) > 3 and all(here == there for here, there in pairs)
    one, other = await data(masked, "posthog_list_persons"), await data(plain, "posthog_list_persons")
    for place in ("city", "country", "tier", "customer_id"):
        here, there = ([each["properties"].get(place) for each in found["results"]] for found in (one, other))
        assert here == there
    assert [each["id"] for each in one["results"]] == [each["id"] for each in other["results"]]
    await masked.close()


async def test_a_result_says_once_what_was_masked_in_it_and_nothing_where_nothing_was(masked: App) -> None:
    told = await good(masked, "posthog_list_persons")
    assert told.text.count("personal data masked: emails, names") == 1 and "holds personal data" not in told.text
    assert "masked" not in (await good(masked, "synerise_list_funnels")).text


async def test_the_session_says_what_is_masked_and_to_whom_it_belongs_by_token_only(
    masked: App, plain: App, people: People
) -> None:
    told = await good(masked, "get_session")
    assert "personal data is masked (emails, phones, names, addresses)" in told.text
    assert not people.named_in(said(told))
    assert "masked" not in (await good(plain, "get_session")).text
