"""A stored result and a format -> the bytes of the file, and what to say of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from audience_mcp.errors import InvalidArguments
from audience_mcp.export.parquet import parquet
from audience_mcp.export.rows import sheet
from audience_mcp.query.tables import Source, sources
from audience_mcp.results.stored import StoredResult
from audience_mcp.results.wording import counted

Json = Any


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file; `rows` and `columns` where it is a table; `notes` say what is not as in the result."""

    body: bytes
    rows: int | None = None
    columns: int | None = None
    notes: tuple[str, ...] = ()


def content(stored: StoredResult, form: str) -> Content:
    """The result as CSV, JSON or Parquet.

    Raises:
        InvalidArguments: There is nothing in it.
    """
    if stored.card.media == "empty":
        raise InvalidArguments("The result is empty: the provider answered without a body.", "Export another result.")
    view = stored.view()
    main, *others = sources(view)
    if form == "json":
        return Content(_exact(stored, view.value), len(main.items))
    notes = _beside(main, others)
    if form == "parquet":
        body, rows, columns = parquet(view)
        return Content(body, rows, columns, notes)
    made = sheet(main)
    if made.guarded:
        notes = (
            *notes,
            f"{counted(made.guarded, 'cell')} that a spreadsheet would run as a formula got a leading apostrophe",
        )
    return Content(made.body, made.rows, made.columns, notes)


def _exact(stored: StoredResult, value: Json) -> bytes:
    """The bytes as they are stored; of what is no JSON its rows, or its text as one."""
    if stored.card.media == "json":
        return stored.body
    # Half a surrogate pair is no character in any encoding: in JSON its escape is the same.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _beside(main: Source, others: list[Source]) -> tuple[str, ...]:
    """Which tables of the result are not in the file."""
    if not others:
        return ()
    names = ", ".join(other.name for other in others)
    return (f"only the table at {main.path} is in the file, not {names}: format json holds all",)
