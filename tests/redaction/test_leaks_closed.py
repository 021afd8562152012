"""Ways by which a name once got past the masks, each closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audience_mcp.app import App, build_app
from audience_mcp.redaction.quoted import without_quotations, words_of
from audience_mcp.redaction.redactor import Redactor
from audience_mcp.sandbox import Sandbox
from audience_mcp.server.dispatch import Told
from audience_mcp.settings import Settings

from .people import TOKEN, People, data, good, handle_of, run, said

pytestmark = pytest.mark.anyio


@pytest.fixture
def opens(masked_settings: Settings, shop: Sandbox, tmp_path: Path) -> Callable[..., App]:
    """Runs of `call`, one after the other."""

    def one(at: float = 0, **settings: Any) -> App:
        made = replace(masked_settings, **settings)
        return build_app(made, sandbox=shop, results=tmp_path / "results", clock=lambda: 1_800_000_000 + at)

    return one


async def named_person(app: App) -> tuple[str, str]:
    """A token, and the first name that it stands for."""
    persons = (await data(app, "posthog_list_persons"))["results"]
    token = next(p["properties"]["first_name"] for p in persons if p["properties"].get("first_name"))
    assert TOKEN.fullmatch(token)
    redactor = app.dispatcher._redactor
    assert redactor is not None
    return token, str(redactor.tokens.value(token))


async def cohort_named_after(app: App, token: str) -> tuple[int, Told]:
    """A cohort with a person's token in its name, its id and what creating it said."""
    told = await good(
        app, "posthog_create_cohort", name=f"VIP {token} list", filters={"properties": {"type": "OR", "values": []}}
    )
    return app.store.get(handle_of(told)).answer().value["id"], told


def change_in(told: Told) -> str:
    found = re.search(r"undo_change\(change='([^']+)'", told.text)
    assert found, told.text
    return found[1]


async def test_taking_a_change_back_tells_tokens_in_its_plan_its_headline_and_its_refusal(masked: App) -> None:
    token, name = await named_person(masked)
    cohort, _ = await cohort_named_after(masked, token)
    change = change_in(await good(masked, "posthog_update_cohort", id=cohort, name="other"))
    plan = await good(masked, "undo_change", change=change, dry_run=True)
    assert f"VIP {token} list" in said(plan) and name not in said(plan)
    done = await good(masked, "undo_change", change=change)
    assert f"VIP {token} list" in done.text and name not in said(done)
    again = await run(masked, "undo_change", change=change)
    assert again.is_error and name not in said(again)


async def test_what_a_formula_makes_of_one_person_is_told_as_a_token_and_a_number_as_it_is(
    masked: App, shop: Sandbox, people: People
) -> None:
    who = {"identifierType": "email", "identifierValue": people.emails[1]}
    rows = shop.state.world.rows("SELECT email, last_name FROM profiles WHERE email IS NOT NULL")
    name = next(str(row["last_name"]) for row in rows if row["email"].lower() == people.emails[1])

    async def previewed(attribute: str) -> tuple[Told, Any]:
        formula = {"title": "x", "type": "CLIENT", "formula": {"attribute": attribute}}
        told = await good(masked, "synerise_preview_expression", **who, expression=formula)
        return told, app_value(masked, told)["result"]

    told, result = await previewed("last_name")
    assert re.fullmatch(r"person:[0-9a-f]+", result) and name not in said(told)
    assert (await previewed("email"))[1].startswith("email:")
    formula = {"title": "who", "type": "CLIENT", "formula": {"attribute": "last_name"}}
    saved = await good(masked, "synerise_create_expression", analysis=formula, isVisibleForClientProfile=False)
    told = await good(masked, "synerise_calculate_expression", **who, expressionId=app_value(masked, saved)["id"])
    assert app_value(masked, told)["result"] == result and name not in said(told)
    for row in await data(masked, "synerise_list_profile_card_aggregates", **who):
        assert not isinstance(row["result"], str) or TOKEN.fullmatch(row["result"])


def app_value(app: App, told: Told) -> Any:
    return app.store.get(handle_of(told)).answer().value


@pytest.mark.parametrize("function", ["toDateTime", "toUUID", "toDate"])
async def test_an_error_quotes_what_the_call_said_and_nothing_of_the_data(
    masked: App, people: People, function: str
) -> None:
    async def refused(query: str) -> str:
        told = await run(masked, "posthog_run_query", query={"kind": "HogQLQuery", "query": query})
        assert told.is_error and "the provider says" in told.text
        return said(told)

    failed = await refused(f"select {function}(properties.last_name) from persons")
    assert "Conversion Error" in failed and not set(re.findall(r"\w+", failed)) & people.words
    assert "'nosuch(...)'" in await refused("select nosuch(properties.first_name) from persons")


async def test_a_result_that_was_kept_unmasked_is_not_read_by_a_run_that_masks(
    opens: Callable[..., App], people: People
) -> None:
    bare, some = opens(redact=()), opens(redact=("emails",))
    kept = [handle_of(await good(app, "posthog_list_persons")) for app in (bare, some)]
    for handle in kept:
        told = await run(opens(60), "read_result", handle=handle)
        assert told.is_error and "did not mask" in told.text and "posthog_list_persons" in told.text
        assert not people.named_in(said(told))
    await good(opens(60, redact=("emails",)), "read_result", handle=kept[1])
    masked = handle_of(await good(opens(), "posthog_list_persons"))
    for words in (("names",), ()):
        await good(opens(60, redact=words), "read_result", handle=masked)


async def test_what_one_run_has_written_by_its_token_is_a_token_in_every_later_run(
    opens: Callable[..., App], tmp_path: Path
) -> None:
    first = opens()
    token, name = await named_person(first)
    cohort, _ = await cohort_named_after(first, token)
    for at in (60, 3000, 6000, 9000):  # longer than its results are kept, though never unused for as long
        told = await good(opens(at), "posthog_get_cohort", id=cohort)
        assert f"VIP {token} list" in said(told) and name not in said(told)
    await good(opens(20_000), "posthog_get_cohort", id=cohort)
    assert token not in (tmp_path / "redaction.vault").read_text()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("cannot read 'O'Brien' or \"Anna\" or `Li`", "cannot read '…' or \"…\" or `…`"),
        ("the users' list isn't `tier`", "the users' list isn't `tier`"),
        ("no 'Gold' at ‘Anna’, took 'ann\\'a'", "no 'Gold' at '…', took '…'"),
        ("cut off: 'Anna Kowal… (340 characters)", "cut off: '…'"),
        ("twice \"Anna\"s and 'gold Anna'", 'twice "…"'),
        ("'", "'"),
    ],
)
def test_what_stands_between_quotation_marks_is_told_if_all_its_words_are_the_calls(said: str, told: str) -> None:
    known = words_of({"tier": ["gold"]})
    assert without_quotations(f"'Anna' “{said}”", known) == f"'Anna' “{told}”"


async def test_a_name_too_short_to_be_looked_for_is_told_as_it_was_sent_where_its_text_comes_back() -> None:
    one = Redactor(("names",), b"k" * 32)
    token = one.opened({}).shown({"first_name": "Li"})["first_name"]
    sent = f"VIP {token} list"
    veil = one.opened({"name": sent, "note": f" {token} "})
    assert veil.arguments == {"name": "VIP Li list", "note": " Li "}
    assert veil.shown({"name": "VIP Li list", "tag": "Li"}) == {"name": sent, "tag": "Li"}
    veil.writes()
    assert one.shown([{"object": "a VIP Li list."}, "Lima VIP Li listed"]) == [
        {"object": f"a {sent}."},
        "Lima VIP Li listed",
    ]
