"""Text -> the same text with each e-mail address and each clear phone number in it replaced, in linear time."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

# Possessive, and begun only where a run of such characters begins: no text takes longer than its length.
_RUN = r"(?<![\w.+%-])[\w.+%-]++"
_EMAIL = re.compile(_RUN + r"@(?:[\w-]++\.)+[^\W\d_][\w-]*+")
_CUT_EMAIL = re.compile(_RUN + r"@[\w.-]*?(?=\.\.\.|…)")
_ENCODED = re.compile(_RUN)
_WHOLE_EMAIL = re.compile(r"""\w[^\s@<>"(),;:\\/?=&%\[\]]*+@(?:[\w-]++\.)+[^\W\d_][\w-]*""")
# With the sign of its country: any other run of digits may be an id, an amount or a time.
_PHONE = re.compile(r"(?<![\w+])(?:\+|%2B)\d(?:[ ().\-/\xa0]{0,2}\d){7,14}(?!\w)", re.IGNORECASE)
_FEWEST_DIGITS, _MOST_DIGITS = 5, 15
_MOST_LAYERS = 3

Masks = Callable[[str], str]


def without_emails(text: str, mask: Masks, *, shortened: bool = False) -> str:
    """`text` with `mask(address)` in place of each address, also where `@` is percent-encoded.

    With `shortened`, an address that was cut off (`anna@exa...`) goes as well.
    """
    if "@" in text:
        if _WHOLE_EMAIL.fullmatch(text):
            return mask(text)
        text = _EMAIL.sub(lambda found: _decoded(found[0], mask) if "%" in found[0] else mask(found[0]), text)
        if shortened:
            text = _CUT_EMAIL.sub("(an e-mail address)", text)
    if "%40" in text or "%2540" in text:
        text = _ENCODED.sub(lambda found: _decoded(found[0], mask) if "40" in found[0] else found[0], text)
    return text


def _decoded(run: str, mask: Masks) -> str:
    """A percent-encoded run with its addresses replaced; the rest encoded as often as it was."""
    layers, plain = 0, run
    while "%" in plain and layers < _MOST_LAYERS:
        plain, layers = unquote(plain), layers + 1
    parts, end = [], 0
    for found in _EMAIL.finditer(plain):
        parts += [_encoded(plain[end : found.start()], layers), mask(found[0])]
        end = found.end()
    return "".join([*parts, _encoded(plain[end:], layers)]) if parts else run


def _encoded(text: str, layers: int) -> str:
    for _ in range(layers):
        text = quote(text, safe="")
    return text


def without_phones(text: str, mask: Masks) -> str:
    """`text` with `mask(number)` in place of each phone number that has its country's `+`."""
    return _PHONE.sub(lambda found: mask(unquote(found[0])), text)


def phone_digits(text: str) -> str | None:
    """The digits of what stands in a phone's field; None where that is no phone number."""
    digits = "".join(filter(str.isdecimal, text))
    letters = sum(map(str.isalpha, text))
    return digits if _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS and letters <= 4 else None
