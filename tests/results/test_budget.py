"""The estimate against true counts of the o200k_base encoding, noted here so that no test needs the encoding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audience_mcp.results.budget import estimate

# Each text with the tokens that the encoding makes of it.

# Each text with the tokens that the encoding makes of it.

# Each text with the tokens that the encoding makes of it.

# Each text with the tokens that the encoding makes of it.
TYPICAL = [
    pytest.param(
        (
            "The cohort holds everyone who opened the newsletter in the last thirty"
            " days and has not placed an order since. Its size is recalculated each"
            " night, so the count may lag behind the events by a few hours. Ask for"
            " the calculation history to see when it last ran and how long it took."
        ),
        59,
        id="English",
    ),
    pytest.param(
        (
            '[{"id": 48, "name": "Big spenders", "description": "Customers with a h'
            'igh total", "count": 1250, "is_static": false, "created_at": "2026-11-'
            '20T10:12:03Z", "created_by": {"email": "ann@shop.example", "first_name'
            '": "Ann"}, "filters": {"properties": {"type": "OR", "values": []}}}, {'
            '"id": 48, "name": "Big spenders", "description": "Customers with a hig'
            'h total", "count": 1250, "is_static": false, "created_at": "2026-11-20'
            'T10:12:03Z", "created_by": {"email": "ann@shop.example", "first_name":'
            ' "Ann"}, "filters": {"properties": {"type": "OR", "values": []}}}]'
        ),
        189,
        id="JSON",
    ),
    pytest.param(
        (
            '[{"event":"page.visit","profiles":5000,"rate":0.25,"tags":["web","mobi'
            'le"]},{"event":"transaction.charge","profiles":312,"rate":0.0624,"tags'
            '":[]}]'
        ),
        45,
        id="compact JSON",
    ),
    pytest.param(
        (
            'id | name | count | updated_at\n1000 | "Newsletter readers" | 812 | 202'
            '6-11-03T08:00:00Z\n1001 | "Gold members" | 77 | 2026-11-04T08:00:00Z\n10'
            '02 | "Frequent buyers" | 409 | 2026-11-09T08:00:00Z\n1003 | "Cart aband'
            'oners" | 1500 | 2026-11-11T08:00:00Z\n1004 | "Visited last week" | 2033'
            "1 | 2026-11-20T08:00:00Z"
        ),
        143,
        id="table",
    ),
    pytest.param(
        (
            "List cohorts: 50 of 120 items.\n- items here: 50\n- total: 120\nid | name"
            ' | count\n1 | "Big spenders" | 10\nLeft out: 49 of 50 items; 1 column (f'
            'ilters): read_result(handle="r_k3jx5q2mzv7a4b6t", path="$.results", st'
            'art=1)\nSource: PostHog, workspace "Meadow & Main (20481)", region eu; '
            "posthog_list_cohorts; fetched 2026-11-20T10:12:03Z; partial; 50 rows; "
            "35124 bytes; handle r_k3jx5q2mzv7a4b6t; shape documented."
        ),
        158,
        id="a summary",
    ),
    pytest.param(
        (
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301\n0190a6c4-7b1e-7c3a-b2d5-9f8e7d6c5"
            "b4a\nc56a4180-65aa-42ec-a945-5fd21dec0538\n9b2d5b4e-8c61-4f0a-8e3f-1a2b3"
            "c4d5e6f"
        ),
        118,
        id="ids",
    ),
    pytest.param(
        ("1 22 333 4444 55555 1234567.89 0.000123 -17 99.95% 2026-11-20 1e-9 9007199254740993"), 48, id="numbers"
    ),
    pytest.param(
        (
            "ann.smith@shop.example https://www.shop.example/kitchen/knives?campaig"
            "n=newsletter-11&source=mail https://api.example.com/v1/cohorts/48/pers"
            "ons/?limit=100&offset=200"
        ),
        49,
        id="addresses",
    ),
]
ODD = [
    pytest.param(
        (
            "Klienci, którzy w ciągu ostatnich trzydziestu dni otworzyli wiadomość,"
            " ale niczego nie kupili. Liczebność segmentu zażółconego jest przelicz"
            "ana każdej nocy, więc może być nieświeża o kilka godzin."
        ),
        60,
        id="Polish",
    ),
    pytest.param(
        (
            "Kundinnen und Kunden, die in den letzten dreißig Tagen den Newsletter "
            "geöffnet, aber nichts bestellt haben. Die Größe der Kohorte wird jede "
            "Nacht neu berechnet."
        ),
        35,
        id="German",
    ),
    pytest.param(
        "過去三十日間にニュースレターを開いたが、その後注文していないすべての顧客。サイズは毎晩再計算されます。",
        39,
        id="Japanese",
    ),
    pytest.param(
        ("Клиенты, которые открыли рассылку за последние тридцать дней, но ничего не заказали."), 23, id="Russian"
    ),
    pytest.param("🎉🚀🛒📈 👩\u200d👩\u200d👧 👍🏽 🇵🇱 ❤️✅🔥💡", 29, id="emoji"),
    pytest.param(
        (
            "eyJhbGciOiJSUzUxMiIsInR5cCI6IkpXVCJ9eyJzdWIiOiJhbm5Ac2hvcC5leGFtcGxlIi"
            "wiZXhwIjoxNzYzNjM0NTY3fQMEUCIQDx9kQvS1nVYw7"
        ),
        76,
        id="base64",
    ),
    pytest.param("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", 43, id="hex"),
    pytest.param("qwxzjkvbnmplokijuhygtfrdeswaqzxcvbnmkjhgfdsapoiuytrewq", 30, id="letters"),
    pytest.param(
        ("annasmith mariakowalska tylerlopez victoriaburns jessicawest stewartjensen katrinacosta"),
        30,
        id="joined names",
    ),
    pytest.param(("THE COHORT HOLDS EVERYONE WHO OPENED THE NEWSLETTER IN THE LAST THIRTY DAYS"), 20, id="SHOUTING"),
    pytest.param(("!@#$%^&*()_+-={}[]|\\:;\"'<>,.?/~` ~~~ ??? <<>> ((())) $$$ %%% ::: ;;; ///"), 32, id="punctuation"),
    pytest.param(
        (
            '"{\\"title\\": \\"Za\\\\u017c\\\\u00f3\\\\u0142\\\\u0107\\", \\"steps\\": [{\\"name\\"'
            ': \\"\\\\u65e5\\\\u672c\\"}]}"'
        ),
        44,
        id="escaped JSON",
    ),
    pytest.param("a\n\n\n    b\t\tc      d\r\n\r\ne", 10, id="white space"),
]


@pytest.mark.parametrize(("text", "true"), TYPICAL)
def test_typical_text_is_estimated_at_or_a_little_above_its_true_count(text: str, true: int) -> None:
    assert true <= estimate(text) <= 1.35 * true


@pytest.mark.parametrize(("text", "true"), ODD)
def test_odd_text_is_never_estimated_below_its_true_count(text: str, true: int) -> None:
    assert true <= estimate(text) <= 4 * true


def test_nothing_costs_nothing() -> None:
    assert estimate("") == 0


@given(st.text(), st.text())
def test_more_text_never_costs_less(text: str, more: str) -> None:
    assert estimate(text) <= estimate(text + "\n" + more)


@given(st.text(max_size=60))
def test_no_text_costs_more_than_its_bytes_and_a_margin(text: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    assert estimate(text) <= size * 1.1 + 2
