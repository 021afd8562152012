"""A text, whatever field it stands in -> the same text with tokens in place of what is found in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from audience_mcp.redaction.fields import EMAIL, LITERAL, PERSON, PHONE, Fields, is_kind
from audience_mcp.redaction.repeats import Repeats
from audience_mcp.redaction.spotting import without_emails, without_phones
from audience_mcp.redaction.tokens import Tokens

Json = Any

_LOOSE_FIELD = re.compile(r'"([\w.$ -]{1,80})"\s*:\s*"((?:[^"\\]|\\.)++)"')
LIKE_A_TOKEN = re.compile(r":[0-9a-f]{4}")


class Texts:
    """Masks texts; `found` collects the kinds.

    `used` are texts to be told as these tokens; with `ours` the texts are no provider's: tokens in them stay.
    `inner` masks the value of a text that is JSON.
    """

    def __init__(
        self, fields: Fields, tokens: Tokens, used: Repeats, inner: Callable[[Json], Json], *, ours: bool
    ) -> None:
        self._fields, self._tokens, self._used, self._inner, self._ours = fields, tokens, used, inner, ours
        self._emails, self._phones = EMAIL in fields.kinds, PHONE in fields.kinds
        self.found: set[str] = set()
        self._known: dict[tuple[str, Json], str] = {}

    def token(self, kind: str, value: Json) -> str:
        """The token of a value."""
        token = self._known.get((kind, value))
        if token is None:
            self.found.add(kind)
            token = self._known[kind, value] = self._tokens.of(kind, value)
        return token

    def masked(self, text: str, names: Iterable[str] = ()) -> str:
        """`text` without what is found in it; `names` are those of the person whose text it is."""
        known = self._known.get((EMAIL, text))  # most texts with an address are one, and stand there twice
        if known is not None:
            return known
        if '"' in text and text[:1] in "{[" and text.rstrip()[-1:] in "}]":
            told = self._opened(text)
            if told is not None:
                return told
        if ":" in text and not self._ours and LIKE_A_TOKEN.search(text):
            # A provider's text that looks like a token would lead to somebody's data: it becomes a token for itself.
            text = self._tokens.shape.sub(lambda found: self._tokens.of(LITERAL, found[0]), text)
        if self._emails and ("@" in text or "%" in text):
            text = without_emails(text, self._email)
        if self._phones and ("+" in text or "%" in text):
            text = without_phones(text, self._phone)
        if names:
            text = self._replaced(text, {name: None for name in names if name in text})
        return self._replaced(text, self._used.within(text)) if self._used else text

    def _email(self, address: str) -> str:
        return self.token(EMAIL, address)

    def _phone(self, number: str) -> str:
        return self.token(PHONE, number)

    def _replaced(self, text: str, names: Mapping[str, str] | Mapping[str, None]) -> str:
        """`text` with its whole words of `names`, all of which are in it, told as tokens; its tokens are left alone."""
        if not names:
            return text
        words = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        pattern = re.compile(rf"{self._tokens.shape.pattern}|(?<!\w)(?P<name>{words})(?!\w)")

        def told(found: re.Match[str]) -> str:
            name = found["name"]
            return found[0] if name is None else names[name] or self.token(PERSON, name)

        return pattern.sub(told, text)

    def _opened(self, text: str) -> str | None:
        """A JSON text with what it holds masked; None where it is none, or holds nothing to mask."""
        try:
            value = json.loads(text)
            masked = self._inner(value)
        except (ValueError, RecursionError):
            return self._loosely(text)
        return text if masked == value else json.dumps(masked, ensure_ascii=False, separators=(",", ":"))

    def _loosely(self, text: str) -> str | None:
        """The same of what is nearly JSON, or too deep to be read: its fields as they are written."""

        def told(found: re.Match[str]) -> str:
            kind = self._fields[found[1]]
            if kind is None or not is_kind(kind):
                return found[0]
            return f'{found[0][: found.start(2) - found.start()]}{self.token(kind, found[2])}"'

        made = _LOOSE_FIELD.sub(told, text)
        if made == text:
            return None
        made = without_emails(made, self._email) if self._emails else made
        return without_phones(made, self._phone) if self._phones else made
