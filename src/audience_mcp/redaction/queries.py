"""The texts of a call's arguments -> what the names in its queries stand for: `first_name n` makes `n` a person's name.

HogQL and any other SQL is read as a row of words, once from left to right for each round: what an alias stands for is
all that is written between it and the last comma, bracket or clause before it. Where that is not sure (a text is very
long, a name is in none of them), a query that names a personal field makes it doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from audience_mcp.redaction.fields import Fields, stronger

Json = Any

_WORDS = re.compile(
    r"--[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|'(?P<literal>(?:[^'\\]++|\\.|'')*+)'?"
    r'|"(?P<double>(?:[^"\\]++|\\.|"")*+)"?'
    r"|`(?P<tick>(?:[^`\\]++|\\.|``)*+)`?"
    r"|(?P<word>[\w$]+)|(?P<symbol>\S)",
    re.DOTALL,
)
_NAME = re.compile(r"[\w$]+")
_PLAIN = re.compile(r"[\w$]+(?:\.[\w$]+)*")
_MIXING = frozenset({"union", "except", "intersect"})  # a column of one query holds another's under its name
_NAMING = frozenset({"select", "from", "join", "with"}) | _MIXING
_CLAUSES = frozenset(
    {"where", "prewhere", "on", "using", "group", "order", "by", "having", "limit", "offset", "qualify"}
)
_DIVIDING = _NAMING | _CLAUSES
_JOINING = frozenset(
    {
        "and",
        "or",
        "not",
        "in",
        "is",
        "like",
        "ilike",
        "between",
        "case",
        "when",
        "then",
        "else",
        "as",
        "distinct",
        "all",
    }
)
_NEVER_NAMES = frozenset({"end", "asc", "desc", "null", "over", "left", "right", "inner", "outer", "cross", "full"})
_RESERVED = _DIVIDING | _JOINING | _NEVER_NAMES
_CASTS = frozenset({"cast", "try_cast"})
_MOST_WORDS = 10_000  # of all texts
_MOST_ROUNDS = 5  # an inner query that stands to the right of what uses it takes one more


class Held(NamedTuple):
    """What a column holds: the kind, and whether that is sure; if not, its texts are masked and its numbers stay."""

    kind: str | None
    sure: bool = True


class Word(NamedTuple):
    """A piece of a query: `word`, `quoted`, `literal` or `symbol`, in lower case; `kind` by its own name."""

    form: str
    text: str
    kind: str | None


class _Bracket:
    """What was read since a bracket was opened: `element` since its last comma or clause, `total` before that."""

    __slots__ = ("alias", "element", "naming", "opener", "total")

    def __init__(self, opener: str, alias: str | None, naming: bool) -> None:
        self.opener, self.alias, self.naming = opener, alias, naming
        self.element: str | None = None
        self.total: str | None = None

    def divide(self) -> None:
        self.total, self.element = stronger(self.total, self.element), None


class Queries:
    """What is known of the names in the texts of one call's arguments."""

    def __init__(self, arguments: Json, fields: Fields) -> None:
        self._fields = fields
        self._aliases: dict[str, str | None] = {}
        self._known: set[str] = set()
        self._whole, self._every = True, True
        texts = list(_texts(arguments))
        self._kind: str | None = None
        for text in texts:
            self._kind = stronger(self._kind, fields.in_expression(text))
        if self._kind is not None:
            self._read(texts)

    def held(self, column: str) -> Held:
        """What a column of the answer holds, by its name."""
        name = column.lower().strip('`" ')
        kind = self._aliases.get(name) or self._fields.in_expression(column)
        if kind is not None or self._kind is None:
            return Held(kind)
        if name not in self._aliases:
            words = list(_words(column, self._fields))
            kind = None
            for at in range(len(words)):
                kind = stronger(kind, self._kind_of(words, at))
            if kind is not None:
                return Held(kind)
            names = {part for word in words if word.form != "symbol" for part in _NAME.findall(word.text)}
            plain = bool(_PLAIN.fullmatch(name))
            if not names or name in _RESERVED or not (names <= self._known or (plain and self._every)):
                return Held(self._kind, sure=False)
        return Held(None) if self._whole else Held(self._kind, sure=False)

    def _read(self, texts: list[str]) -> None:
        queries, left = [], _MOST_WORDS
        for text in texts:
            queries.append(list(islice(_words(text, self._fields), left)))
            left -= len(queries[-1])
        self._known = {part for query in queries for word in query for part in _NAME.findall(word.text)}
        self._every = "select" not in self._known
        self._whole = _MIXING.isdisjoint(self._known)
        for _ in range(_MOST_ROUNDS):
            before = dict(self._aliases)
            for query in queries:
                self._walk(query)
            if self._aliases == before:
                break
        else:
            left = 0
        self._whole &= left > 0

    def _walk(self, words: list[Word]) -> None:
        """Note each alias, explicit or not, with the kind of what it stands for."""
        brackets = [_Bracket("", None, naming=True)]
        operand = named = False  # whether something ended here that a name may follow, and whether it was one
        for at, (form, text, own) in enumerate(words):
            here, before = brackets[-1], words[at - 1].text if at else ""
            if form == "symbol":
                self._every |= text == "*" and not operand and before != "("
                operand = text in ")]}"
                if text in "([{":
                    alias = words[at - 2].text if before == "as" and at > 1 else None
                    self._whole &= not named and alias != ")"  # `q(n)`: its columns are named by their places
                    brackets.append(_Bracket(before, alias, here.naming))
                elif operand and len(brackets) > 1:
                    closed = brackets.pop()
                    closed.divide()
                    brackets[-1].element = stronger(brackets[-1].element, closed.total)
                    if closed.alias is not None:
                        self._note(closed.alias, closed.total)
                elif text == ",":
                    here.divide()
            elif form == "word" and before != "." and text in _DIVIDING and before != "as":
                here.divide()
                here.naming, operand = text in _NAMING, False
            elif form == "word" and before != "." and text in _JOINING and before != "as":
                operand = False
            else:
                named = self._names(words, at, operand, here)
                if named:
                    self._note(text, here.element)
                    here.element = stronger(here.element, own)
                else:
                    here.element = stronger(here.element, self._kind_of(words, at))
                operand = True
                continue
            named = False

    def _names(self, words: list[Word], at: int, operand: bool, here: _Bracket) -> bool:
        """Whether this word is a name given to what stands before it."""
        form, text, _ = words[at]
        if at and words[at - 1][:2] == ("word", "as"):
            return here.opener not in _CASTS
        if not operand or not here.naming or form == "literal" or text[:1].isdecimal():
            return False
        unit = at > 1 and words[at - 2].text == "interval"
        return not unit and (form == "quoted" or text not in _NEVER_NAMES)

    def _note(self, name: str, kind: str | None) -> None:
        self._aliases[name] = stronger(self._aliases.get(name), kind)

    def _kind_of(self, words: list[Word], at: int) -> str | None:
        form, text, own = words[at]
        if own is not None or form in ("symbol", "literal"):
            return own
        if at + 2 < len(words) and words[at + 1].text == "." and words[at + 2].text in self._aliases:
            return None  # a table of which a known column is meant
        return self._aliases.get(text)


def _words(text: str, fields: Fields) -> Iterator[Word]:
    for found in _WORDS.finditer(text):
        form = found.lastgroup
        if form is not None:
            word = found[form]
            kind = fields.in_expression(word) if form != "symbol" else None
            yield Word("quoted" if form in ("double", "tick") else form, word.lower(), kind)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
