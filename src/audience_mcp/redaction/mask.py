"""A decoded answer -> the same answer with tokens in place of personal data, in one walk.

What a field holds is told by its name (`fields`), by the object it stands in (`name` is a person's only in an object
that is one) and by the arguments of the call (`columns`); addresses and phone numbers inside texts by what they look
like (`spotting`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from audience_mcp.redaction.columns import by_columns
from audience_mcp.redaction.fields import (
    ADDRESS,
    EMAIL,
    LITERAL,
    NAME,
    PERSON,
    PHONE,
    SIGN,
    WHO,
    Fields,
    is_kind,
    is_name,
    tells_nobody,
)
from audience_mcp.redaction.spotting import phone_digits
from audience_mcp.redaction.texts import LIKE_A_TOKEN, Texts
from audience_mcp.redaction.tokens import UNKNOWN, Tokens

Json = Any

SHORTEST_NAME = 4  # characters of a name that is looked for in other texts
_ASKED = ("key", "property", "attribute", "field")  # where a condition says which field its value is of
_ANSWERED = frozenset({"value", "values", "before", "after", "default"})
_PLAIN_NUMBER = (10**8, 10**15)  # a smaller one is a count of telephones
_MOST_BARE = 3  # fields of an object that holds a bare value
_DISTINCT_SHAPES = 4096


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
        self.asks = [place for place in _ASKED if place in names] if _ANSWERED.intersection(names) else []
        self.keys = any(character in name for name in names for character in "@:+%")
        self.plain = not self.people and not self.columns and not self.asks


class Mask:
    """One walk.

    `personal` says that the operation answers data about people, `subject` the kind of what a list of bare values
    holds, `columns` the kinds of columns the call named itself, `used` the texts to be told as these tokens.
    With `ours` the value is no provider's: tokens in it are ours and stay.
    """

    def __init__(
        self,
        fields: Fields,
        tokens: Tokens,
        shapes: dict[tuple[str, ...], Shape],
        *,
        personal: bool = False,
        subject: str | None = None,
        columns: Mapping[str, str] | None = None,
        used: Mapping[str, str] | None = None,
        ours: bool = False,
    ) -> None:
        self._fields, self._tokens, self._shapes = fields, tokens, shapes
        self._personal, self._subject, self._columns = personal, subject, columns or {}
        self._used, self._ours = used or {}, ours
        self._texts = Texts(fields, tokens, self._used, self.value, ours=ours)

    @property
    def found(self) -> set[str]:
        """The kinds that were masked."""
        return self._texts.found

    def value(self, value: Json, kind: str | None = None) -> Json:
        """A value with all that is in it; `kind` is what it is known to hold."""
        form = type(value)
        if form is dict:
            return self._object(value, kind, who=False)
        if form is list:
            return self._list(value, kind, who=False)
        if kind is not None:
            return self._scalar(value, kind)
        return self._texts.masked(value) if form is str else value

    def _object(
        self, value: dict[str, Json], inherited: str | None, who: bool, asked: str | None = None
    ) -> dict[str, Json]:
        names = tuple(value)
        shape = self._shapes.get(names) or self._shape(names)
        kinds = shape.kinds
        hunted: list[str] = []
        special: dict[str, list[str | None]] = {}
        if not shape.plain:
            if shape.people:
                kinds, hunted = self._people(value, shape, who)
            asked = (self._asked(value, shape.asks) if shape.asks else None) or asked
            special = by_columns(value, self._columns, self._fields, self._personal) if shape.columns else {}
        if inherited is not None or asked is not None:
            kinds = [self._taken(kind, inherited, asked, name) for kind, name in zip(kinds, names, strict=True)]
        always, like_a_token = bool(self._used), LIKE_A_TOKEN.search
        made: dict[str, Json] = {}
        for (name, part), kind in zip(value.items(), kinds, strict=True):
            form = type(part)
            if form is str:
                if kind is not None and kind[0] != "?":
                    part = self._scalar(part, kind)
                elif (
                    "@" in part
                    or "%" in part
                    or "+" in part
                    or '"' in part
                    or always
                    or (":" in part and like_a_token(part))
                ):
                    part = self._texts.masked(part, hunted)
                elif hunted:
                    for known in hunted:
                        if known in part:
                            part = self._texts.masked(part, hunted)
                            break
            elif form is dict:
                if asked is not None and name in _ANSWERED and _ANSWERED & part.keys():
                    part = self._object(part, None, who=False, asked=asked)  # only what it stands for
                else:
                    part = self._object(part, kind if is_kind(kind) else None, kind == WHO)
            elif form is list:
                if name in special:
                    part = self._rows(part, special[name])
                else:
                    part = self._list(part, kind if is_kind(kind) else None, kind == WHO)
            elif kind is not None and is_kind(kind):
                part = self._scalar(part, kind)
            made[name] = part
        return self._keyed(made) if shape.keys or self._used else made

    def _list(self, value: list[Json], kind: str | None, who: bool) -> list[Json]:
        made = []
        for item in value:
            form = type(item)
            if form is dict:
                item = self._object(item, kind, who)
            elif form is list:
                item = self._list(item, kind, who)
            elif kind is not None:
                item = self._scalar(item, kind)
            elif form is str:
                item = self._texts.masked(item)
            made.append(item)
        return made

    def _rows(self, rows: list[Json], kinds: list[str | None]) -> list[Json]:
        """Rows whose columns are named elsewhere."""
        made = []
        for row in rows:
            if type(row) is list and len(row) == len(kinds):
                row = [self.value(cell, kind) for cell, kind in zip(row, kinds, strict=True)]
            else:
                row = self.value(row, kinds[0] if len(kinds) == 1 else None)
            made.append(row)
        return made

    def _shape(self, names: tuple[str, ...]) -> Shape:
        if len(self._shapes) > _DISTINCT_SHAPES:
            self._shapes.clear()  # objects whose fields are data
        shape = self._shapes[names] = Shape(names, self._fields)
        return shape

    def _people(self, value: dict[str, Json], shape: Shape, who: bool) -> tuple[list[str | None], list[str]]:
        """The kinds with `name` and the fields that say who decided by the object they stand in, and the names of that
        person that are to be found in its other texts."""
        kinds, found = shape.kinds, [value[name] for name in shape.persons]
        if shape.named or shape.whos:
            kinds = list(kinds)
            person = who or any(type(part) is str for part in found)
            if self._personal and not person:
                person = value.get("type") == "person" or any(value[name] for name in shape.signs)
            for place, name in shape.named:
                part = value[name]
                kinds[place] = self._subject if len(value) <= _MOST_BARE else None
                if person and (type(part) is not str or is_name(part)):
                    kinds[place] = PERSON
                    found.append(part)
            for place, name in shape.whos:
                part = value[name]
                if type(part) is str:
                    named = is_name(part) and (" " in part or self._personal)
                    kinds[place] = PERSON if named else None
                    found += [part] if named else []
        texts = [part for part in found if type(part) is str]
        if len(texts) > 1:
            texts += [f"{texts[0]} {texts[1]}", f"{texts[1]} {texts[0]}"]
        return kinds, [text for text in texts if len(text) >= SHORTEST_NAME]

    def _asked(self, value: dict[str, Json], places: list[str]) -> str | None:
        """The kind of a condition's value: of `{"key": "first_name", "value": "Anna"}`."""
        for place in places:
            field = value[place]
            if type(field) is str and is_kind(self._fields[field]):
                return self._fields[field]
        return None

    def _taken(self, kind: str | None, inherited: str | None, asked: str | None, name: str) -> str | None:
        """The kind of a field inside something of a known kind, or of a condition's value."""
        if asked is not None and name in _ANSWERED:
            return asked
        if inherited is None or is_kind(kind):
            return kind
        return None if inherited == ADDRESS and tells_nobody(name) else inherited

    def _keyed(self, made: dict[str, Json]) -> dict[str, Json]:
        """Fields whose names are data, under tokens; none takes another's place."""
        told: dict[str, Json] = {}
        for name, part in made.items():
            masked = free = self._texts.masked(name)
            number = 1
            while free in told:
                number += 1
                free = f"{masked} ({number})"
            told[free] = part
        return told

    def _scalar(self, value: Json, kind: str) -> Json:
        """A value that is known to be of a kind, by its field."""
        if type(value) is str:
            if kind == EMAIL or self._stays(value) or (kind == PHONE and phone_digits(value) is None):
                return self._texts.masked(value)
            return self._texts.token(kind, value) if value.strip() else value
        if value is None or value is True or value is False or kind in (EMAIL, PERSON):
            return value
        if kind == PHONE and not (type(value) is int and _PLAIN_NUMBER[0] <= value < _PLAIN_NUMBER[1]):
            return value
        return self._texts.token(kind, value)

    def _stays(self, text: str) -> bool:
        known = self._ours and self._tokens.shape.fullmatch(text)
        return bool(known) and self._tokens.value(text) is not UNKNOWN


def kinds_told(found: Iterable[str], words: Mapping[str, str]) -> str:
    """The kinds that were masked, in the words of the setting."""
    plural = {kind: word for word, kind in words.items()}
    return ", ".join(sorted(plural.get(kind, kind) for kind in found if kind != LITERAL))
