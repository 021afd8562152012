"""Arguments with tokens -> arguments with the values, and which texts stand for which tokens from now on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from audience_mcp.errors import InvalidArguments
from audience_mcp.redaction.tokens import UNKNOWN, Tokens
from audience_mcp.redaction.wanted import Path, fitted

Json = Any

SHORTEST_REPEATED, FEWEST_DIGITS = 3, 5
"""Shorter values, and numbers, are not looked for in an answer that may repeat them."""

_ESCAPED = ("'", '"', "`")


class Restoring:
    """One call's arguments made real, in the types that `schema` wants.

    `used` maps the texts that were put in to their tokens, `short` those that are too short to be looked for in an
    answer: of such a one `used` has the text that it stands in.
    """

    def __init__(self, tokens: Tokens, schema: Mapping[str, Json] | None = None) -> None:
        self._tokens, self._schema = tokens, schema or {}
        self._inside = re.compile(rf"\\.|['\"`]|(?P<token>{tokens.shape.pattern})", re.DOTALL)
        self.used: dict[str, str] = {}
        self.short: dict[str, str] = {}

    def value(self, value: Json, path: Path = ()) -> Json:
        """`value` with every known token in it turned into what it stands for.

        Raises:
            InvalidArguments: A text is a token and nothing else, and this process does not know it.
        """
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, dict):
            return {self._within(name): self.value(part, (*path, name)) for name, part in value.items()}
        if isinstance(value, list):
            return [self.value(item, (*path, at)) for at, item in enumerate(value)]
        return value

    def _text(self, text: str, path: Path) -> Json:
        if ":" not in text:
            return text
        token = text.strip()
        if self._tokens.shape.fullmatch(token):
            known = self._tokens.value(token)
            if known is UNKNOWN:
                raise InvalidArguments(
                    f"{_place(path)!r} is {token}, which looks like the token of a masked value, and no such token is"
                    " known: tokens end with the server, or with the results they came in. Nothing was sent.",
                    "Read the person or list again, and pass the token that stands there now.",
                )
            if token == text:
                self._note(known, token)
                return fitted(known, self._schema, path)
        return self._within(text)

    def _within(self, text: str) -> str:
        """Tokens inside a longer text; between quotation marks a value cannot end the quotation."""
        if ":" not in text or not self._tokens.shape.search(text):
            return text
        quotation = ""

        def told(found: re.Match[str]) -> str:
            nonlocal quotation
            token = found["token"]
            if token is None:
                mark = found[0]
                if mark in _ESCAPED:
                    quotation = mark if not quotation else "" if mark == quotation else quotation
                return mark
            known = self._tokens.value(token)
            if known is UNKNOWN:
                return token
            put = str(known)
            self._note(known, token)
            if quotation:
                put = put.replace("\\", "\\\\").replace(quotation, f"\\{quotation}")
                self._note(put, token)
            return put

        made = self._inside.sub(told, text)
        if self.short and made.strip() not in self.short and any(token in text for token in self.short.values()):
            self.used.setdefault(made, text)  # the value alone is found in any text, with what was around it in few
        return made

    def _note(self, known: Json, token: str) -> None:
        """Remember how the value may come back: in an answer that repeats it, a URL, a JSON text."""
        text = str(known)
        if len(text) < SHORTEST_REPEATED or (text.isdecimal() and len(text) < FEWEST_DIGITS):
            self.short.setdefault(text, token)
            return  # found in any text
        # A provider's text may hold half a character, which no URL can: it only has to be told apart here.
        half = "surrogatepass"
        quoted = (quote(text, safe="", errors=half), quote(text, errors=half), quote_plus(text, errors=half))
        for form in (text, *quoted, json.dumps(text)[1:-1]):
            self.used.setdefault(form, token)


def _place(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
