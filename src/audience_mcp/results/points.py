"""A list of points -> an axis of dates or labels, and one or several lines of numbers over it."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any, NamedTuple

from audience_mcp.results import axis as axes
from audience_mcp.results.locate import Place, number, step
from audience_mcp.results.wording import cut, shown
from audience_mcp.results.zone import local

Json = Any
Keys = tuple[str | int, ...]

_NO_LINE = re.compile(r"(?:^id|_id|Id|uuid)$|^(?:index|position|order|rank)$")
_PLAIN_WAY = re.compile(r"[\w$.\[\]-]{1,40}")
_MOST_SERIES, _READ_SERIES, _DAY = 12, 3, 10


class Series(NamedTuple):
    """The numbers of one line: None where a point has none; `keys` lead from a point to its number."""

    name: str
    values: list[Json]
    keys: Keys

    def known(self) -> list[int]:
        """The places of the points that have a number."""
        return [at for at, value in enumerate(self.values) if value is not None]


class Points(NamedTuple):
    """Points along an axis: `positions` are their places in the list at `path`; `timed` where the axis is time.

    `key` is the list's name in the answer, None where the list is the answer; `others` are fields of a point that are
    neither its mark nor a series. Over time `marks` are ISO texts, `days` says that all are the midnight of a day, and
    `zone` is the time zone to show them in, None where they are shown as they are written.
    """

    axis: str
    marks: list[Json]
    series: list[Series]
    timed: bool
    path: str
    positions: list[int]
    key: str | None = None
    others: tuple[str, ...] = ()
    days: bool = False
    zone: str | None = None

    @property
    def reading(self) -> str:
        """How the data was understood: `axis = date, value = values[0]`."""
        if self.series[0].keys == (1,):
            return "axis = [0], value = [1]"
        ways = [_way(series.keys) for series in self.series[:_READ_SERIES]]
        told = ", ".join(way if _PLAIN_WAY.fullmatch(way) else shown(cut(way, 40)) for way in ways)
        more = len(self.series) - len(ways)
        return f"axis = {self.axis}, value = {told}{f' and {more} more' if more else ''}"

    def mark(self, at: int) -> Json:
        """The date or label of a point; whole days without their midnight."""
        mark = local(self.marks[at], self.zone)
        return mark[:_DAY] if self.days else mark

    def place(self, series: Series, at: int) -> str:
        """The JSONPath of the number that a series has at its point `at`."""
        path = step(self.path, self.positions[at])
        for key in series.keys:
            path = step(path, key)
        return path


def read(place: Place, whole: Json, zone: str | None = None) -> Points | None:
    """The points of a list, where each has a place of its own on the axis and at least one series has numbers."""
    items = place.value
    lines: dict[str, Keys] = {"value": (1,)}
    if items and all(isinstance(item, list) and len(item) == 2 for item in items):
        axis, marks = "at", [item[0] for item in items]
    elif items and all(isinstance(item, dict) for item in items):
        found = axes.chosen(items)
        if found is None:
            return None
        axis, marks = found, [item[found] for item in items]
        lines = _lines(items, axis, _legends(whole))
    else:
        return None
    if not all(map(axes.is_mark, marks)) or len(set(marks)) < len(marks):
        return None
    every = [_series(name, items, way) for name, way in lines.items()]
    series = [one for one in every if _is_line(one.keys[0]) and one.known()]
    if not 0 < len(series) <= _MOST_SERIES:
        return None
    kept = {one.keys for one in series}
    others = tuple(one.name for one in every if one.keys not in kept)
    return _placed(Points(axis, marks, series, False, place.path, list(range(len(marks))), place.key, others), zone)


def _placed(points: Points, zone: str | None) -> Points:
    """Where the axis is time, the points by time, whatever their order in the answer."""
    found = axes.moments(points.marks, points.axis)
    if found is None:
        return points
    texts, moments = found
    order = sorted(range(len(texts)), key=moments.__getitem__)
    series = [one._replace(values=[one.values[at] for at in order]) for one in points.series]
    days, shown_in = axes.days(texts, zone)
    return points._replace(
        marks=[texts[at] for at in order], series=series, timed=True, positions=order, days=days, zone=shown_in
    )


def _is_line(field: str | int) -> bool:
    """Whether numbers of a field are figures rather than places or ids."""
    return isinstance(field, int) or not (field in axes.TIMES or _NO_LINE.search(field))


def _way(keys: Keys) -> str:
    first, *rest = keys
    return str(first) + "".join(f".{key}" if isinstance(key, str) else f"[{key}]" for key in rest)


def _series(name: str, items: list[Json], keys: Keys) -> Series:
    values = items
    for key in keys:
        if isinstance(key, str):
            values = [value.get(key) if isinstance(value, dict) else None for value in values]
        else:
            values = [value[key] if isinstance(value, list) and key < len(value) else None for value in values]
    # Most are plain numbers, all of them: that is seen faster as a whole than one by one.
    plain = set(map(type, values)) == {int} and number(min(values)) and number(max(values))
    return Series(name, values if plain else [value if number(value) else None for value in values], keys)


def _lines(items: list[Json], axis: str, legends: list[str]) -> dict[str, Keys]:
    """Name of every field, or part of a nested one -> the way to it; a list's are named by as many legends."""
    lines: dict[str, Keys] = {}
    for field in dict.fromkeys(chain.from_iterable(items)):
        parts = [item[field] for item in items if item.get(field) is not None]
        ways: list[Keys] = []
        if parts and all(isinstance(part, list) for part in parts):
            ways = [(field, at) for at in range(max(map(len, parts)))]
        elif parts and all(isinstance(part, dict) for part in parts):
            ways = [(field, inner) for inner in dict.fromkeys(chain.from_iterable(parts))]
        if not 0 < len(ways) <= _MOST_SERIES:
            ways = [(field,)]
        named = legends if len(legends) == len(ways) and isinstance(ways[0][-1], int) else None
        for at, way in enumerate(ways):
            name = named[at] if named else _way(way)
            lines[name if name not in lines else _way(way)] = way
    return {name: way for name, way in lines.items() if way != (axis,)}


def _legends(whole: Json) -> list[str]:
    legends = whole.get("legends") if isinstance(whole, dict) else None
    if not isinstance(legends, list):
        return []
    names = [_legend(part) for part in legends]
    return names if len(set(names)) == len(names) and all(names) else []


def _legend(part: Json) -> str:
    name = part.get("name") or part.get("title") or part.get("label") if isinstance(part, dict) else part
    return name if isinstance(name, str) else ""
