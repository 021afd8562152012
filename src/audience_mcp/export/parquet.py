"""A view of a stored result -> its main table as a Parquet file with the columns' types."""

from __future__ import annotations

import tempfile
from pathlib import Path

from audience_mcp.query.layout import Column
from audience_mcp.query.loading import load
from audience_mcp.query.naming import delimited
from audience_mcp.query.types import SqlType
from audience_mcp.results.draft import View

_NAME, _WIDEST = "result", "HUGEINT"


def parquet(view: View) -> tuple[bytes, int, int]:
    """The file, its rows and its columns.

    Parquet has no whole numbers of more than 64 bits: a column of such, or with such inside, is JSON (text) there.
    """
    import duckdb

    engine = duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    with engine, tempfile.TemporaryDirectory(prefix="audience-mcp-export-") as folder:
        engine.execute("SET TimeZone = 'UTC'")
        table, *_ = load(engine, _NAME, view).tables
        name = f"{delimited(_NAME)}.{delimited(table.name)}" if table.name else delimited(_NAME)
        targets = ", ".join(map(_target, table.columns))
        file = Path(folder) / "table.parquet"
        place = str(file).replace("'", "''")
        engine.execute(f"COPY (SELECT {targets} FROM {name}) TO '{place}' (FORMAT parquet)")  # noqa: S608
        (rows,) = engine.execute(f"SELECT count(*) FROM {name}").fetchall()[0]  # noqa: S608 - a name of ours
        return file.read_bytes(), rows, len(table.columns)


def _target(column: Column) -> str:
    name = delimited(column.name)
    return f"to_json({name}) AS {name}" if _is_wide(column.type) else name


def _is_wide(kind: SqlType) -> bool:
    parts = [kind.item] if kind.item else [field.type for field in kind.fields]
    return kind.name == _WIDEST or any(map(_is_wide, parts))
