"""A summary and the stored answer -> every figure reckoned again, by code that shares none with the kinds.

What a figure may be: what stands at its path, rounded or cut for reading; how many there are at its path; or, for the
labels named here, a sum, a share or a change, reckoned from the answer by the reading that the summary itself states.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from audience_mcp.results.path import read
from audience_mcp.results.summary import Figure, Summary
from audience_mcp.results.wording import Cut, Words

Json = Any
PLAIN_WAY = re.compile(r"[\w$-]+(?:\.[\w$-]+|\[\d+\])*|\[\d+\]")


def check(summary: Summary, value: Json) -> None:
    """Every figure and every reckoned cell of a summary follows from the answer."""
    derived = {"series": series, "funnel": funnel, "segments": shares, "sankey": links, "flow": flow}
    if summary.kind in derived and summary.provenance.reading is None:
        return  # so short of room that the reading was left out: nobody could say what the figures are of
    reckoned = derived[summary.kind](summary, value) if summary.kind in derived and rows_of(summary, value) else {}
    for figure in summary.figures:
        label = figure.label + (figure.unit or "")
        if label in reckoned:
            assert close(figure.value, reckoned[label]), (figure, reckoned[label])
        elif figure.label not in ("false", "empty fields"):
            assert stands(figure, value), figure


def stands(figure: Figure, value: Json) -> bool:
    """Whether a figure is what stands at its path, or how much of it there is."""
    if isinstance(figure.value, Words):
        return True  # what nested values say is checked where the words are made
    page = read(value, figure.path)
    found: Json = page.items[0] if page.unit in ("value", "character") else page.items
    if page.unit == "field":
        found = {name: part for item in page.items for name, part in item.items()}
    # A name that is too long for a path, or that no path can say, is told at the object it is in.
    places = [found, *(found.values() if isinstance(found, dict) else ())]
    counted = isinstance(figure.value, int) and any(figure.value in sizes(place) for place in places)
    return counted or any(alike(figure.value, place) for place in places)


def sizes(found: Json) -> Iterator[int]:
    """The counts that may be told of what stands somewhere."""
    if isinstance(found, (str, list, dict)):
        yield len(found)
    if isinstance(found, str):
        yield found.count("\n") + 1
    if isinstance(found, dict):
        yield sum(1 for part in found.values() if part is True)
    if isinstance(found, list):
        yield sum(any(part is True for part in (item.values() if isinstance(item, dict) else [item])) for item in found)
        yield sum(len(item) for item in found if isinstance(item, list))


def alike(told: Json, found: Json) -> bool:
    """Whether a told value is a stored one: exact, or rounded, cut, cleaned or in another time zone."""
    if isinstance(told, Cut):
        return isinstance(found, (str, int))
    if isinstance(told, str) and isinstance(found, str):
        return told == found or moment(told) == moment(found) or "<U+" in told or "\r" in found or not told.isascii()
    if isinstance(told, str) and isinstance(found, (int, float)):
        return told == str(found) or told in ("NaN", "Infinity", "-Infinity")
    return close(told, found)


def moment(text: str) -> datetime | str:
    """A text as the moment it names, else itself."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def close(told: Json, exact: Json) -> bool:
    """Whether a number is another one rounded for reading."""
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (told, exact))
    if not numbers or told == exact:
        return bool(told == exact) or (isinstance(told, str) and told == str(exact))
    return bool(abs(told - exact) <= max(0.006, abs(exact) * 6e-4))


def stated(summary: Summary) -> dict[str, str]:
    """The reading that a summary states, by the name of what was read."""
    parts = (summary.provenance.reading or "").split(", ")
    told: dict[str, list[str]] = defaultdict(list)
    name = ""
    for part in parts:
        head, equals, rest = part.partition(" = ")
        name = head if equals else name
        told[name].append(rest if equals else part)
    return {name: "|".join(ways) for name, ways in told.items()}


def reach(item: Json, way: str) -> Json:
    """What stands in an item at a way such as `values[0]` or `orders.count`."""
    for key, at in re.findall(r"([\w$-]+)|\[(\d+)\]", way):
        item = (
            item[int(at)]
            if at and isinstance(item, list) and int(at) < len(item)
            else (item.get(key) if key and isinstance(item, dict) else None)
        )
    return item


def is_number(value: Json) -> bool:
    """Whether the kinds reckon with a value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 10**18


def rows_of(summary: Summary, value: Json) -> list[Json]:
    """The list that the summary's table, or its first figure, is about."""
    paths = [*([summary.table.path] if summary.table else []), *(figure.path for figure in summary.figures), "$"]
    pages = (read(value, path) for path in paths)
    return next((page.items for page in pages if page.unit == "item"), [])


def series(summary: Summary, value: Json) -> dict[str, Json]:
    """First, last, change, total and mean again, over the points in order of their marks."""
    how, items = stated(summary), rows_of(summary, value)
    ways = how["value"].split("|")
    if not all(map(PLAIN_WAY.fullmatch, ways)):
        return {figure.label + (figure.unit or ""): figure.value for figure in summary.figures}
    timed = any("first" in text for text in [*(figure.label for figure in summary.figures), *columns(summary)])
    if timed:
        items = sorted(items, key=lambda item: order(reach(item, how["axis"])))
    for row, way in zip(summary.table.rows if summary.table else (), ways, strict=False):
        if columns(summary)[:1] == ("series",):
            overview(dict(zip(columns(summary)[1:], row[1:], strict=True)), numbers(items, way))
    if len(ways) > 1:
        return {"points": len(items)}
    values = numbers(items, ways[0])
    empty = len(items) - len(values)
    reckoned = {"total": sum(values), "mean": sum(values) / len(values), "points without a value": empty}
    if timed:
        reckoned |= {"change": values[-1] - values[0]}
        reckoned |= {"change%": (values[-1] - values[0]) / abs(values[0]) * 100} if values[0] else {}
        edges = {"first": values[0], "last": values[-1], "min": min(values), "max": max(values)}
        for figure in summary.figures:
            name = figure.label.partition(" (")[0]
            assert name not in edges or close(figure.value, edges[name]), figure
    return reckoned | {figure.label: figure.value for figure in summary.figures if figure.label == "course"}


def overview(told: dict[str, Json], values: list[Json]) -> None:
    """One row of several series compared."""
    exact = {"min": min(values), "max": max(values), "total": sum(values)}
    if "first" in told:
        exact |= {"first": values[0], "last": values[-1], "change": values[-1] - values[0]}
    for name, number in exact.items():
        assert close(told[name], number), (name, told, number)


def numbers(items: list[Json], way: str) -> list[Json]:
    """The numbers at a way in every item."""
    return [found for item in items if is_number(found := reach(item, way))]


def order(mark: Json) -> Any:
    """What moments are sorted by."""
    return mark if is_number(mark) or len(mark) < len("2026-11-01") else datetime.fromisoformat(mark)


def columns(summary: Summary) -> tuple[str, ...]:
    """The columns of the table, none without one."""
    return summary.table.columns if summary.table else ()


def funnel(summary: Summary, value: Json) -> dict[str, Json]:
    """Conversions again, from the counts alone."""
    how, items = stated(summary), rows_of(summary, value)
    counts = [item if how["count"] == "the item itself" else item[how["count"]] for item in items]
    assert counts == sorted(counts, reverse=True)
    kept = [after / before for before, after in pairwise(counts) if before]
    for at, row in enumerate(summary.table.rows if summary.table else ()):
        assert close(row[2], counts[at])
        assert close(row[3], counts[at] / counts[0] * 100)
        assert close(row[4], counts[at] / counts[max(at - 1, 0)] * 100) if counts[max(at - 1, 0)] else row[4] is None
    worst = (1 - min(kept)) * 100
    labels = {figure.label + "%": worst for figure in summary.figures if figure.label.startswith("largest drop")}
    return {"overall conversion%": counts[-1] / counts[0] * 100, **labels}


def shares(summary: Summary, value: Json) -> dict[str, Json]:
    """Shares of the stated whole again."""
    how, items = stated(summary), rows_of(summary, value)
    whole = read(value, f"$.{how['all']}").items[0] if "all" in how else None
    counts = [item if how["count"] == "the item itself" else item[how["count"]] for item in items]
    for row, count in zip(summary.table.rows if summary.table else (), counts, strict=False):
        assert close(row[1], count)
        assert "% of all" not in columns(summary) or close(row[2], count / whole * 100)
    return {"largest": max(counts)}


def links(summary: Summary, value: Json) -> dict[str, Json]:
    """Totals, shares of a step, and who does not go on, again."""
    how, items = stated(summary), rows_of(summary, value)
    weights = [item[how["count"]] for item in items]
    at_step: Callable[[Json], Json] = lambda item: item.get("step") if how.get("step") == "step" else None  # noqa: E731
    wholes: defaultdict[Json, float] = defaultdict(float)
    for item, weight in zip(items, weights, strict=True):
        wholes[at_step(item)] += weight
    told = [row[-2] for row in summary.table.rows] if summary.table else []
    assert all(close(one, exact) for one, exact in zip(told, sorted(weights, reverse=True), strict=False))
    if summary.table and how.get("step") != "nodes.step":
        for row in summary.table.rows:
            whole = wholes[row[0] if how.get("step") else None]
            assert close(row[-1], float(row[-2]) / whole * 100) if whole else row[-1] is None
    beside = {figure.label: figure.value for figure in summary.figures if figure.label in ("strongest way", "steps")}
    gone = {figure.label: figure.value for figure in summary.figures if figure.label.startswith("no link on")}
    most = (sum(weights) + max(sizes_of(value), default=0)) * 1.001 + 0.01
    assert all(0 < float(number) <= most for number in gone.values())
    return {"total": sum(weights), "strongest": max(weights), **beside, **gone}


def sizes_of(value: Json) -> list[Json]:
    """The counts that the nodes of a flow carry."""
    nodes = value.get("nodes", []) if isinstance(value, dict) else []
    counts = [node.get("count", node.get("value")) for node in nodes if isinstance(node, dict)]
    return [count for count in counts if is_number(count)]


def flow(summary: Summary, value: Json) -> dict[str, Json]:
    """Members now and at first again, and every persona's change."""
    items = rows_of(summary, value)
    lives = [sorted(item["days"], key=lambda day: str(day["date"])) for item in items]
    ends = [(days[0], days[-1]) for days in lives if days]
    by_id = {item["persona_id"]: (days[0], days[-1]) for item, days in zip(items, lives, strict=True) if days}
    for row in summary.table.rows if summary.table and len(by_id) == len(ends) else ():
        if row[-1] in by_id and row[1] is not None:
            first, last = by_id[row[-1]]
            assert close(row[1], last["count"]) and close(row[4], last["count"] - first["count"])
    start, total = (sum(end[at]["count"] for end in ends) for at in (0, 1))
    days = {"first day": min(end[0]["date"] for end in ends), "last day": max(end[1]["date"] for end in ends)}
    return {"members now": total, "members at first": start, "change": total - start, **days}
