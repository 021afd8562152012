"""A call's arguments -> what may stand in an audit file: no secret, no code, nobody's address, nothing long.

What is masked is replaced by a plain word in angle brackets. It is not hashed: an address or a phone number can be
guessed until its hash fits, and a key against that would have to be kept as safe as what it hides.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import isfinite
from typing import Any

from pydantic import SecretStr

from audience_mcp.redaction.fields import KINDS, SIGN, WHO, Fields, is_name
from audience_mcp.redaction.spotting import without_emails, without_phones
from audience_mcp.tools.secrecy import sounds_secret

Json = Any

SECRET, CODE, PERSON, EMAIL, PHONE = "<secret>", "<code>", "<person>", "<email>", "<phone>"
# Any run of figures as long as a telephone's: unlike in an answer, nobody works with the numbers of an audit file.
_NUMBER = re.compile(r"(?<![\w-])\+?\(?\d[\d ()./-]{7,}\d(?![\w-])")
_BROKEN = re.compile(r"\S{0,320}\Z")
_DATE = re.compile(r"((?:19|20)\d\d-[01]\d-[0-3]\d(?!\d))")
_LEAST_DIGITS = 9
_MOST_BITS = 64
_MOST_OF_NAME = 200
LONGEST_ADDRESS = 320
"""In characters; no mail address is longer."""
_TOKEN = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*)*|\bBearer\s+\S+")
CODES = frozenset({"confirm", "verificationcode"}) | frozenset(
    # Names under which a model may pass a code by mistake.
    {"code", "mfacode", "mfa", "otp", "otpcode", "totp", "onetimecode", "smscode", "passcode", "pin"}
)
PERSONS = frozenset(
    {"birthdate", "ipaddress", "ip", "deviceid", "clientid", "customid", "customidentify", "identifiervalue"}
    | {"personid", "personids", "createstaticpersonids"}
)
"""Arguments and fields that say who somebody is, in small letters and without marks between, beside those that
redaction knows: ids too are masked here."""
OF_ONE = frozenset({"attributes", "uuid"})
"""Arguments that do so in an operation about persons: whole objects too."""
SOUGHT = frozenset({"id", "search", "value", "breakdownvalue"})
"""Arguments in which somebody is looked for, in an operation about persons: their texts."""
_KEYS, _VALUES = ("key", "property", "attribute", "field", "name", "param"), ("value", "values")


@dataclass(frozen=True, slots=True)
class Room:
    """How much is kept: characters of a text, entries of a list or an object, levels, and values in all."""

    text: int = 200
    entries: int = 20
    levels: int = 8
    values: int = 300


class Masker:
    """Masks what goes into one audit file; `secrets` are the texts that must not stand anywhere."""

    def __init__(self, secrets: Collection[SecretStr] = ()) -> None:
        self._secrets = sorted(filter(len, secrets), key=len, reverse=True)  # one may begin like another
        self._fields = Fields(KINDS.values(), ())

    def arguments(self, sent: Mapping[str, Json], *, personal: bool, room: Room) -> dict[str, Json]:
        """The arguments of one call; `personal` says that its operation is about persons."""
        walk = _Walk(self, room)
        about = {
            name: PERSON
            for name, value in sent.items()
            if personal and (_plain(name) in OF_ONE or (_plain(name) in SOUGHT and isinstance(value, str)))
        }
        return walk.object({**sent, **about}, room.levels)

    def is_of_person(self, name: str, value: Json) -> bool:
        """Whether a field of that name says who somebody is; some do only where the value looks like a name."""
        name = name[-_MOST_OF_NAME:]  # each is remembered, and a text may stand where a name is looked for
        kind = self._fields[name]
        if kind == WHO:
            return isinstance(value, str) and is_name(value)
        return _plain(name) in PERSONS or kind == SIGN or (kind is not None and kind[0] != "?")

    def name(self, text: str, most: int, most_bytes: int) -> str:
        """A text that names a thing of ours, without secrets and addresses, cut with a count where it is long.

        It keeps at most `most` characters and `most_bytes` bytes, as JSON writes them.
        """
        text = without_emails(self._without_secrets(text), lambda address: EMAIL)
        text = without_phones(text, lambda number: PHONE)
        kept = text[:most]
        if len(json.dumps(kept)) - 2 > most_bytes:
            sizes = accumulate(len(json.dumps(character)) - 2 for character in kept)
            kept = kept[: bisect_right(list(sizes), most_bytes)]
        return text if kept == text else f"{kept}...(+{len(text) - len(kept)} characters)"

    def text(self, text: str, most: int) -> str:
        """The same without addresses and phone numbers."""
        head = text = self._without_secrets(text)
        if len(text) > most + LONGEST_ADDRESS:
            head = _BROKEN.sub("", text[: most + LONGEST_ADDRESS])  # an address in two would not be known for one
        head = without_emails(_TOKEN.sub(SECRET, head), lambda address: EMAIL)
        head = _NUMBER.sub(_phone, without_phones(head, lambda number: PHONE))
        if len(head) <= most and len(text) <= most + LONGEST_ADDRESS:
            return head
        return f"{head[:most]}...(of {len(text)} characters)"

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret.get_secret_value(), SECRET)
        return text


class _Walk:
    """One way through a call's arguments, which ends when its room is used up."""

    def __init__(self, masker: Masker, room: Room) -> None:
        self._masker, self._room, self._left = masker, room, room.values

    def object(self, value: Mapping[str, Json], levels: int) -> dict[str, Json]:
        named = [value[key] for key in _KEYS if isinstance(value.get(key), str)]
        of_person = any(self._masker.is_of_person(name, value.get("value")) for name in named)
        shown: dict[str, Json] = {}
        for name, part in list(value.items())[: self._room.entries]:
            masked = PERSON if of_person and name in _VALUES else self._named(name, part, levels)
            shown[self._masker.text(name, self._room.text)] = masked
        if len(value) > self._room.entries:
            shown["..."] = f"(+{len(value) - self._room.entries})"
        return shown

    def _named(self, name: str, value: Json, levels: int) -> Json:
        if value is None or isinstance(value, bool):
            return value
        if _plain(name) in CODES:
            return CODE
        if sounds_secret(name):
            return SECRET
        if self._masker.is_of_person(name, value):
            return f"{PERSON} x {len(value)}" if isinstance(value, list) else PERSON
        return self._value(value, levels)

    def _value(self, value: Json, levels: int) -> Json:
        self._left -= 1
        if self._left < 0:
            return "..."
        if isinstance(value, str):
            return self._masker.text(value, self._room.text)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return value if value.bit_length() <= _MOST_BITS else "<a long number>"
        if isinstance(value, float):
            return value if isfinite(value) else str(value)
        if levels and isinstance(value, list):
            kept = [self._value(item, levels - 1) for item in value[: self._room.entries]]
            return kept if len(kept) == len(value) else [*kept, f"...(+{len(value) - len(kept)})"]
        return self.object(value, levels - 1) if levels and isinstance(value, Mapping) else "..."


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _phone(found: re.Match[str]) -> str:
    """A run of figures with whatever in it is no date masked, where it is long enough for a telephone."""
    parts = _DATE.split(found[0])
    numbers = [sum(map(str.isdigit, part)) >= _LEAST_DIGITS for part in parts]
    masked = [
        part.replace(part.strip(), PHONE) if number else part for part, number in zip(parts, numbers, strict=True)
    ]
    return "".join(masked)
