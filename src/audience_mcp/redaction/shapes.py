"""The names of an object's fields -> what is known of all objects that have the same."""

from __future__ import annotations

from audience_mcp.redaction.fields import EMAIL, NAME, PERSON, PHONE, SIGN, WHO, Fields

_ASKED = ("key", "property", "attribute", "field")  # where a condition says which field its value is of
ANSWERED = frozenset({"value", "values", "before", "after", "default"})
"""The fields of a condition that hold its value."""


class Shape:
    """What is known of all objects with the same fields: their kinds, and what has to be looked at."""

    __slots__ = ("asks", "columns", "keys", "kinds", "named", "people", "persons", "plain", "signs", "whos")

    def __init__(self, names: tuple[str, ...], fields: Fields) -> None:
        self.kinds = [fields[name] for name in names]
        placed = list(zip(self.kinds, names, strict=True))
        self.persons = [name for kind, name in placed if kind == PERSON]
        self.signs = [name for kind, name in placed if kind in (EMAIL, PHONE, SIGN)]
        self.named = [(place, name) for place, (kind, name) in enumerate(placed) if kind == NAME]
        self.whos = [(place, name) for place, (kind, name) in enumerate(placed) if kind == WHO]
        self.people = bool(self.persons or self.named or self.whos)
        self.columns = "columns" in names
        self.asks = [place for place in _ASKED if place in names] if ANSWERED.intersection(names) else []
        self.keys = any(character in name for name in names for character in "@:+%")
        self.plain = not self.people and not self.columns and not self.asks
