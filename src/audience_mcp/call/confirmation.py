"""Consent to a destructive act: asked through the client, or in two steps with a sealed code (DESIGN section 7).

The code is a guard for the workflow, no proof that a person read it: a model could pass it on unasked.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

GOOD_FOR_SECONDS = 600
CODE_LENGTH = 20


class Sealer:
    """Makes and checks codes over tool, arguments, workspace and the object's version; keeps no state."""

    def __init__(self, key: bytes, clock: Callable[[], float]) -> None:
        self._key, self._clock = key, clock

    def seal(self, tool: str, arguments: Mapping[str, Any], workspace: str, version: str) -> str:
        """A code for exactly this act, good for ten minutes."""
        expires = int(self._clock()) + GOOD_FOR_SECONDS
        return f"{expires:x}-{self._digest(expires, tool, arguments, workspace, version)}"

    def opens(self, code: str, tool: str, arguments: Mapping[str, Any], workspace: str, version: str) -> bool:
        """Whether `code` was sealed for exactly this act and is still good."""
        head, _, digest = code.strip().partition("-")
        try:
            expires = int(head, 16)
        except ValueError:
            return False
        fresh = self._clock() <= expires <= self._clock() + GOOD_FOR_SECONDS
        return fresh and hmac.compare_digest(
            digest.encode("utf-8", "replace"), self._digest(expires, tool, arguments, workspace, version).encode()
        )

    def _digest(self, expires: int, tool: str, arguments: Mapping[str, Any], workspace: str, version: str) -> str:
        act = json.dumps([expires, tool, dict(arguments), workspace, version], sort_keys=True, ensure_ascii=False)
        return hmac.new(self._key, act.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:CODE_LENGTH]


def version_of(present: Any) -> str:
    """A fingerprint of an object as it is now; "unread" where it could not be read."""
    if present is None:
        return "unread"
    text = json.dumps(present, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
