"""A stored result's main table, the one that `query_results` knows by the bare handle, as the rows of a CSV file."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import Any

from audience_mcp.query.naming import unique
from audience_mcp.query.tables import Source, columns

Json = Any

# What makes a spreadsheet take a text for a formula when it stands first; the wide forms count in some languages.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NEGATIVE = re.compile(r"-\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_APOSTROPHE = "'"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file; `guarded` cells begin with an apostrophe that is not in the data."""

    body: bytes
    rows: int
    columns: int
    guarded: int


def sheet(source: Source) -> Sheet:
    """The rows of a table as CSV (RFC 4180, UTF-8): nested values as JSON, null as nothing."""
    # The texts of a provider's CSV stay as they came: a number could lose its last nought on the way.
    found = columns(source._replace(loose=False), source.items)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    guarded = 0

    def guard(cell: str) -> str:
        nonlocal guarded
        if not cell.startswith(_FORMULA) or _NEGATIVE.fullmatch(cell):
            return cell
        guarded += 1
        return _APOSTROPHE + cell

    def written(value: Json) -> str:
        if value is None:
            return ""
        return guard(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    writer.writerow([guard(name) for name in unique(name for name, _ in found)])
    count = 0
    for row in zip(*(values for _, values in found), strict=True):
        writer.writerow([written(value) for value in row])
        count += 1
    # Half a surrogate pair is no character in any encoding: it is written as its escape.
    return Sheet(text.getvalue().encode("utf-8", "backslashreplace"), count, len(found), guarded)
