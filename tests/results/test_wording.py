"""Texts and numbers as they may be shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audience_mcp.results.wording import (
    Cut,
    Rounded,
    clean,
    counted,
    cut,
    is_id,
    label,
    percent,
    scalar,
    shown,
    squeezed,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("zażółć 日本 🎉", "zażółć 日本 🎉"),
        ("a\u200bb", "a<U+200B>b"),
        ("\u202eabc", "<U+202E>abc"),
        ("a\x00\x1b[0m", "a<U+0000><U+001B>[0m"),
        ("line\r\nbreak\tkept", "line\nbreak\tkept"),
        ("no\u00a0break", "no break"),
        ("\u2028", "<U+2028>"),
        ("\ud800", "<U+D800>"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("❤\ufe0f\ufe0f\ufe0e", "❤\ufe0f<U+FE0F><U+FE0E>"),
        ("a\U000e0141", "a<U+E0141>"),
        ("\u3164x", "<U+3164>x"),
    ],
)
def test_hidden_characters_are_made_visible(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text())
def test_a_cleaned_text_is_printable_apart_from_line_breaks(text: str) -> None:
    assert clean(text).replace("\n", "").replace("\t", "").isprintable()


def test_a_long_text_is_cut_with_a_count() -> None:
    short = cut("x" * 150, 100)
    assert isinstance(short, Cut)
    assert short == "x" * 100 + "...(+50 characters)"


@given(st.text(max_size=300), st.integers(12, 60))
def test_a_squeezed_text_says_what_it_lost(text: str, tokens: int) -> None:
    short = squeezed(text, tokens)
    assert short == clean(text) or "characters)" in short


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        (True, True),
        (None, None),
        (2**53 + 1, "9007199254740993"),
        (1.0, 1),
        (0.1 + 0.2, 0.3),
        (1234.5678, 1234.57),
        (0.000123456, 0.0001235),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (1e300, 1e300),
        ("2026-11-01T00:00:00.000Z", "2026-11-01T00:00:00Z"),
        ("2026-11-01T00:00:00.120Z", "2026-11-01T00:00:00.120Z"),
    ],
)
def test_a_value_is_shown_short_and_as_valid_json(value: Any, expected: Any) -> None:
    assert scalar(value) == expected
    assert isinstance(scalar(value), Rounded) == (
        isinstance(value, float) and scalar(value) not in (value, "NaN", "-Infinity")
    )


def test_an_endless_integer_is_told_by_its_length() -> None:
    assert scalar(10**30_000) == "an integer of about 30001 digits"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("page.visit", "page.visit"),
        ("ann@shop.example", "ann@shop.example"),
        ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ("two words", '"two words"'),
        ("Source:", '"Source:"'),
        ("", '""'),
        ("a|b", '"a|b"'),
        ("line\nbreak", '"line\\nbreak"'),
        (None, "-"),
        (False, "false"),
        (1.5, "1.5"),
    ],
)
def test_only_single_plain_words_go_without_quotes(value: Any, text: str) -> None:
    assert shown(value) == text


def test_labels_of_several_plain_words_need_no_quotes() -> None:
    assert label("first (2026-11-01T10:00)") == "first (2026-11-01T10:00)"
    assert label("total: 5") == '"total: 5"'


def test_ids_are_known_by_name_and_form() -> None:
    assert is_id("persona_id", "abc-1")
    assert is_id("businessProfileId", "48")
    assert not is_id("name", "abc-1")
    assert not is_id("id", "two words")


def test_counts_have_their_plural() -> None:
    assert [counted(1, "row"), counted(2, "row"), counted(0, "entry"), counted(3, "series")] == [
        "1 row",
        "2 rows",
        "0 entries",
        "3 series",
    ]


def test_a_share_of_nothing_is_unknown() -> None:
    assert percent(1, 0) is None
    assert percent(1, 3) == 33.33
    assert percent(72, 100) == 72
