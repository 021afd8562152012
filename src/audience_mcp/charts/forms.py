"""What can be drawn, before anyone knows how: numbers along an axis, steps, links, a sample, rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from audience_mcp.results.wording import counted

Json = Any
Number = int | float
Place = Literal["time", "number", "label"]

_NOUNS: dict[Place, str] = {"time": "date", "number": "place", "label": "name"}


class CannotDraw(Exception):
    """The data does not make this chart; the text says why, in words for the model."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for: the kind of chart, columns by name, the title; None is for the data to decide."""

    chart: str | None = None
    x: str | None = None
    y: str | None = None
    series: str | None = None
    title: str | None = None

    def columns(self) -> Iterator[str]:
        """The columns that were named."""
        return (name for name in (self.x, self.y, self.series) if name is not None)


class Line(NamedTuple):
    """The numbers of one series along the axis: None where there is none."""

    name: str
    values: list[Number | None]


@dataclass(frozen=True, slots=True)
class Lines:
    """Series of numbers over one axis.

    `marks` are the axis's texts as they are shown; `places` are milliseconds (time) or numbers, and empty for labels.
    `axis` and `measure` name the two axes; the points stand at `path` in the stored result. `parts` where the series
    add up to a whole; `notes` say what of the data is not among them.
    """

    place: Place
    axis: str
    marks: list[str]
    places: list[Number]
    lines: list[Line]
    measure: str
    path: str
    parts: bool = False
    notes: tuple[str, ...] = ()

    def known(self) -> Iterator[Number]:
        """Every number there is."""
        return (value for line in self.lines for value in line.values if value is not None)

    def missing(self, told: str) -> list[str]:
        """A note on the numbers that there are not, and what is drawn in their place; none where there are all."""
        number = sum(value is None for line in self.lines for value in line.values)
        return [f"{counted(number, 'missing value')} {told}"] if number else []

    def told(self) -> str:
        """How much there is: `3 series over 90 dates, 2026-08-23 to 2026-11-20`."""
        series = f"{len(self.lines)} series over " if len(self.lines) > 1 else ""
        ends = f", {self.marks[0]} to {self.marks[-1]}" if self.places and len(self.marks) > 1 else ""
        return f"{series}{counted(len(self.marks), _NOUNS[self.place])}{ends}"


@dataclass(frozen=True, slots=True)
class Steps:
    """Named counts, each a part of the one before."""

    names: list[str]
    counts: list[Number]
    measure: str
    path: str


class Ribbon(NamedTuple):
    """A link from one node to another: the nodes' keys and names, how strong, and the step it starts at."""

    start: str
    end: str
    source: str
    target: str
    weight: Number
    step: int | None


@dataclass(frozen=True, slots=True)
class Ribbons:
    """Links of a flow diagram; `stepped` where every link has its step.

    `sizes` are the counts that nodes themselves carry, by key: more than their links where not all came or went on.
    `notes` say what of the data is not among them.
    """

    links: list[Ribbon]
    stepped: bool
    measure: str
    path: str
    sizes: Mapping[str, Number] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """Numbers of one column; `notes` say what of the data is not among them."""

    name: str
    values: list[Number]
    path: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart without its frame.

    `parts` are the parts of a specification besides title, sources and size; `said` tells in a few words what is drawn
    (`3 series over 90 dates`), `x` and `y` name the axes where there are any, `notes` say what is not drawn; `points`
    counts what is drawn. `left` is the room that labels take beside the plot, in pixels.
    """

    parts: dict[str, Json]
    said: str
    points: int
    path: str
    x: str | None = None
    y: str | None = None
    notes: tuple[str, ...] = ()
    left: int = 0
    below: int = 0
    height: int = 0
