"""The ten questions of docs/sandbox.md: each call is repeated, each answer computed again with SQL written here."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.sandbox import Sandbox

pytestmark = pytest.mark.anyio
PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
QUESTION = re.compile(r"^### (\d+)\. .*?```sh\naudience-mcp call (.*?)\n```\n+Answer: (.*?)$", re.M | re.S)
MAIN = "FROM events e JOIN profiles p ON p.profile_id = e.profile_id WHERE e.workspace = 'main'"
LAST_30 = "CAST(e.\"at\" AS DATE) BETWEEN DATE '2026-10-22' AND DATE '2026-11-20'"

# One row, whose values are the answer's in the order of the page.
SQL = {
    1: f"SELECT CAST(sum(e.amount) AS INTEGER) {MAIN} AND e.name = 'transaction.charge' AND e.campaign = 'flash-sale' "
    "AND CAST(e.\"at\" AS DATE) = DATE '2026-09-20'",
    2: f"SELECT CAST(CAST(e.\"at\" AS DATE) AS VARCHAR), count(*) {MAIN} AND e.name = 'page.visit' "
    "AND strftime(e.\"at\", '%Y-%m') = '2026-09' GROUP BY 1 ORDER BY 2 DESC LIMIT 1",
    3: """
        WITH mobile AS (
            SELECT profile_id, name, "at" AS moment FROM events WHERE workspace = 'main' AND device = 'mobile'
            AND "at" >= TIMESTAMP '2026-10-17' AND "at" < TIMESTAMP '2026-10-22'
        )
        SELECT count(DISTINCT cart.profile_id), count(DISTINCT paid.profile_id)
        FROM mobile cart LEFT JOIN mobile paid
            ON paid.profile_id = cart.profile_id AND paid.name = 'transaction.charge' AND paid.moment > cart.moment
        WHERE cart.name = 'product.addToCart'""",
    4: f"SELECT count(*) {MAIN} AND e.name = 'transaction.charge' AND p.country = 'DE' AND {LAST_30}",
    5: """
        SELECT count(*) FROM (
            SELECT profile_id FROM events WHERE workspace = 'outlet' AND "at" >= TIMESTAMP '2026-08-23'
            GROUP BY profile_id
            HAVING bool_or(name = 'product.addToCart') AND NOT bool_or(name = 'transaction.charge')
        )""",
    6: """
        SELECT count(*) FROM (
            SELECT name, row_number() OVER (PARTITION BY profile_id, name ORDER BY event_id) AS nth,
                lag(name) OVER (PARTITION BY profile_id ORDER BY event_id) AS before
            FROM events WHERE workspace = 'main' AND "at" >= TIMESTAMP '2026-10-22'
        ) WHERE name = 'chat.contact' AND nth = 1 AND before = 'product.view'""",
    7: "SELECT count(DISTINCT profile_id) FROM events WHERE workspace = 'main' AND name = 'transaction.charge'",
    8: "SELECT count(*) FROM profiles WHERE workspace = 'main' AND country = 'PL'",
    9: "SELECT count(*) FILTER (created_at < TIMESTAMP '2026-05-26'), count(*) FROM profiles "
    "WHERE workspace = 'main' AND persona = 4",
    10: f"""
        SELECT count(DISTINCT e.session_id) {MAIN} AND e.name = 'product.addToCart' AND {LAST_30} AND EXISTS (
            SELECT 1 FROM events c WHERE c.session_id = e.session_id AND c.name = 'chat.contact' AND c."at" < e."at"
            AND c."at" >= TIMESTAMP '2026-10-22')""",
}


def questions() -> list[tuple[int, str, dict[str, Any], list[str]]]:
    """Number, tool, arguments and the answer's values, as the page has them."""
    found = []
    for number, call, answer in QUESTION.findall(PAGE):
        tool, arguments = shlex.split(call)
        found.append((int(number), tool, json.loads(arguments), re.findall(r"\*\*(.+?)\*\*", answer)))
    return found


@pytest.fixture(scope="module")
def world() -> Sandbox:
    return Sandbox(today=date(2026, 11, 20))


@pytest.fixture
async def app(world: Sandbox) -> AsyncIterator[App]:
    made = build_app(read_settings({"sandbox": True}, {}), sandbox=world)
    yield made
    await made.close()


def test_the_page_has_ten_questions_over_all_four_platforms() -> None:
    assert [number for number, *_ in questions()] == list(range(1, 11))
    assert {tool.partition("_")[0] for _, tool, *_ in questions()} == {"synerise", "posthog", "faraday", "giosg"}


@pytest.mark.parametrize(("number", "tool", "arguments", "stated"), questions(), ids=lambda value: str(value)[:20])
async def test_the_stated_answer_is_what_the_data_and_the_tool_say(
    world: Sandbox, app: App, number: int, tool: str, arguments: dict[str, Any], stated: list[str]
) -> None:
    with world.state.world.connection() as cursor:
        row = cursor.execute(SQL[number]).fetchone()
    assert row is not None
    assert [str(value) for value in row] == stated
    told = await app.dispatcher.run(tool, arguments, NoAsker())
    assert not told.is_error, told.text
    for value in stated:
        assert re.search(rf"(?<![\w.-]){re.escape(value)}(?![\w.]*\d)", told.text), told.text
