"""A stored result as the charts see it: its view, and its rows as columns where it has any."""

from __future__ import annotations

from functools import cached_property

from audience_mcp.charts import recognised, records, series
from audience_mcp.charts.forms import CannotDraw, Lines, Options
from audience_mcp.charts.records import Records
from audience_mcp.results.draft import View


class Source:
    """Where every chart looks for what it can draw."""

    def __init__(self, view: View) -> None:
        self.view = view

    @cached_property
    def records(self) -> Records | None:
        """The rows under their columns; None where the result has no list."""
        return records.read(self.view)

    def table(self) -> Records:
        """The rows under their columns.

        Raises:
            CannotDraw: The result has no list.
        """
        if self.records is None:
            raise CannotDraw("it holds no list of rows")
        return self.records

    def lines(self, options: Options, *, several: bool = True) -> Lines:
        """Numbers along an axis: by the columns that were named, else as the answer's kind says, else by its columns.

        Raises:
            CannotDraw: There are none.
        """
        found = None if any(options.columns()) else recognised.lines(self.view)
        return found or series.read(self.table(), options, several=several)
