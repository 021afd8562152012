"""An answer's list of rows, whatever its form -> columns by name, each with its values and what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from audience_mcp.charts import moments
from audience_mcp.results import points
from audience_mcp.results.columns import rank
from audience_mcp.results.draft import View
from audience_mcp.results.kinds.tables import head_names
from audience_mcp.results.locate import MISSING, Place, field, number, rows

Json = Any
Type = Literal["time", "number", "text", "other"]

MOST_COLUMNS = 100
_SAMPLE, _DEEPEST, _FOREIGN_RANK = 200, 2, 6
# Of things that are not rows of figures only the columns that their document marks: other numbers are settings and ids.
_THINGS = ("page", "object", "persons", "person", "membership", "activity")
_ABSENT: tuple[Json, ...] = (None, "")


class Column(NamedTuple):
    """The values of one column: None where a row has none."""

    name: str
    values: list[Json]
    type: Type

    @property
    def rank(self) -> int:
        """How telling the column is, 1 the most; 0 and from 6 on it holds ids or nothing worth showing."""
        return rank(self.name.rpartition(".")[2], self.values[:_SAMPLE])


@dataclass(frozen=True, slots=True)
class Records:
    """Columns in the order of the data; the rows stand at `path`.

    `worth` names the columns that may be drawn unasked; None where all may.
    """

    columns: dict[str, Column]
    count: int
    path: str
    worth: tuple[str, ...] | None = None

    def of(self, *types: Type) -> list[Column]:
        """The columns of these types, the most telling first, ids left out."""
        among = (
            self.columns.values()
            if self.worth is None
            else [one for one in self.columns.values() if one.name in self.worth]
        )
        found = [column for column in among if column.type in types and 0 < column.rank < _FOREIGN_RANK]
        return sorted(found, key=lambda column: column.rank)


def read(view: View) -> Records | None:
    """The rows of an answer; None where it has no list."""
    place = rows(view.value, view.reading.items)
    if place is None or not place.value:
        return None
    found = _raw(place.value, head_names(view.value))
    if view.media == "csv":
        found = {name: _numbered(values) for name, values in found.items()}
    columns = {name: _column(name, values) for name, values in found.items()}
    columns |= _nested(place, view.value, columns)
    worth = view.reading.columns if view.reading.kind in _THINGS else None
    return Records(columns, len(place.value), place.path, worth)


def _raw(items: list[Json], names: tuple[str, ...]) -> dict[str, list[Json]]:
    sample = items[:_SAMPLE]
    if all(isinstance(item, dict) for item in sample):
        fields = dict.fromkeys(name for item in sample for name in _fields(item))
        return {name: [_value(item, name) for item in items] for name in list(fields)[:MOST_COLUMNS]}
    if all(isinstance(item, list) for item in sample):
        width = min(max(map(len, sample)), MOST_COLUMNS)
        heads = [names[at] if at < len(names) else f"column_{at + 1}" for at in range(width)]
        return {
            head: [item[at] if isinstance(item, list) and at < len(item) else None for item in items]
            for at, head in enumerate(heads)
        }
    return {"value": items}


def _fields(item: dict[str, Json], depth: int = _DEEPEST) -> list[str]:
    """Names of an object's fields, those of nested objects dotted."""
    names: list[str] = []
    for name, value in item.items():
        if isinstance(value, dict) and depth:
            names += [f"{name}.{inner}" for inner in _fields(value, depth - 1)]
        else:
            names.append(name)
    return names


def _value(item: Json, name: str) -> Json:
    value = field(item, name)
    return None if value is MISSING else value


def _numbered(values: list[Json]) -> list[Json]:
    """Texts of a file as numbers, where every one of them is a number and none a code with leading zeros."""
    if any(isinstance(value, str) and value[:1] == "0" and value[1:2].isdigit() for value in values):
        return values
    try:
        return [None if value in _ABSENT else float(value) if "." in value else int(value) for value in values]
    except ValueError:
        return values


def _column(name: str, values: list[Json]) -> Column:
    known = [value for value in values if value not in _ABSENT]
    if not known:
        return Column(name, values, "other")
    if all(map(number, known)):
        return Column(name, [value if number(value) else None for value in values], "number")
    if all(isinstance(value, str) for value in known) and moments.read(known):
        return Column(name, values, "time")
    if all(isinstance(value, (str, bool, int, float)) for value in known):
        return Column(name, values, "text")
    return Column(name, values, "other")


def _nested(place: Place, whole: Json, known: dict[str, Column]) -> dict[str, Column]:
    """Numbers in a list that every point has are columns too, under the names that summaries give them."""
    found = points.read(place, whole) if isinstance(place.value[0], dict) else None
    if found is None:
        return {}
    columns: dict[str, Column] = {}
    for series in found.series:
        if series.name not in known:
            values: list[Json] = [None] * len(place.value)
            for at, position in enumerate(found.positions):
                values[position] = series.values[at]
            columns[series.name] = Column(series.name, values, "number")
    return columns
