"""A token that a model passes is the value for the provider; the model reads tokens all the way."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest
import respx

from audience_mcp.app import App, build_app
from audience_mcp.call.asker import NoAsker
from audience_mcp.sandbox import Sandbox
from audience_mcp.settings import Settings
from call.desk import SECRETS, WORKSPACES, courtesies, opened

from .people import People, data, good, handle_of, run, said

pytestmark = pytest.mark.anyio


class Yes(NoAsker):
    """A person who agrees, and whose questions are kept."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def yes(self, key: str, message: str) -> bool | None:
        self.asked.append(message)
        return True


async def somebody(app: App) -> dict[str, Any]:
    """A person as PostHog tells it."""
    found = (await data(app, "posthog_list_persons"))["results"]
    return next(person for person in found if len(person["properties"].get("first_name") or "") > 5)


async def real(plain: App, person: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await data(plain, "posthog_get_person", id=person["id"]))["properties"]
    return found


async def test_an_address_reaches_another_provider_and_comes_back_as_the_token(
    masked: App, plain: App, shop: Sandbox, people: People
) -> None:
    person = await somebody(masked)
    told = await good(
        masked,
        "synerise_list_profile_card_aggregates",
        identifierType="email",
        identifierValue=person["properties"]["email"],
    )
    sent = json.loads(shop.journal[-1].body)
    assert sent["identifierValue"] == (await real(plain, person))["email"]
    card = masked.store.get(handle_of(told)).card
    assert card.arguments["identifierValue"] == person["properties"]["email"]
    assert not people.named_in(said(told))


async def test_a_token_inside_a_query_is_the_value_and_the_answer_that_repeats_the_query_is_masked(
    masked: App, plain: App, shop: Sandbox
) -> None:
    person = await somebody(masked)
    name = (await real(plain, person))["first_name"]
    asked = f"select count() from persons where properties.first_name = '{person['properties']['first_name']}'"
    told = await good(masked, "posthog_run_query", query={"kind": "HogQLQuery", "query": asked})
    sent = next(entry for entry in reversed(shop.journal) if entry.path.endswith("/query/"))
    assert f"= '{name}'" in json.loads(sent.body)["query"]["query"]
    stored = masked.store.get(handle_of(told))
    assert stored.answer().value["results"][0][0] > 0
    assert stored.answer().value["query"] == asked
    assert name not in said(told) + stored.body.decode() + stored.card.encoded().decode()


async def test_a_token_in_a_filter_given_as_json_text_is_the_value(masked: App, plain: App, shop: Sandbox) -> None:
    person = await somebody(masked)
    told = await good(masked, "posthog_list_persons", search=person["properties"]["email"])
    sent = next(entry for entry in reversed(shop.journal) if entry.path.endswith("/persons/"))
    assert (await real(plain, person))["email"] in unquote_plus(sent.query)
    assert masked.store.get(handle_of(told)).answer().value["results"][0]["id"] == person["id"]


async def test_a_token_of_an_earlier_run_is_refused_and_the_refusal_says_what_to_do(masked: App, shop: Sandbox) -> None:
    before = len(shop.journal)
    told = await run(
        masked, "synerise_list_profile_card_aggregates", identifierType="email", identifierValue="email:00000000beef"
    )
    error = told.structured["error"]
    assert error["kind"] == "invalid_arguments" and error["provider"] == "synerise"
    assert "'identifierValue' is email:00000000beef" in error["message"] and "Read the person" in error["remedy"]
    assert len(shop.journal) == before


async def test_what_only_resembles_a_token_inside_a_text_is_left_alone(masked: App, shop: Sandbox) -> None:
    asked = "select 'email:00000000beef', 'Email:dead', 'status:7f3a' from events limit 1"
    await good(masked, "posthog_run_query", query={"kind": "HogQLQuery", "query": asked})
    sent = next(entry for entry in reversed(shop.journal) if entry.path.endswith("/query/"))
    assert json.loads(sent.body)["query"]["query"] == asked


async def test_an_error_that_repeats_what_a_token_stood_for_repeats_the_token(masked: App, plain: App) -> None:
    person = await somebody(masked)
    name, token = (await real(plain, person))["first_name"], person["properties"]["first_name"]
    for arguments in ({"id": token}, {"id": person["id"], "distinct_id": token}):
        told = await run(masked, "posthog_get_person", **arguments)
        assert told.is_error and name not in said(told)
    told = await run(masked, "synerise_list_funnels", limit=token)
    assert told.is_error and token in told.text and name not in said(told)


async def test_a_write_goes_out_real_is_kept_real_and_is_shown_masked(
    masked_settings: Settings, shop: Sandbox, plain: App
) -> None:
    """Dry run, question, answer, list of changes, and an undo: the journal alone knows the value."""
    from dataclasses import replace

    app = build_app(replace(masked_settings, confirm="always"), sandbox=shop)
    try:
        person, user = await somebody(app), Yes()
        token, other = person["properties"]["email"], person["properties"]["first_name"]
        known = await real(plain, person)
        email, first = known["email"], known["first_name"]
        filters = {
            "type": "AND",
            "values": [{"type": "person", "key": "first_name", "operator": "exact", "value": other}],
        }
        cohort = {
            "name": f"Like {token}",
            "description": "One",
            "filters": {"properties": {"type": "OR", "values": [filters]}},
        }
        seen = [await run(app, "posthog_create_cohort", user, **cohort, dry_run=True)]
        made = await run(app, "posthog_create_cohort", user, **cohort)
        cohort_id = app.store.get(handle_of(made)).answer().value["id"]
        sent = next(json.loads(e.body) for e in reversed(shop.journal) if e.method == "POST" and "/cohorts" in e.path)
        assert sent["name"] == f"Like {email}"
        assert sent["filters"]["properties"]["values"][0]["values"][0]["value"] == first
        seen += [made, await run(app, "posthog_get_cohort", id=cohort_id)]
        update = {"id": cohort_id, "description": f"Another for {token}"}
        seen += [await run(app, "posthog_update_cohort", user, **update, dry_run=True)]
        seen += [await run(app, "posthog_update_cohort", user, **update), await run(app, "list_changes")]
        changes = await data(app, "list_changes")
        seen += [await run(app, "undo_change", user, change=changes[0]["change"], dry_run=True)]
        seen += [await run(app, "undo_change", user, change=changes[0]["change"])]
        assert not any(told.is_error for told in seen), [told.text for told in seen if told.is_error]
        stored = [app.store.get(handle_of(told)) for told in seen if told.outcome and told.outcome.handle]
        shown = "\n".join(
            [*map(said, seen), *user.asked, *(s.body.decode() + s.card.encoded().decode() for s in stored)]
        )
        assert email not in shown and f'"{first}"' not in shown and token in shown and other in shown
        assert len(user.asked) == 3 and token in user.asked[1]
        back = await data(plain, "posthog_get_cohort", id=cohort_id)
        assert back["description"] == "One" and back["name"] == f"Like {email}"
    finally:
        await app.close()


async def test_an_object_that_was_changed_since_is_told_in_tokens(masked: App, plain: App, people: People) -> None:
    person = await somebody(masked)
    email = (await real(plain, person))["email"]
    made = await data(masked, "posthog_create_cohort", name="Mine", is_static=True)
    await good(masked, "posthog_update_cohort", id=made["id"], description="mine")
    (change, *_) = await data(masked, "list_changes")
    await good(plain, "posthog_update_cohort", id=made["id"], description=f"of {email}")
    told = await run(masked, "undo_change", change=change["change"])
    assert told.is_error and person["properties"]["email"] in told.text
    assert not people.named_in(said(told))
    handle = told.text.partition("handle='")[2].partition("'")[0]
    assert email not in masked.store.get(handle).body.decode()


async def test_a_refused_name_of_a_workspace_is_no_way_to_read_a_token(masked: App, plain: App) -> None:
    person = await somebody(masked)
    name, token = (await real(plain, person))["first_name"], person["properties"]["first_name"]
    calls = [
        await run(masked, "select_workspace", workspace=token),
        await run(masked, "posthog_list_persons", workspace=token),
        await run(masked, "list_changes", workspace=token),
    ]
    for told in calls:
        assert name not in said(told) and token in told.text


async def test_a_name_that_was_written_somewhere_by_its_token_is_read_back_as_the_token(
    masked: App, plain: App
) -> None:
    person = await somebody(masked)
    name, token = (await real(plain, person))["last_name"], person["properties"]["last_name"]
    made = await data(masked, "posthog_create_cohort", name=f"All of {token}", is_static=True)
    for tool, arguments in (("posthog_get_cohort", {"id": made["id"]}), ("posthog_list_cohorts", {})):
        handle = handle_of(await good(masked, tool, **arguments))
        body = masked.store.get(handle).body.decode()
        assert f"All of {token}" in body and f"All of {name}" not in body
    assert (await data(plain, "posthog_get_cohort", id=made["id"]))["name"] == f"All of {name}"
    told = await good(masked, "list_changes")
    assert f"All of {token}" in told.text and name not in said(told)


async def test_a_page_that_fails_on_the_way_is_told_without_what_it_quotes() -> None:
    """The reason is cut short for the summary: it must be masked before that."""
    name = "Oskarina"
    first = {
        "results": [{"id": "1", "properties": {"first_name": name}}],
        "next": "https://us.posthog.com/api/projects/7/persons/?limit=1&offset=1",
    }
    failed = httpx.Response(400, json={"detail": f"{name} is not {name}@x.com"})
    with respx.mock(assert_all_called=False) as edge:
        courtesies(edge)
        page = httpx.Response(200, json=first)
        edge.get(url__regex=r".*/persons/\?").mock(side_effect=[page, page, failed])
        desk = opened(edge, SECRETS | WORKSPACES, redact=["all"])
        token = (await data(desk.app, "posthog_list_persons", limit=1))["results"][0]["properties"]["first_name"]
        told = await run(desk.app, "posthog_list_persons", search=token, limit=1, all_pages=True)
        await desk.app.close()
        assert f"search={name}" in str(edge.calls.last.request.url)
    assert not told.is_error and "400" in told.text and token in told.text, told.text
    assert name not in said(told) and "@" not in said(told)
