"""A name of an argument or a field -> whether it sounds like that of a secret."""

from __future__ import annotations

import re

_MARKS = re.compile(r"[\W_]")
_SECRET = re.compile(r"passw|secret|token|apikey|authori[sz]ation|credential|privatekey|cookie")


def sounds_secret(name: str) -> bool:
    """Whether what stands under this name is likely a secret, however its words are joined."""
    return _SECRET.search(_MARKS.sub("", name).lower()) is not None
