"""Pieces of SQL that carry their parameters, so that no value of a request ever becomes SQL text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Clause:
    """SQL with a `?` for each parameter, in order."""

    sql: str
    parameters: tuple[Any, ...] = ()


ALWAYS = Clause("TRUE")
EMPTY = Clause("")


def weave(template: str, *parts: Clause) -> Clause:
    """`template` with each `{}` replaced by a part; the parameters follow the text."""
    return Clause(
        template.format(*(part.sql for part in parts)), tuple(value for part in parts for value in part.parameters)
    )


def every(parts: Iterable[Clause]) -> Clause:
    """All of the conditions (none: always true)."""
    return _joined(" AND ", parts, ALWAYS)


def either(parts: Iterable[Clause]) -> Clause:
    """At least one of the conditions (none: never true)."""
    return _joined(" OR ", parts, Clause("FALSE"))


def _joined(word: str, parts: Iterable[Clause], empty: Clause) -> Clause:
    given = [part for part in parts if part is not ALWAYS] if empty is ALWAYS else list(parts)
    return weave("(" + word.join(["{}"] * len(given)) + ")", *given) if given else empty
