"""Saved definitions (analyses, cohort filters) -> what they say, in words; only where their grammar is recognised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from audience_mcp.results.definitions import analyses, cohorts
from audience_mcp.results.definitions.reader import Reader, Unclear

Json = Any

_GRAMMARS: dict[str, Callable[[Json, Reader], tuple[str, str]]] = {
    "analysis": analyses.tell,
    "filters": cohorts.tell_filters,
    "query": cohorts.tell_query,
}
_GUESSED = ("analysis",)


class Definition(NamedTuple):
    """What a definition says: `brief` in a few words, `words` all of it but for the parts at the paths `untold`.

    `guessed` where nobody has published the grammar, so that the words are our reading of it.
    """

    field: str
    brief: str
    words: str
    untold: tuple[str, ...]
    guessed: bool


def describe(value: Mapping[str, Json], names: Mapping[str, str]) -> Definition | None:
    """What the definition inside an object says; None where there is none, or its grammar is not known.

    `names` gives names to ids.
    """
    for field, tell in _GRAMMARS.items():
        part = value.get(field)
        if not isinstance(part, dict) or not part:
            continue
        reader = Reader(names)
        try:
            brief, words = tell(part, reader)
        except Unclear:
            continue
        untold = tuple(f"{field}.{path}" for path in reader.untold)
        return Definition(field, brief, words, untold, field in _GUESSED)
    return None
