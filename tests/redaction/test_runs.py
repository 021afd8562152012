"""Tokens between separate runs of `call`, and in what a client may ask of a server besides tools."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.errors import SettingsProblem
from audience_mcp.sandbox import Sandbox
from audience_mcp.settings import Settings
from e2e.program import connected, link_of, linked, text_of

from .people import TOKEN, People, data, good, handle_of, run, said

pytestmark = pytest.mark.anyio
HOUR = 3600.0
Opens = Callable[[float], App]


@pytest.fixture
def opens(masked_settings: Settings, shop: Sandbox, tmp_path: Path) -> Opens:
    """A run of `call` at a time, in seconds after the first."""

    def one(at: float, **settings: Any) -> App:
        made = replace(masked_settings, **settings)
        return build_app(made, sandbox=shop, results=tmp_path / "results", clock=lambda: 1_800_000_000 + at)

    return one


async def email_of(app: App) -> str:
    found = (await data(app, "posthog_list_persons"))["results"]
    return str(next(person["properties"]["email"] for person in found if person["properties"].get("email")))


def asked(token: str) -> dict[str, Any]:
    return {"identifierType": "email", "identifierValue": token}


async def test_a_token_of_one_run_is_good_in_the_next_and_the_result_still_joins(
    opens: Opens, shop: Sandbox, people: People
) -> None:
    token = await email_of(opens(0))
    later = opens(60)
    assert await email_of(later) == token
    told = await good(later, "synerise_list_profile_card_aggregates", **asked(token))
    assert not people.named_in(said(told))
    assert any(email.encode() in shop.journal[-1].body for email in people.emails)


async def test_two_runs_at_once_give_one_person_one_token_and_two_people_two(opens: Opens) -> None:
    one, other = opens(0), opens(0)
    first = [p["properties"].get("email") for p in (await data(one, "posthog_list_persons"))["results"]]
    await data(other, "posthog_list_persons", limit=3, offset=5)
    second = [p["properties"].get("email") for p in (await data(other, "posthog_list_persons"))["results"]]
    third = [p["properties"].get("email") for p in (await data(opens(1), "posthog_list_persons"))["results"]]
    assert first == second == third and len(set(filter(None, first))) == len([*filter(None, first)]) > 30


async def test_what_tokens_stand_for_is_in_a_file_of_the_user_alone_and_goes_with_the_results(
    opens: Opens, tmp_path: Path
) -> None:
    token, vault = await email_of(opens(0)), tmp_path / "redaction.vault"
    assert stat.S_IMODE(vault.stat().st_mode) == 0o600 and token in vault.read_text()
    later = opens(2 * HOUR)
    assert "@" not in vault.read_text()
    told = await run(later, "synerise_list_profile_card_aggregates", **asked(token))
    assert told.is_error and "no such token is known" in told.text
    assert await email_of(later) != token  # another key: nobody can tell that it is the same person


async def test_a_run_without_redaction_takes_the_file_away_once_it_is_old(opens: Any, tmp_path: Path) -> None:
    import os

    vault = tmp_path / "redaction.vault"
    await email_of(opens(0))
    os.utime(vault, (1_800_000_000, 1_800_000_000))
    opens(60, redact=())
    assert vault.exists()
    opens(2 * HOUR, redact=())
    assert not vault.exists()


async def test_a_broken_file_is_begun_anew(opens: Opens, tmp_path: Path) -> None:
    for content in ("", '[1800000000, "00"]\n{}\n[1, 2]\nnull\n', "[1, 2]\n\x00"):
        (tmp_path / "redaction.vault").write_text(content)
        assert TOKEN.fullmatch(await email_of(opens(0)))


async def test_a_client_reads_tokens_from_the_resource_too(masked: App, people: People) -> None:
    async with connected(masked, "auto") as client:
        told = await client.call_tool("posthog_list_persons", {})
        whole = await linked(client, told)
    assert not people.named_in(whole + text_of(told)) and len(set(TOKEN.findall(whole))) > 30
    assert (link_of(told).size or 0) > 0


async def test_an_error_that_quotes_an_address_quotes_its_token(masked: App, people: People) -> None:
    address = people.emails[0]
    for tool, arguments in (
        ("select_workspace", {"workspace": address}),
        ("posthog_list_persons", {"workspace": address.upper()}),
    ):
        told = await run(masked, tool, **arguments)
        assert told.is_error and TOKEN.search(told.text) and not people.named_in(said(told))


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["all"], ("emails", "phones", "names", "addresses")),
        (["names,emails", "customer_id"], ("names", "emails", "customer_id")),
        (["emails", "all"], ("emails", "phones", "names", "addresses")),
    ],
)
def test_the_words_of_the_setting(given: list[str], read: tuple[str, ...]) -> None:
    assert read_settings({"redact": given}, {}).redact == read
    assert read_settings({}, {"AUDIENCE_MCP_REDACT": ",".join(given)}).redact == read


@pytest.mark.parametrize("given", ["", " , ", "email", "Emails", "adresses", "phone", "al", "$$", "first/name", "1st"])
def test_a_word_that_means_nothing_is_told(given: str) -> None:
    with pytest.raises(SettingsProblem, match="AUDIENCE_MCP_REDACT"):
        read_settings({"redact": [given]}, {})


async def test_without_the_setting_nothing_of_it_is_loaded(shop: Sandbox) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from audience_mcp.app import build_app, read_settings;"
        "build_app(read_settings({'sandbox': False}, {}));"
        "assert not [m for m in sys.modules if m.startswith('audience_mcp.redaction')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_a_result_made_of_results_holds_tokens_that_are_good(masked: App, shop: Sandbox, people: People) -> None:
    handle = handle_of(await good(masked, "posthog_list_persons"))
    rows = await data(
        masked, "query_results", sql=f"SELECT properties.email AS e FROM {handle} WHERE e IS NOT NULL LIMIT 1"
    )
    await good(masked, "synerise_list_profile_card_aggregates", **asked(rows[0]["e"]))
    assert any(email.encode() in shop.journal[-1].body for email in people.emails)
