"""What stands around a chart, and texts of the data in it: told, shortened, and never more than texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.charts.choosing import CHARTS
from audience_mcp.charts.lettering import distinct, short, width, wrapped
from audience_mcp.charts.style import INNER, config

from .drawn import FROM, days, draw, texts

Json = Any
LURES = (
    "datum.y && (globalThis.hacked = 1)",
    "{'signal': 'x'}",
    '"] + alert(1) + ["',
    "<img src=https://evil.example/x.png>",
    "https://evil.example/data.json",
    "a.b[0]['c']",
    "image",
)
WORDS = ("signal", "expr", "test", "filter", "labelExpr", "update", "url", "href", "field", "format", "type", "scale")


def foot(specification: dict[str, Json]) -> list[str]:
    """The lines under a chart."""
    if "layer" in specification:
        found: list[str] = specification["layer"][-1]["mark"]["text"]
    else:
        found = specification["marks"][-1]["encode"]["update"]["text"]["value"]
    return found


def test_a_chart_says_what_it_shows_where_it_comes_from_and_of_what_time() -> None:
    chart = draw([{"day": day, "visits": 1} for day in days(3)], title="Visits")
    head = chart.specification["title"]
    assert head["text"] == ["Visits"]
    assert head["subtitle"] == ["Meadow & Main · Query stored results by SQL · 2026-10-22 to 2026-11-20"]
    assert foot(chart.specification) == ["Source: Synerise, Meadow & Main, fetched 2026-11-20 10:12 UTC"]
    axes = chart.specification["layer"][0]["encoding"]
    assert (axes["x"]["axis"]["title"], axes["y"]["axis"]["title"]) == ("day", "visits")


def test_it_is_called_by_the_name_of_the_analysis_else_by_the_tool_s() -> None:
    steps = [{"title": "a", "count": 2}, {"title": "b", "count": 1}]
    named = draw({"steps": steps, "metadata": {"title": "Checkout"}}, "funnel", tool="Preview funnel")
    assert named.specification["title"]["text"] == ["Checkout"]
    assert draw({"steps": steps}, "funnel", tool="Preview funnel").title == "Preview funnel"


@pytest.mark.parametrize("kind", ["funnel", "line", "bar", "histogram", "sankey", "stacked_area", "table"])
def test_charts_of_the_sandbox_say_so_in_their_title_and_at_their_foot(kind: str) -> None:
    values = [{"source": day, "day": day, "target": "t", "n": 9 - at} for at, day in enumerate(days(3))]
    columns: dict[str, dict[str, Any]] = {
        "sankey": {"x": "source", "series": "target", "y": "n"},
        "histogram": {"y": "n"},
    }
    asked = columns.get(kind, {"x": "day", "y": "n"})
    for sandbox in (True, False):
        chart = draw(values, provenance=replace(FROM, sandbox=sandbox), chart=kind, **asked)
        assert chart.specification["title"]["text"][0].startswith("SANDBOX: ") == sandbox
        assert ("SANDBOX: made-up data" in foot(chart.specification)[-1]) == sandbox


def test_what_is_not_drawn_is_said_in_the_chart_itself() -> None:
    chart = draw([{"name": f"n{at}", "count": at} for at in range(90)])
    assert foot(chart.specification)[0] == "Note: the 24 largest of 90 are drawn."


def lured(lure: str) -> Iterator[dict[str, Json]]:
    """Every chart of data that holds a text in all its names and values."""
    rows = [{lure: f"{lure}{at}", "day": day, "n": 9 - at, "to": lure} for at, day in enumerate(days(3))]
    steps = [{"title": f"{lure}{at}", "count": 9 - at} for at in range(3)]
    links = [{"source": f"{lure}{at}", "target": lure, "value": 3} for at in range(3)]
    source = replace(FROM, workspace=lure, provider=lure, window=lure, zone=lure)
    for kind in CHARTS:
        value: Json = {"funnel": {"steps": steps, "name": lure}, "sankey": {"links": links, "name": lure}}.get(
            kind, rows
        )
        columns: dict[str, Any] = {} if kind in ("funnel", "sankey") else {"y": "n"}
        columns |= {"series": lure, "x": "day"} if kind in ("line", "stacked_area") else {}
        columns |= {"x": lure} if kind == "bar" else {}
        chart = draw(value, kind, provenance=source, tool=lure, title=lure, chart=kind, **columns)
        yield chart.specification


@pytest.mark.parametrize("lure", LURES)
def test_a_text_of_the_data_is_a_value_and_never_part_of_a_program(lure: str) -> None:
    for specification in lured(lure):
        for name, part in walk(specification):
            if isinstance(part, str) and lure in part:
                assert name not in WORDS, (name, part)
            assert lure not in name
        assert "url" not in {name for name, _ in walk(specification)}


def walk(value: Json) -> Iterator[tuple[str, Json]]:
    """Every name and what stands under it."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield name, part
            yield from walk(part)
    elif isinstance(value, list):
        for part in value:
            yield from walk(part)


def test_hidden_characters_are_shown_and_line_breaks_are_spaces() -> None:
    chart = draw([{"name": "a\u202eb\nc\x1b", "n": 1}, {"name": "d", "n": 2}], title="x\u200by")
    told = " ".join(texts(chart.specification))
    assert "a<U+202E>b c<U+001B>" in told and "x<U+200B>y" in told
    assert not any(ord(sign) < 32 and sign != "\n" for sign in told)


def test_names_that_look_alike_once_shortened_stay_apart() -> None:
    long = "the same beginning of a very long name of a segment, and then the end of number "
    chart = draw([{"name": f"{long}{at}", "n": at} for at in range(3)])
    labels = chart.specification["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert len(set(labels)) == 3 and all(width(label) < 240 for label in labels)


@given(st.text(max_size=300), st.integers(20, 400))
@settings(deadline=None)
def test_a_shortened_text_fits_and_says_that_it_was_cut(text: str, room: int) -> None:
    told = short(text, room)
    assert width(told) <= room
    assert told.endswith("…") or told == short(text, 10**6)
    lines = wrapped(text, room, 11, 3)
    assert len(lines) <= 3 and all(width(line) <= room + 11 for line in lines)


@given(st.lists(st.text(max_size=60), max_size=12))
@settings(deadline=None)
def test_distinct_names_are_as_many_as_there_were(names: list[str]) -> None:
    told = distinct(names, 120)
    assert len(set(told)) == len(names)


def test_titles_never_run_out_of_the_picture() -> None:
    head = draw([{"name": "a", "n": 1}], title="W" * 300).specification["title"]
    assert len(head["text"]) == 2 and all(width(line, 16.5) <= INNER for line in head["text"])


def test_specifications_name_no_colour_and_both_themes_have_all_that_they_name() -> None:
    light, dark = config("light"), config("dark")
    assert json.dumps(light["style"], sort_keys=True) != json.dumps(dark["style"], sort_keys=True)
    assert set(light["style"]) == set(dark["style"])
    for specification in lured("x"):
        named = {part for name, part in walk(specification) if name == "style"}
        assert named <= set(light["style"])
        assert not [text for text in texts(specification) if text.startswith("#")]
