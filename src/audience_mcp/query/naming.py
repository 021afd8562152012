"""Names out of answers -> names in SQL: clean, unique whatever their case, quoted where SQL needs it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from audience_mcp.results.wording import clean

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 60
# Words that cannot stand bare where a column's name can; a test asks the engine for its own list.
_WORDS = """
    all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast
    check collate collation column concurrently constraint create cross default deferrable desc describe
    distinct do else end except false fetch for foreign freeze from full generated glob grant group having ilike
    in initially inner intersect into is isnull join lambda lateral leading left like limit map natural not
    notnull null offset on only or order outer overlaps pivot pivot_longer pivot_wider placing positional
    primary qualify references returning right select semi show similar some struct summarize symmetric table
    tablesample then to trailing true try_cast union unique unpack unpivot using variadic verbose when where
    window with
"""
_RESERVED = frozenset(_WORDS.split())


def unique(names: Iterable[str]) -> list[str]:
    """A name in SQL for each name, in order: no two alike whatever their case, none empty, none endless.

    The first of several alike keeps the name, the next get `_2`, `_3`; a name that nobody can write is `column_4`.
    """
    return list(_unique(tuple(names)))


@lru_cache(512)
def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    # Answers of one tool have the same names call after call.
    taken: set[str] = set()
    made: list[str] = []
    for position, name in enumerate(names, 1):
        base = " ".join(clean(name[: 2 * _LONGEST]).split())[:_LONGEST].strip() or f"column_{position}"
        chosen, number = base, 1
        while _folded(chosen) in taken:
            number += 1
            chosen = f"{base}_{number}"
        taken.add(_folded(chosen))
        made.append(chosen)
    return tuple(made)


def quoted(name: str) -> str:
    """The name as it is written in SQL: bare where that is possible."""
    if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return delimited(name)


def delimited(name: str) -> str:
    """The name in double quotes, as it may always be written."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _folded(name: str) -> str:
    # Alike to the engine are names of one lower case; casefold sees a few more alike, which costs a suffix at most.
    return name.lower().casefold()
