"""The columns of an answer in rows, and the queries that named them -> what each column holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audience_mcp.redaction.fields import EMAIL, NAME, PERSON, Fields, is_kind
from audience_mcp.redaction.queries import Held, Queries

Json = Any

_ROWS = ("results", "rows", "data", "values")


def by_columns(value: Mapping[str, Json], queries: Queries, fields: Fields, personal: bool) -> dict[str, list[Held]]:
    """Where an object has rows under named columns: what their cells hold."""
    columns = value["columns"]
    if not isinstance(columns, list):
        return {}
    names = [column if isinstance(column, str) else "" for column in columns]
    signs = [fields[name] for name in names]
    person = personal and any(sign in (PERSON, EMAIL) for sign in signs)
    held = []
    for name, sign in zip(names, signs, strict=True):
        kind = PERSON if sign == NAME and person else sign if is_kind(sign) else None
        told = queries.held(name)
        held.append(told if kind is None or (told.kind is not None and told.sure) else Held(kind))
    return {name: held for name in _ROWS if isinstance(value.get(name), list)} if any(one.kind for one in held) else {}
