"""A property filter (key, operator, value) -> the SQL condition it puts on a JSON column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audience_mcp.sandbox.posthog.conditions import Condition
from audience_mcp.sandbox.posthog.dates import read

COMPARISONS = {"gt": ">", "lt": "<", "gte": ">=", "lte": "<="}
POSITIVE = {
    "is_not": "exact",
    "not_icontains": "icontains",
    "not_regex": "regex",
    "is_not_set": "is_set",
    "not_in": "in",
}
DATES = {"is_date_before": "<", "is_date_after": ">"}
OPERATORS = {"exact", "icontains", "regex", "is_set", "in", *POSITIVE, *COMPARISONS, *DATES}
VALUELESS = {"is_set", "is_not_set"}


def condition(column: str, given: Mapping[str, Any], now: datetime) -> Condition:
    """The condition of one filter on `column`, a JSON object; an operator left out is `exact`.

    Raises:
        ValueError: The operator is unknown or cannot work with this value.
    """
    return compared(Condition(f"json_extract_string({column}, ?)", (path(str(given["key"])),)), given, now)


def path(key: str) -> str:
    """The JSON path of a property; there is no way to write quotes and backslashes in one, so they are left out."""
    return '$."' + re.sub(r'["\\]', "", key) + '"'


def compared(subject: Condition, given: Mapping[str, Any], now: datetime) -> Condition:
    """The comparison of `subject`, an SQL expression of text, with the filter's value.

    Raises:
        ValueError: As `condition`.
    """
    operator = str(given.get("operator") or "exact")
    if operator not in OPERATORS:
        raise ValueError(f"operator {operator!r} is not supported in cohorts")
    plain = POSITIVE.get(operator, operator)
    values = given["value"] if isinstance(given.get("value"), list) else [given.get("value")]
    found = _positive(subject, plain, [_text(value) for value in values], now)
    return found.negated() if operator in POSITIVE else found


def _positive(subject: Condition, operator: str, values: list[str], now: datetime) -> Condition:
    if operator == "is_set":
        return Condition(f"{subject.sql} IS NOT NULL", subject.values)
    first = values[0] if values else ""
    if operator in ("exact", "in"):
        marks = ", ".join("?" for _ in values) or "NULL"
        return Condition(f"{subject.sql} IN ({marks})", (*subject.values, *values))
    if operator in DATES:
        moment = read(first, now)
        return Condition(
            f"TRY_CAST({subject.sql} AS TIMESTAMP) {DATES[operator]} ?::TIMESTAMP", (*subject.values, moment)
        )
    if operator in COMPARISONS:
        number = float(first or "nan")
        return Condition(f"TRY_CAST({subject.sql} AS DOUBLE) {COMPARISONS[operator]} ?", (*subject.values, number))
    if operator == "regex":
        return Condition(f"regexp_matches({subject.sql}, ?)", (*subject.values, first))
    parts = [f"contains(lower({subject.sql}), lower(?))" for _ in values]
    taken = tuple(part for value in values for part in (*subject.values, value))
    return Condition(f"({' OR '.join(parts) or 'FALSE'})", taken)


def _text(value: Any) -> str:
    """A value as JSON text of a property would show it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
