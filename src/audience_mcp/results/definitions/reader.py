"""What a grammar's words have in common: names in quotes, lists, numbers of things, and a note of what is not told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from audience_mcp.results.wording import counted, named, scalar, shown

Json = Any

_NOTHING: tuple[Json, ...] = (None, "", [], {}, False)
_MOST_PARTS, _LONGEST = 8, 60


class Unclear(Exception):
    """A part is not what the grammar says it is: better told as it stands than wrongly."""


class Reader:
    """Reads one definition; `untold` collects the paths of what its words leave out."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.untold: list[str] = []

    def check(self, value: dict[str, Json], path: str, *told: str) -> None:
        """Note every part of an object that is not among those told and holds something."""
        self.untold += [
            f"{path}.{key}" if path else key for key, part in value.items() if key not in told and part not in _NOTHING
        ]

    def parts(self, values: list[Json], path: str, tell: Callable[[Json, str], str], joint: str = ", ") -> str:
        """Each value in words; of many the first few, and how many more."""
        told = [tell(value, f"{path}[{at}]") for at, value in enumerate(values[:_MOST_PARTS])]
        if len(values) > _MOST_PARTS:
            told.append(f"and {len(values) - _MOST_PARTS} more")
            self.untold.append(f"{path}[{_MOST_PARTS}:]")
        return joint.join(told)

    def known(self, identity: Json) -> str:
        """The name of an id, else the id."""
        key = str(scalar(text_or_number(identity)))
        return named(self.names[key], _LONGEST) if key in self.names else shown(key)


def an_object(value: Json) -> dict[str, Json]:
    """The value, which must be an object.

    Raises:
        Unclear: It is not.
    """
    if not isinstance(value, dict):
        raise Unclear
    return value


def a_list(value: Json, least: int = 1) -> list[Json]:
    """The value, which must be a list of so many items.

    Raises:
        Unclear: It is not.
    """
    if not isinstance(value, list) or len(value) < least:
        raise Unclear
    return value


def a_text(value: Json) -> str:
    """The value, which must be a text, in quotes.

    Raises:
        Unclear: It is not.
    """
    if not isinstance(value, str) or not value:
        raise Unclear
    return named(value, _LONGEST)


def text_or_number(value: Json) -> str | int:
    """The value, which must be a text or a whole number.

    Raises:
        Unclear: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        raise Unclear
    return value


def one_of(value: Json, words: Mapping[str, str]) -> str:
    """The words for a code.

    Raises:
        Unclear: The code is not known.
    """
    if not isinstance(value, str) or value not in words:
        raise Unclear
    return words[value]


def span(value: Json, unit: Json) -> str:
    """`7 days`, of a number and a unit such as DAYS or day.

    Raises:
        Unclear: One of them is no such thing.
    """
    plain = unit.lower().removesuffix("s") if isinstance(unit, str) else ""
    number = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < _LONGEST else value
    if plain not in _UNITS or isinstance(number, bool) or not isinstance(number, int):
        raise Unclear
    return counted(number, plain)


def literal(value: Json) -> str:
    """A value to compare with: texts in quotes, numbers plain, several joined by `or`.

    Raises:
        Unclear: It is nested.
    """
    if isinstance(value, list):
        several: Iterable[Json] = value[:_MOST_PARTS]
        more = f" or {len(value) - _MOST_PARTS} more" if len(value) > _MOST_PARTS else ""
        return " or ".join(map(literal, several)) + more if value else "nothing"
    if isinstance(value, dict):
        raise Unclear
    return named(value, _LONGEST) if isinstance(value, str) else shown(scalar(value))


_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
