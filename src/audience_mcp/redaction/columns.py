"""The columns of an answer in rows, and the query that named them -> the kind that each column holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from audience_mcp.redaction.fields import EMAIL, NAME, PERSON, Fields, is_kind

Json = Any

_ROWS = ("results", "rows", "data", "values")
_ALIAS = re.compile(r"\bas\s+[`\"']?([\w$]+)", re.IGNORECASE)
_SELECT = re.compile(r"\bselect\b", re.IGNORECASE)
_MOST_QUERY = 20_000


def by_columns(
    value: Mapping[str, Json], aliases: Mapping[str, str], fields: Fields, personal: bool
) -> dict[str, list[str | None]]:
    """Where an object has rows under named columns: the kinds of their cells."""
    columns = value["columns"]
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        return {}
    signs = [fields[column] for column in columns]
    person = personal and any(sign in (PERSON, EMAIL) for sign in signs)
    kinds = [
        aliases.get(column.lower())
        or (PERSON if sign == NAME and person else sign if is_kind(sign) else None)
        or (fields.in_expression(column) if "(" in column else None)
        for column, sign in zip(columns, signs, strict=True)
    ]
    return {name: kinds for name in _ROWS if isinstance(value.get(name), list)} if any(kinds) else {}


def aliases_in(arguments: Json, fields: Fields) -> dict[str, str]:
    """What the queries in a call's arguments call personal fields: `first_name AS n` makes `n` a person's name."""
    found: dict[str, str] = {}
    for text in _texts(arguments):
        named = [(alias[1].lower(), _before(text, alias.start())) for alias in _ALIAS.finditer(text[:_MOST_QUERY])]
        for _ in named:  # an alias of an alias: as many rounds as it takes
            known = len(found)
            for name, expression in named:
                kind = fields.in_expression(expression) or _of_alias(expression, found)
                if kind is not None:
                    found.setdefault(name, kind)
            if len(found) == known:
                break
    return found


def _of_alias(expression: str, known: Mapping[str, str]) -> str | None:
    return next((known[word] for word in re.findall(r"[\w$]+", expression.lower()) if word in known), None)


def _before(text: str, end: int) -> str:
    """The expression that ends at `end`: from the last comma, bracket or SELECT outside its own brackets."""
    depth = 0
    for place in range(end - 1, -1, -1):
        character = text[place]
        if character == ")":
            depth += 1
        elif character == "(":
            if not depth:
                return text[place + 1 : end]
            depth -= 1
        elif character == "," and not depth:
            return text[place + 1 : end]
    selects = list(_SELECT.finditer(text, 0, end))
    return text[selects[-1].end() : end] if selects and not depth else text[:end]


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        if " as " in f" {' '.join(value.split()).lower()} ":
            yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
