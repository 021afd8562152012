"""A result and what was asked for -> the chart that is drawn of it, or a refusal that names those it can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from audience_mcp.charts import bar, funnel, histogram, line, sankey, stacked_area, table
from audience_mcp.charts.forms import CannotDraw, Drawing, Options
from audience_mcp.charts.source import Source
from audience_mcp.errors import InvalidArguments
from audience_mcp.results.wording import named

Json = Any

_MOST_NAMES = 24


class Chart(NamedTuple):
    """A kind of chart: `find` takes from a result what it draws, or raises CannotDraw; `draw` draws that."""

    find: Callable[[Source, Options], Json]
    draw: Callable[[Json], Drawing]


CHARTS = {
    "funnel": Chart(funnel.find, funnel.draw),
    "line": Chart(line.find, line.draw),
    "bar": Chart(bar.find, bar.draw),
    "histogram": Chart(histogram.find, histogram.draw),
    "sankey": Chart(sankey.find, sankey.draw),
    "stacked_area": Chart(stacked_area.find, stacked_area.draw),
    "table": Chart(table.find, table.draw),
}
_BY_KIND = {"funnel": "funnel", "sankey": "sankey", "flow": "stacked_area"}
_BY_DATA = ("line", "bar", "histogram")


def choose(source: Source, options: Options) -> tuple[str, Drawing]:
    """The chart that was asked for, else the one of the result's kind, else the first that its columns make.

    Raises:
        InvalidArguments: There is no such column, or the data does not make the chart.
    """
    _check_columns(source, options)
    kind = source.view.reading.kind or ""
    tried = [options.chart] if options.chart else [name for name in (_BY_KIND.get(kind), *_BY_DATA) if name]
    if not options.chart and not any(options.columns()):
        tried.append("table")
    reasons: list[str] = []
    for name in tried:
        try:
            return name, CHARTS[name].draw(CHARTS[name].find(source, options))
        except CannotDraw as error:
            reasons.append(str(error))
    raise InvalidArguments(
        f"This result cannot be drawn as {f'a {options.chart} chart' if options.chart else 'a chart'}: {reasons[0]}.",
        _remedy(source, options),
    )


def _check_columns(source: Source, options: Options) -> None:
    wanted = list(options.columns())
    known = list(source.records.columns) if wanted and source.records else []
    unknown = [name for name in wanted if name not in known]
    if not unknown:
        return
    told = ", ".join(named(name, 40) for name in known[:_MOST_NAMES])
    more = f" and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else ""
    raise InvalidArguments(
        f"The result has no column {', '.join(named(name, 40) for name in unknown)}.",
        f"Its columns are {told}{more}." if known else "It holds no list of rows: leave x, y and series out.",
    )


def _remedy(source: Source, options: Options) -> str:
    able: list[str] = []
    for name, chart in CHARTS.items():
        if name == options.chart or (name == "funnel" and source.view.reading.kind != name):
            continue  # any falling counts can be drawn as a funnel, and few are one
        try:
            chart.find(source, Options(name, options.x, options.y, options.series))
            able.append(name)
        except CannotDraw:
            continue
    shaped = "Or shape its rows with query_results and chart what comes back."
    return f"It can be drawn as {' or '.join(able)}. {shaped}" if able else f"Read it with read_result. {shaped}"
