"""Whatever a query calls a person's name, the column that holds it is masked, and the others are not."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import pytest

from audience_mcp.app import App
from audience_mcp.redaction.redactor import Redactor

from .people import TOKEN, People, data
from .test_masking import KEY, seconds

pytestmark = pytest.mark.anyio
NAME = "properties.first_name"


async def rows(app: App, query: str) -> list[list[Any]]:
    found: list[list[Any]] = (await data(app, "posthog_run_query", query={"kind": "HogQLQuery", "query": query}))[
        "results"
    ]
    return found


def shown(query: Any, columns: list[Any], row: list[Any], words: tuple[str, ...] = ("names", "phones")) -> list[Any]:
    answer = {"columns": columns, "results": [row]}
    told: list[Any] = Redactor(words, KEY).opened({"query": query}).shown(answer, personal=True)["results"][0]
    return told


@pytest.mark.parametrize(
    "query",
    [
        "select properties['first_name'] from persons",
        f"select {NAME} n from persons",
        f"select {NAME} || ' x' from persons",
        f"with p as (select {NAME} as n from persons) select n || '!' from p",
        f"select n from (select {NAME} n from persons)",
        f"select p.n from (select {NAME} n from persons) p",
        f"select * from (select {NAME} n from persons)",
        f"select {NAME} as `n m` from persons",
        f"select n from (select '' n from persons union all select {NAME} from persons) order by n desc",
        f"with p(n) as (select {NAME} from persons) select n from p",
        f"select n from (select {NAME} from persons) p(n)",
        f"select {NAME} /* of whom, */ {' ' * 20_500} n from persons",
        f"select case when {NAME} != '' then {NAME} else 'b' end as label from persons",
    ],
)
async def test_a_name_is_masked_however_the_query_calls_it(query: str, masked: App, people: People) -> None:
    first = {name.split()[0] for name in people.names}
    cells = [cell for (cell,) in await rows(masked, f"{query} limit 9") if cell]
    assert cells and all(TOKEN.fullmatch(cell) for cell in cells)
    assert not first & set(re.findall(r"\w+", json.dumps(cells, ensure_ascii=False)))


@pytest.mark.parametrize(
    "query",
    [
        "select properties.tier from persons",
        f"select properties.tier t from persons where {NAME} != ''",
        f"select upper(properties.tier) as u, toDate(created_at) d from persons where {NAME} != '' group by u,d",
        f"select q.tier, q.c from (select {NAME} n, properties.tier as tier, properties.city c from persons) q",
        f"select * from (select properties.tier as t, created_at from persons where {NAME} != '')",
    ],
)
async def test_what_the_query_says_is_no_name_stays(query: str, masked: App, plain: App) -> None:
    query += " order by 1, 2" if "," in query else " order by 1"
    assert await rows(masked, f"{query} limit 9") == await rows(plain, f"{query} limit 9") != []


@pytest.mark.parametrize("column", ["_1", "", "tuple(x, y)", "order", "end", None, {"name": "n"}])
def test_a_text_whose_column_the_query_does_not_tell_is_masked_where_it_names_a_personal_field(column: Any) -> None:
    query = f"select plan from persons order by {NAME}"
    masked = shown(query, [column, "plan"], ["Anna", "gold"])
    assert TOKEN.fullmatch(masked[0]) and masked[1] == "gold"
    assert shown(query, [column, "plan"], [7, "gold"]) == [7, "gold"]
    assert shown("select plan from persons", [column], ["Anna"]) == ["Anna"]


def test_a_query_too_long_or_too_nested_to_be_read_leaves_no_text_in_the_clear() -> None:
    nested = f"select {NAME} a0"
    for depth in range(9):
        nested = f"select a{depth} as a{depth + 1} from ({nested})"
    for query in (f"select {'1, ' * 40_000} {NAME} z", nested):
        assert TOKEN.fullmatch(shown(query, ["a9"], ["Anna"])[0])


def test_of_a_number_and_a_name_in_one_column_the_name_decides() -> None:
    (cell,) = shown("select concat(phone, first_name) as both from persons", ["both"], ["600 Annabella"])
    assert TOKEN.fullmatch(cell)


def test_columns_named_in_a_list_of_expressions_are_read_too() -> None:
    cells = shown(
        {"select": ["event", f"{NAME} as n", f"upper({NAME}) u"]}, ["event", "n", "u"], ["buy", "Anna", "ANNA"]
    )
    assert cells[0] == "buy" and all(map(TOKEN.fullmatch, cells[1:]))


@pytest.mark.parametrize(
    "piece", ["x as a ", "(x as a, ", "first_name as a ", "x a, ", "'", '"', "/*", "((", "a.", "\\'"]
)
def test_no_query_takes_longer_than_its_length(piece: str) -> None:
    texts = ["select first_name, " + piece * times for times in (250, 2000)]
    short, long = (seconds(partial(shown, text, ["a"], ["Anna"])) for text in texts)
    assert long < max(short, 1e-3) * 8 * 4
