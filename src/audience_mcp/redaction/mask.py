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
    BARE,
    EMAIL,
    LITERAL,
    PERSON,
    PHONE,
    WHO,
    Fields,
    is_kind,
    is_name,
    tells_nobody,
)
from audience_mcp.redaction.queries import Held, Queries
from audience_mcp.redaction.repeats import Repeats
from audience_mcp.redaction.shapes import ANSWERED, Shape
from audience_mcp.redaction.spotting import phone_digits
from audience_mcp.redaction.texts import LIKE_A_TOKEN, Texts
from audience_mcp.redaction.tokens import UNKNOWN, Tokens

Json = Any

SHORTEST_NAME = 4  # characters of a name that is looked for in other texts
_PLAIN_NUMBER = (10**8, 10**15)  # a smaller one is a count of telephones
_MOST_BARE = 3  # fields of an object that holds a bare value
_DISTINCT_SHAPES = 4096


class Mask:
    """One walk.

    `personal` says that the operation answers data about people, `subject` the kind of what a list of bare values
    holds, `queries` what the call named itself, `used` the texts to be told as these tokens.
    `bare` are the fields that hold one person's value without saying which.
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
        queries: Queries | None = None,
        used: Repeats | None = None,
        ours: bool = False,
        bare: Iterable[str] = (),
    ) -> None:
        self._fields, self._tokens, self._shapes, self._bare = fields, tokens, shapes, frozenset(bare)
        self._personal, self._subject = personal, subject
        self._queries = Queries({}, fields) if queries is None else queries
        self._used, self._ours = Repeats() if used is None else used, ours
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
        special: dict[str, list[Held]] = {}
        if not shape.plain:
            if shape.people:
                kinds, hunted = self._people(value, shape, who)
            asked = (self._asked(value, shape.asks) if shape.asks else None) or asked
            special = by_columns(value, self._queries, self._fields, self._personal) if shape.columns else {}
        if inherited is not None or asked is not None:
            kinds = [self._taken(kind, inherited, asked, name) for kind, name in zip(kinds, names, strict=True)]
        if self._bare and not self._bare.isdisjoint(names):
            kinds = [BARE if name in self._bare else kind for kind, name in zip(kinds, names, strict=True)]
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
                if asked is not None and name in ANSWERED and ANSWERED & part.keys():
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

    def _rows(self, rows: list[Json], held: list[Held]) -> list[Json]:
        """Rows whose columns are named elsewhere."""
        made = []
        for row in rows:
            if type(row) is list and len(row) == len(held):
                row = [self._cell(cell, one) for cell, one in zip(row, held, strict=True)]
            else:
                row = self._cell(row, held[0]) if len(held) == 1 else self.value(row)
            made.append(row)
        return made

    def _cell(self, cell: Json, held: Held) -> Json:
        return self.value(cell, held.kind if held.sure or type(cell) in (str, list, dict) else None)

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
        if asked is not None and name in ANSWERED:
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
        if kind == BARE:
            return self._bare_value(value)
        if type(value) is str:
            if kind == EMAIL or self._stays(value) or (kind == PHONE and phone_digits(value) is None):
                return self._texts.masked(value)
            return self._texts.token(kind, value) if value.strip() else value
        if value is None or value is True or value is False or kind in (EMAIL, PERSON):
            return value
        if kind == PHONE and not (type(value) is int and _PLAIN_NUMBER[0] <= value < _PLAIN_NUMBER[1]):
            return value
        return self._texts.token(kind, value)

    def _bare_value(self, value: Json) -> Json:
        if type(value) is not str or not value.strip():
            return value
        masked = self._texts.masked(value)
        return masked if self._tokens.shape.fullmatch(masked) else self._texts.token(PERSON, value)

    def _stays(self, text: str) -> bool:
        known = self._ours and self._tokens.shape.fullmatch(text)
        return bool(known) and self._tokens.value(text) is not UNKNOWN


def kinds_told(found: Iterable[str], words: Mapping[str, str]) -> str:
    """The kinds that were masked, in the words of the setting."""
    plural = {kind: word for word, kind in words.items()}
    return ", ".join(sorted(plural.get(kind, kind) for kind in found if kind != LITERAL))
