"""SQL conditions with their values, put together without ever writing a value into the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition (or a part of a query) and one value for each `?` in it."""

    sql: str
    values: tuple[Any, ...] = ()

    def negated(self) -> Condition:
        """True where this is false or unknown."""
        return Condition(f"NOT coalesce({self.sql}, FALSE)", self.values)

    def unless(self, negation: object) -> Condition:
        """This condition, or its negation when `negation` is set."""
        return self.negated() if negation else self


def joined(conditions: Iterable[Condition], operator: str) -> Condition:
    """All conditions with AND, or any of them with OR; nothing asked for is true of everybody."""
    parts = list(conditions)
    if not parts:
        return Condition("TRUE")
    text = f" {operator} ".join(part.sql for part in parts)
    return Condition(f"({text})", tuple(value for part in parts for value in part.values))
