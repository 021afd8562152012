"""The time zone that answers are told in, the window they cover, and the SQL table they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading

from .telling import KEPT, cells, figure, tell

Json = Any
WARSAW = replace(KEPT, zone="Europe/Warsaw")


@pytest.mark.parametrize(
    ("marks", "shown"),
    [
        (["2026-11-01T23:00:00Z", "2026-11-02T23:00:00Z"], ["2026-11-03", "2026-11-02"]),  # midnights in Warsaw
        (["2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"], ["2026-11-03", "2026-11-02"]),  # days as they are written
        (["2026-11-02T10:30:00Z", "2026-11-03T10:30:00Z"], ["2026-11-03T11:30:00+01:00", "2026-11-02T11:30:00+01:00"]),
        (["2026-11-02", "2026-11-03"], ["2026-11-03", "2026-11-02"]),
        (["2026-11-02T10:30:00", "2026-11-03T10:30:00"], ["2026-11-03T10:30:00", "2026-11-02T10:30:00"]),
        ([1793574000, 1793660400], ["2026-11-03", "2026-11-02"]),
        (
            ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"],
            ["2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+02:00"],
        ),
    ],
)
def test_moments_are_told_in_the_workspaces_zone_and_in_their_true_order(marks: list[Json], shown: list[str]) -> None:
    items = [{"date": mark, "value": at} for at, mark in enumerate(marks)]
    summary = tell(items[::-1], Reading("series"), provenance=WARSAW)
    assert cells(summary, "date") == shown
    assert cells(summary, "value") == [1, 0]
    assert "time zone Europe/Warsaw" in summary.text()


@pytest.mark.parametrize("zone", ["No/Such_Zone", "../../etc/passwd", "", "UTC"])
def test_moments_stay_where_the_zone_is_not_known(zone: str) -> None:
    item = {"id": 1, "created_at": "2026-11-01T10:00:00.000Z", "note": "at 2026-11-01T10:00:00Z", "day": "2026-11-01"}
    kept = tell(item, Reading("object"), provenance=replace(KEPT, zone=zone))
    assert figure(kept, "created_at").value == "2026-11-01T10:00:00Z"


def test_every_moment_of_an_answer_is_told_in_the_zone_and_nothing_else_is_touched() -> None:
    item = {"id": 1, "created_at": "2026-07-01T10:00:00.250Z", "note": "at 2026-11-01T10:00:00Z", "day": "2026-11-01"}
    summary = tell(item, Reading("object"), provenance=WARSAW)
    assert figure(summary, "created_at").value == "2026-07-01T12:00:00.250+02:00"
    assert figure(summary, "note").value == "at 2026-11-01T10:00:00Z"
    assert figure(summary, "day").value == "2026-11-01"
    assert cells(tell([item], Reading("page"), provenance=WARSAW), "created_at") == ["2026-07-01T12:00:00.250+02:00"]
    assert figure(tell({"at": "0001-01-01T00:00:00+14:00"}, Reading("object"), provenance=WARSAW), "at").value


def test_an_answers_own_window_and_zone_are_its_provenance() -> None:
    about = {
        "title": "Orders",
        "timezone": "UTC",
        "dateFilter": {"type": "ABSOLUTE", "from": "2026-11-01T00:00:00Z", "to": "2026-11-02T23:59:59.999Z"},
    }
    summary = tell({"result": 12, "metricData": about}, Reading("scalar"))
    assert summary.headline == 'Ask: "Orders" is 12, 2026-11-01 to 2026-11-02.'
    assert (summary.provenance.window, summary.provenance.zone) == ("2026-11-01 to 2026-11-02", "UTC")
    assert summary.left_out == ()
    more = tell({"result": 12, "metricData": {**about, "unit": "EUR"}}, Reading("scalar"))
    assert [one.label for one in more.figures] == ["result", "metricData"]


def test_the_sql_table_ends_the_last_line_and_loses_columns_before_anything_else_is_lost() -> None:
    columns = f"r_x({', '.join(f'column_{n} integer' for n in range(60))})"
    whole = replace(KEPT, columns="r_x(name text, count integer)")
    assert whole.line().endswith("; SQL table r_x(name text, count integer).")
    assert whole.structured()["columns"] == "r_x(name text, count integer)"
    short = replace(KEPT, columns=columns).shortened(0).columns
    assert short is not None and short.startswith("r_x(column_0 integer, ")
    assert short.endswith(" integer, ...)")
    assert replace(KEPT, columns=columns).shortened(3).columns is None
    nested = 'r_x(a STRUCT(b BIGINT, c VARCHAR), "d, e" text, ' + "f integer, " * 60 + "g text)"
    for level in range(3):
        told = Provenance(columns=nested).shortened(level).columns
        assert told is None or (told.count('"') % 2 == 0 and told.count("(") == told.count(")"))
    assert Provenance(columns=nested).shortened(0).columns is not None
