"""What there is to tell of an answer, in order of importance, before anyone knows how much of it fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from audience_mcp.results.answer import Media
from audience_mcp.results.reading import Reading
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import cut

Json = Any
Row = tuple[Json, ...]

_LONGEST_NAME = 60


class View(NamedTuple):
    """An answer as the tellers see it: the value, the hint, names for ids, the tool's title and the time zone."""

    value: Json
    media: Media
    reading: Reading
    names: Mapping[str, str] = MappingProxyType({})
    title: str = ""
    size: int = 0
    zone: str | None = None
    fetched: str | None = None

    def says(self, text: str) -> str:
        """A headline: the tool's title, then what the answer says."""
        return f"{cut(self.title, 80)}: {text}" if self.title else text


@dataclass(slots=True)
class Listing:
    """A table in the making.

    `columns` come best first, so that the last are the first to go (unless `keep_columns`); `rows()` makes their cells,
    one row at a time; `total` counts the rows there are; `hidden` names what an item has besides the columns. Rows
    stand at `path` from `start` on, `step` stored units each, in stored order unless `sorted_by` says otherwise.
    `share` is the part of the room, in percent, that is kept from the figures for the rows.
    """

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    total: int
    path: str = "$"
    noun: str = "row"
    hidden: tuple[str, ...] = ()
    sorted_by: str | None = None
    start: int = 0
    step: int = 1
    keep_columns: bool = False
    share: int = 33

    def __post_init__(self) -> None:
        """Column names may be a provider's: they are shown like any of its texts."""
        self.columns = tuple(cut(name, _LONGEST_NAME) for name in self.columns)


@dataclass(slots=True)
class Draft:
    """All that a kind has to tell.

    `apart` names parts of the answer that are not told at all; `further` says what the provider holds beyond this
    answer; `rows` counts what the answer holds; `complete` is None where nobody can know whether that is all; `reading`
    says which fields were taken for what, where that had to be found out; `guessed` that it is a guess even where the
    answer's outer form is documented. `window` and `zone` are what the answer itself says of the time it covers.
    """

    kind: str
    headline: str
    figures: list[Figure] = field(default_factory=list)
    listing: Listing | None = None
    rows: int | None = None
    complete: bool | None = True
    apart: list[str] = field(default_factory=list)
    further: str | None = None
    reading: str | None = None
    guessed: bool = False
    window: str | None = None
    zone: str | None = None
