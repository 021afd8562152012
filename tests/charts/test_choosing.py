"""Which chart a result becomes: by its kind, by its columns, or as it was asked for."""

from __future__ import annotations

from audience_mcp.results.reading import Reading

from .drawn import days, draw, refused, rows

BY_DAY = [{"day": day, "visits": at} for at, day in enumerate(days(5))]
BY_COUNTRY = [{"country": name, "people": count} for name, count in (("GB", 9), ("PL", 4), ("DE", 7))]
BY_DAY_AND_EVENT = [{"day": day, "event": event, "n": 3} for day in days(4) for event in ("visit", "order")]
STEPS = [{"title": "Visit", "count": 10}, {"title": "Cart", "count": 4}, {"title": "Order", "count": 1}]
LINKS = [{"source": "a", "target": "b", "value": 3}, {"source": "b", "target": "c", "value": 2}]
PERSONAS = [{"persona_id": name, "days": [{"date": day, "count": 2} for day in days(3)]} for name in ("p", "q")]


def test_an_answer_of_a_known_kind_is_drawn_as_that_kind_is() -> None:
    assert draw({"steps": STEPS}, "funnel").kind == "funnel"
    assert draw({"links": LINKS}, "sankey").kind == "sankey"
    assert draw(PERSONAS, "flow").kind == "stacked_area"
    assert draw(STEPS, "segments").kind == "bar"
    assert draw([{"date": day, "values": [1, 2]} for day in days(3)], "series").kind == "line"
    assert draw([{"label": "18-24", "count": 1}, {"label": "25-34", "count": 2}], "series").kind == "bar"


def test_personas_are_called_by_their_names() -> None:
    assert {row["s"] for row in rows(draw(PERSONAS, "flow", names={"p": "Gift givers"}), "s")} == {"Gift givers", "q"}


def test_rows_are_drawn_by_what_their_columns_hold() -> None:
    assert draw(BY_DAY).kind == "line"
    assert draw(BY_COUNTRY).kind == "bar"
    assert draw(BY_DAY_AND_EVENT).kind == "line"
    assert {row["s"] for row in rows(draw(BY_DAY_AND_EVENT), "s")} == {"visit", "order"}
    assert draw([{"amount": number} for number in (1, 2, 5)]).kind == "histogram"
    assert draw([{"name": "a"}, {"name": "b"}]).kind == "table"
    listed = draw({"columns": ["country", "n"], "results": [["PL", 1], ["DE", 2]]}, "table")
    assert (listed.kind, listed.drawing.x, listed.drawing.y, listed.drawing.notes) == ("bar", "country", "n", ())


def test_csv_holds_numbers_too_but_codes_with_leading_zeros_are_none() -> None:
    chart = draw([{"code": "007", "total": "1.5"}, {"code": "008", "total": "2"}], media="csv")
    assert (chart.drawing.x, chart.drawing.y) == ("code", "total")
    assert [row["y"] for row in rows(chart, "c")] == [1.5, 2]


def test_a_list_of_things_is_drawn_by_name_and_never_by_their_ids() -> None:
    cohorts = [
        {"id": 90 + at, "name": name, "count": at, "created_at": f"2026-01-0{at + 1}"} for at, name in enumerate("abc")
    ]
    chart = draw(cohorts, reading=Reading(kind="page", columns=("id", "name", "count")))
    assert (chart.kind, chart.drawing.x, chart.drawing.y) == ("bar", "name", "count")
    assert draw(cohorts, reading=Reading(kind="page", columns=("id", "name"))).kind == "table"


def test_columns_that_were_named_decide() -> None:
    values = [{"day": day, "visits": 5, "orders": at} for at, day in enumerate(days(3))]
    chart = draw(values, x="day", y="orders", chart="bar")
    assert (chart.kind, chart.drawing.y) == ("bar", "orders")
    assert [row["y"] for row in rows(chart, "x2")] == [0, 1, 2]
    assert draw(LINKS, chart="sankey", x="source", series="target", y="value").kind == "sankey"
    assert draw(STEPS, chart="funnel", x="title", y="count").kind == "funnel"


def test_several_columns_of_numbers_over_time_are_several_lines_and_one_column_of_bars_says_what_it_leaves_out() -> (
    None
):
    values = [{"day": day, "visits": 5, "orders": at} for at, day in enumerate(days(3))]
    assert {row["s"] for row in rows(draw(values), "s")} == {"visits", "orders"}
    bars = draw([{"country": "PL", "orders": 1, "buyers": 2}, {"country": "DE", "orders": 3, "buyers": 4}])
    assert bars.drawing.notes == ("not drawn: buyers (y names one)",)


def test_a_column_that_is_not_there_is_refused_with_those_that_are() -> None:
    error = refused(BY_COUNTRY, x="land")
    assert '"land"' in error.message and '"country", "people"' in error.remedy
    assert "no list of rows" in refused({"id": 1, "title": "x"}, x="title").remedy


def test_a_chart_that_the_data_cannot_make_is_refused_with_those_it_can() -> None:
    error = refused(BY_DAY, chart="sankey")
    assert "sankey" in error.message and "line or bar or histogram" in error.remedy
    assert "never grow" in refused(BY_COUNTRY, chart="funnel").message
    assert "two counts or more" in refused(BY_DAY, chart="funnel").message
    assert "below zero" in refused([{"day": day, "n": -1} for day in days(3)], chart="stacked_area").message
    assert "table" in refused([{"name": "a"}], chart="bar").remedy
    assert refused({"id": 1, "title": "x"}, "object").message.startswith("This result cannot be drawn as a chart")


def test_two_numbers_for_one_place_are_never_added_up_unasked() -> None:
    twice = [*BY_COUNTRY, {"country": "GB", "people": 1}]
    assert "GROUP BY" in refused(twice, x="country", y="people").message
    assert "several rows" in refused(twice, chart="bar").message


def test_a_column_with_too_many_values_is_no_series() -> None:
    values = [{"day": day, "person": f"p{at}", "n": 1} for day in days(2) for at in range(80)]
    assert "too many" in refused(values, chart="line", x="day", y="n", series="person").message
