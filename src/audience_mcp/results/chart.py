"""A list of points -> a chart: an axis of dates or labels, and one or several lines of numbers over it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from audience_mcp.results.locate import Place, number, step

Json = Any
Keys = tuple[str | int, ...]

_AXES = ("date", "day", "time", "timestamp", "datetime", "from", "start", "period", "bucket", "interval", "at", "x")
_LABELS = ("label", "name", "key", "title", "range", "bin", "category")
_MOMENT = re.compile(r"\d{4}-\d\d(-\d\d)?([T ].*)?")
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d[T ]00:00(:00(\.0+)?)?(Z|[+-]\d\d:?\d\d)?")
_ID_FIELD = re.compile(r"(?:^id|_id|Id|uuid)$")
_MOST_SERIES, _EPOCH, _DAY = 12, 1e9, 10


class Series(NamedTuple):
    """The numbers of one line: None where a point has none; `keys` lead from a point to its number."""

    name: str
    values: list[Json]
    keys: Keys


class Chart(NamedTuple):
    """Points along an axis: `positions` are their places in the list at `path`; `timed` where the axis is time."""

    axis: str
    marks: list[Json]
    series: list[Series]
    timed: bool
    path: str
    positions: list[int]
    by_day: bool

    def mark(self, at: int) -> Json:
        """The date or label of a point; whole days without their midnight."""
        mark = self.marks[at]
        return mark[:_DAY] if self.by_day else mark

    def place(self, series: Series, at: int) -> str:
        """The JSONPath of the number that a series has at its point `at`."""
        path = step(self.path, self.positions[at])
        for key in series.keys:
            path = step(path, key)
        return path


def read(place: Place, whole: Json) -> Chart | None:
    """The points as a chart, where every one of them has a place on the axis and at least one series has numbers."""
    items = place.value
    if not items:
        return None
    if all(isinstance(item, list) and len(item) == 2 for item in items):
        axis, series = "at", [_series("value", items, (1,))]
        marks = [item[0] for item in items]
    elif all(isinstance(item, dict) for item in items):
        found = next((name for name in (*_AXES, *_LABELS) if all(_is_mark(item.get(name)) for item in items)), None)
        if found is None:
            return None
        axis, marks = found, [item[found] for item in items]
        series = [_series(name, items, keys) for name, keys in _lines(items, axis, _legends(whole)).items()]
    else:
        return None
    series = [one for one in series if any(value is not None for value in one.values)]
    if not 0 < len(series) <= _MOST_SERIES or not all(map(_is_mark, marks)):
        return None
    timed = all(map(_is_moment, marks))
    by_day = timed and all(isinstance(mark, str) and _MIDNIGHT.fullmatch(mark) for mark in marks)
    return _in_order(Chart(axis, marks, series, timed, place.path, list(range(len(marks))), by_day))


def _series(name: str, items: list[Json], keys: Keys) -> Series:
    values = [_reach(item, keys) for item in items]
    return Series(name, [value if number(value) else None for value in values], keys)


def _reach(value: Json, keys: Keys) -> Json:
    for key in keys:
        if isinstance(key, int):
            value = value[key] if isinstance(value, list) and key < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def _lines(items: list[Json], axis: str, legends: list[str]) -> dict[str, Keys]:
    """Name of a series -> the way to its number in a point; numbers in a nested list or object are series too."""
    names: dict[str, Keys] = {}
    for name, value in items[0].items():
        if name == axis or _ID_FIELD.search(name):
            continue
        if isinstance(value, dict):
            names |= {f"{name}.{inner}": (name, inner) for inner, part in value.items() if number(part)}
        elif isinstance(value, list) and value and all(map(number, value)):
            names |= {legends[at] if at < len(legends) else f"{name}[{at}]": (name, at) for at in range(len(value))}
        elif any(number(item.get(name)) for item in items):
            names[name] = (name,)
    return names


def _legends(whole: Json) -> list[str]:
    legends = whole.get("legends") if isinstance(whole, dict) else None
    if not isinstance(legends, list):
        return []
    names = [_legend(part) for part in legends]
    return [name for name in names if name] if len(set(names)) == len(names) and all(names) else []


def _legend(part: Json) -> str:
    name = part.get("name") or part.get("title") or part.get("label") if isinstance(part, dict) else part
    return name if isinstance(name, str) else ""


def _is_mark(value: Json) -> bool:
    return isinstance(value, str) or number(value)


def _is_moment(value: Json) -> bool:
    return bool(_MOMENT.fullmatch(value)) if isinstance(value, str) else number(value) and value > _EPOCH


def _in_order(chart: Chart) -> Chart:
    """Over time, the points by date, whatever their order in the answer."""
    marks = chart.marks
    if not chart.timed or not (all(isinstance(mark, str) for mark in marks) or all(map(number, marks))):
        return chart
    order = sorted(range(len(marks)), key=marks.__getitem__)
    series = [one._replace(values=[one.values[at] for at in order]) for one in chart.series]
    return chart._replace(marks=[marks[at] for at in order], series=series, positions=order)
