"""Titles and operation ids -> words that can be compared."""

from __future__ import annotations

import re
from functools import lru_cache

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
IDLE = frozenset({"a", "an", "the", "for", "of", "with", "by", "to", "in", "from", "on", "as", "and", "using", "api"})
VERSION = re.compile(r"v\d+", re.IGNORECASE)
LONGEST = 200

DESTROYING = frozenset({"delete", "remove", "destroy", "purge", "erase", "wipe", "truncate", "drop"})
WRITING = frozenset(
    {"create", "add", "update", "edit", "replace", "move", "rename", "save", "set", "patch", "insert", "upload"}
    | {"archive", "restore", "duplicate", "copy", "change", "assign", "merge", "import", "reset"}
)
# Words of an address where a request that only reads has no business.
CHANGING = (
    DESTROYING
    | WRITING
    | frozenset({"deletion", "removal", "creation", "clone", "cancel", "disable", "enable", "publish", "share"})
    | frozenset({"store", "unarchive", "put", "post", "trash", "clear", "revoke", "transfer", "submit", "upsert"})
)
# What such a word is known by where it is run together with others: `/deleteall`.
DELETING = re.compile("delet|remov|destroy|purg", re.IGNORECASE)
# Words of an address that say that a POST there reads.
READING = frozenset(
    {"calculate", "recalculate", "calculation", "preview", "check", "count", "query", "search"}
) | frozenset({"find", "list", "filter", "matching", "card", "lookup", "estimate"})
# Some frameworks put the verb of an operation id last: cohorts_destroy.
LAST = frozenset({"create", "update", "delete", "destroy", "remove"})


@lru_cache(maxsize=50_000)  # each title is compared with every operation of ours
def words(text: str) -> tuple[str, ...]:
    """The words of a title or an id that carry meaning, singular, in order."""
    split = WORD.findall(VERSION.sub(" ", text[:LONGEST].replace("_", " ").replace("-", " ")))
    return tuple(_singular(word.casefold()) for word in split if word.casefold() not in IDLE)


def likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How much two titles share, from 0 to 1."""
    left, right = frozenset(one), frozenset(other)
    return len(left & right) / len(left | right) if left and right else 0.0


def deed(text: str) -> str | None:
    """What a title says is done: `destroy`, `write`, or nothing of the kind."""
    said = words(text)
    if not said:
        return None
    if said[0] in DESTROYING or said[-1] in LAST & DESTROYING:
        return "destroy"
    return "write" if said[0] in WRITING or said[-1] in LAST else None


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
