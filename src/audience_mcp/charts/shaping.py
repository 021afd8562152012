"""Columns of rows, and which of them were asked for -> steps, links or a sample to draw."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from audience_mcp.charts.forms import CannotDraw, Options, Ribbon, Ribbons, Sample, Steps
from audience_mcp.charts.records import Column, Records
from audience_mcp.results.locate import number
from audience_mcp.results.wording import counted, cut, named, scalar

Json = Any

_MOST_TOLD = 4


def steps(records: Records, options: Options) -> Steps:
    """Names and counts in the order of the rows, none larger than the one before.

    Raises:
        CannotDraw: The counts are not such.
    """
    y = numbers(records, options.y)
    names = records.columns[options.x] if options.x else next(iter(records.of("text", "time")), None)
    counts = [value for value in y.values if value is not None]
    if len(counts) != len(y.values) or len(counts) < 2 or counts[0] <= 0 or min(counts) < 0:
        raise CannotDraw(f"a funnel needs two counts or more, and {named(y.name)} does not have one in every row")
    if any(after > before for before, after in pairwise(counts)):
        raise CannotDraw(f"a funnel's counts never grow, and those in {named(y.name)} do")
    told = [text(value) for value in names.values] if names else [f"step {at + 1}" for at in range(len(counts))]
    return Steps(told, counts, y.name, records.path)


def ribbons(records: Records, options: Options) -> Ribbons:
    """Links from the texts of `x` to those of `series`, as strong as the numbers of `y`.

    Raises:
        CannotDraw: The columns were not named, or no row has all three.
    """
    if not (options.x and options.series):
        raise CannotDraw("a sankey needs x (from), series (to) and y (how many)")
    y = numbers(records, options.y)
    ends = zip(records.columns[options.x].values, records.columns[options.series].values, y.values, strict=True)
    found = [
        Ribbon(text(source), text(target), text(source), text(target), weight, None)
        for source, target, weight in ends
        if weight is not None and weight >= 0 and source is not None and target is not None
    ]
    if not found:
        raise CannotDraw("no row has both ends and a count")
    absent = records.count - len(found)
    notes = (f"{counted(absent, 'row')} without ends or a count not drawn",) if absent else ()
    return Ribbons(found, False, y.name, records.path, notes=notes)


def sample(records: Records, options: Options) -> Sample:
    """The numbers of one column.

    Raises:
        CannotDraw: There is no such column.
    """
    column = numbers(records, options.y or options.x)
    known = [value for value in column.values if value is not None]
    absent = len(column.values) - len(known)
    rows = (f"{counted(absent, 'row')} without a number",) if absent else ()
    asked = replace(options, y=options.y or options.x)
    return Sample(column.name, known, records.path, (*rows, *left_out(records, asked, {column.name})))


def left_out(records: Records, options: Options, drawn: set[str]) -> tuple[str, ...]:
    """A note on columns of numbers that are not drawn, where nobody chose among them."""
    names = [one.name for one in records.of("number") if one.name not in drawn]
    if options.y or not names:
        return ()
    told = ", ".join(cut(name, 40) for name in names[:_MOST_TOLD])
    return (
        f"not drawn: {told}{f' and {len(names) - _MOST_TOLD} more' if len(names) > _MOST_TOLD else ''} (y names one)",
    )


def numbers(records: Records, name: str | None, apart: str | None = None) -> Column:
    """The column of this name with its numbers, None for whatever else stands in it; else the first but `apart`.

    Raises:
        CannotDraw: There is none.
    """
    if name is None:
        found = next((one for one in records.of("number") if one.name != apart), None)
        if found is None:
            raise CannotDraw("no column holds numbers")
        return found
    column = records.columns[name]
    values = [value if number(value) else None for value in column.values]
    if all(value is None for value in values):
        raise CannotDraw(f"the column {named(name)} holds no numbers")
    return column._replace(values=values)


def text(value: Json) -> str:
    """A value as a name in a chart."""
    if isinstance(value, bool):
        return str(value).lower()
    return "(none)" if value in (None, "") else str(scalar(value))
