"""What the model reads of an answer: the same few facts as a text and as an object, each complete by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audience_mcp.results.provenance import Provenance
from audience_mcp.results.wording import label, shown

Json = Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One fact: `path` is the JSONPath of where it stands in the stored result."""

    label: str
    value: Json
    unit: str | None = None
    path: str = "$"

    def text(self) -> str:
        """The figure as one line."""
        unit = self.unit or ""
        return f"- {label(self.label)}: {shown(self.value)}{unit if unit == '%' else unit and f' {unit}'}"

    def structured(self) -> dict[str, Json]:
        """The figure as an object, without a unit it does not have."""
        unit = {"unit": self.unit} if self.unit else {}
        return {"label": self.label, "value": self.value, **unit, "path": self.path}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under column names; `path` is where the rows stand in the stored result."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    path: str = "$"


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary: all texts in it are safe to show; `left_out` says what is missing and how to get it."""

    headline: str
    kind: str
    figures: tuple[Figure, ...]
    table: Table | None
    left_out: tuple[str, ...]
    provenance: Provenance

    def text(self) -> str:
        """Headline, figures, table, what was left out, and the provenance line."""
        lines = [self.headline]
        lines += [figure.text() for figure in self.figures]
        if self.table:
            lines.append(row_text(self.table.columns))
            lines += [row_text(row) for row in self.table.rows]
        lines += [f"Left out: {part}" for part in self.left_out]
        lines.append(self.provenance.line())
        return "\n".join(lines)

    def structured(self) -> dict[str, Json]:
        """The same as an object of the one shape that all tools answer with."""
        content: dict[str, Json] = {
            "headline": self.headline,
            "kind": self.kind,
            "figures": [figure.structured() for figure in self.figures],
        }
        if self.table:
            columns, rows = list(self.table.columns), [list(row) for row in self.table.rows]
            content["table"] = {"columns": columns, "rows": rows, "path": self.table.path}
        if self.left_out:
            content["left_out"] = list(self.left_out)
        return {**content, "provenance": self.provenance.structured()}


def row_text(cells: tuple[Json, ...]) -> str:
    """One line of a table."""
    return " | ".join(map(shown, cells))
