"""Columns of rows, and which of them were asked for -> lines over an axis of times, numbers or names."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from audience_mcp.charts import moments
from audience_mcp.charts.forms import CannotDraw, Line, Lines, Number, Options, Place
from audience_mcp.charts.records import Column, Records
from audience_mcp.charts.shaping import left_out, numbers, text
from audience_mcp.results.wording import counted, cut, named

Json = Any

_NAME_RANK, _MOST_SERIES = 1, 60
_FIRST = "sum or choose first with query_results (GROUP BY)"


def read(records: Records, options: Options, *, several: bool = True) -> Lines:
    """Numbers of one column or (over time, with `several`) of all, along the column of times, texts or numbers.

    Raises:
        CannotDraw: Such columns are not there, or a place on the axis has two numbers.
    """
    x = _axis(records, options)
    series = records.columns[options.series] if options.series else _series(records, options, x)
    measures = _measures(records, options, x, several=several and series is None and x.type == "time")
    keep = [at for at, value in enumerate(x.values) if value not in (None, "")]
    if not keep:
        raise CannotDraw(f"the column {named(x.name)} is empty")
    marks = [x.values[at] for at in keep]
    if series is not None and len(set(map(text, series.values))) > _MOST_SERIES:
        raise CannotDraw(f"{named(series.name)} has too many different values to be series; {_FIRST}")
    if series is None:
        drawn = [Line(one.name, [one.values[at] for at in keep]) for one in measures]
    else:
        names = [text(series.values[at]) for at in keep]
        drawn, marks = _split(marks, names, [measures[0].values[at] for at in keep])
    measure = measures[0].name if len(measures) == 1 else "value"
    notes = (*left_out(records, options, {x.name, *(one.name for one in measures)}), *_nameless(x, len(keep)))
    return replace(_ordered(x, marks, drawn, records.path, measure), notes=notes)


def _axis(records: Records, options: Options) -> Column:
    if options.x:
        if records.columns[options.x].type == "other":
            raise CannotDraw(f"the column {named(options.x)} holds no single values")
        return records.columns[options.x]
    times = [one for one in records.of("time") if one.name not in (options.y, options.series)]
    texts = [one for one in records.of("text") if one.name not in (options.y, options.series)]
    # A list of things, each with a name and the day it was made, is no history of them.
    names = [one for one in texts if one.rank <= _NAME_RANK and _unique(one)]
    if names and not options.series:
        return names[0]
    for column in (*times[:1], *texts[:1]):
        return column
    raise CannotDraw("no column holds dates or names for the axis")


def _series(records: Records, options: Options, x: Column) -> Column | None:
    """The column that tells the rows of one place apart, where there are several."""
    if x.type == "number" or _unique(x):
        return None
    for one in records.of("text"):
        names = list(map(text, one.values))
        if one.name in (x.name, options.y) or len(set(names)) > _MOST_SERIES:
            continue
        if len(set(zip(map(str, x.values), names, strict=True))) == len(names):
            return one
    return None


def _measures(records: Records, options: Options, x: Column, *, several: bool) -> list[Column]:
    if options.y or not several:
        return [numbers(records, options.y, x.name)]
    found = [one for one in records.of("number") if one.name != x.name]
    return found or [numbers(records, None, x.name)]


def _split(marks: list[Json], names: list[str], values: list[Number | None]) -> tuple[list[Line], list[Json]]:
    """One line for each name, over all places: None where it has no row."""
    places = list(dict.fromkeys(marks))
    at = {mark: position for position, mark in enumerate(places)}
    drawn = {name: Line(name, [None] * len(places)) for name in dict.fromkeys(names)}
    taken: set[tuple[Json, str]] = set()
    for mark, name, value in zip(marks, names, values, strict=True):
        if (mark, name) in taken:
            raise CannotDraw(f"{named(text(mark))} and {named(name)} have several rows; {_FIRST}")
        taken.add((mark, name))
        drawn[name].values[at[mark]] = value
    return list(drawn.values()), places


def _ordered(x: Column, marks: list[Json], drawn: list[Line], path: str, measure: str) -> Lines:
    """The lines along the axis, in its order."""
    if not any(value is not None for line in drawn for value in line.values):
        raise CannotDraw("there are no numbers to draw")
    twice, times = Counter(marks).most_common(1)[0]
    if times > 1:
        raise CannotDraw(f"{named(text(twice))} in {named(x.name)} has several rows; {_FIRST}, or name a series")
    place: Place = "label"
    told, places, name = [text(mark) for mark in marks], list[float](), x.name
    if x.type == "time" and (axis := moments.read(marks)):
        place, told, places = "time", axis.marks, axis.places
        name = f"{name} ({axis.zone})" if axis.zone else name
    elif x.type == "number":
        place, places = "number", [*marks]
    if places:
        order = sorted(range(len(places)), key=places.__getitem__)
        told, places = [told[at] for at in order], [places[at] for at in order]
        drawn = [Line(line.name, [line.values[at] for at in order]) for line in drawn]
    return Lines(place, name, told, [*places], drawn, measure, path)


def _nameless(x: Column, kept: int) -> tuple[str, ...]:
    absent = len(x.values) - kept
    return (f"{counted(absent, 'row')} without {cut(x.name, 40)} not drawn",) if absent else ()


def _unique(column: Column) -> bool:
    return len(set(map(str, column.values))) == len(column.values)
