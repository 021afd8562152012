"""Consent to a destructive act: asked through the client, or in two steps with a sealed code (DESIGN section 7).

The code is a guard for the workflow, no proof that a person read it: a model could pass it on unasked.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

GOOD_FOR_SECONDS = 600
CODE_LENGTH = 20


class Sealer:
    """Makes and checks codes over tool, arguments, workspace and the object's version, each good for one act.

    A code is sealed with what it is for, so nothing is kept of those that were given out. Those that were used are
    remembered until they would have ended anyway (`Spent`): an act need not change the object's version, or the object
    may be one that cannot be read.
    """

    def __init__(self, key: bytes, clock: Callable[[], float], spent: Spent | None = None) -> None:
        self._key, self._clock, self._spent = key, clock, spent or Spent()

    def seal(self, tool: str, arguments: Mapping[str, Any], workspace: str, version: str) -> str:
        """A code for exactly this act, good for ten minutes."""
        expires = int(self._clock()) + GOOD_FOR_SECONDS
        return f"{expires:x}-{self._digest(expires, tool, arguments, workspace, version)}"

    def opens(self, code: str, tool: str, arguments: Mapping[str, Any], workspace: str, version: str) -> bool:
        """Whether `code` was sealed for exactly this act, is still good, and was not used; from now on it is."""
        head, _, digest = code.strip().partition("-")
        try:
            expires = int(head, 16)
        except ValueError:
            return False
        now = self._clock()
        if not now <= expires <= now + GOOD_FOR_SECONDS:
            return False
        wanted = self._digest(expires, tool, arguments, workspace, version)
        fits = hmac.compare_digest(digest.encode("utf-8", "replace"), wanted.encode())
        return fits and self._spent.take(wanted, expires, now)

    def mark(self, tool: str, arguments: Mapping[str, Any], workspace: str, version: str) -> str:
        """A name for exactly this act: an answer to the question about it answers no other."""
        return self._digest(0, tool, arguments, workspace, version)

    def _digest(self, expires: int, tool: str, arguments: Mapping[str, Any], workspace: str, version: str) -> str:
        act = json.dumps([expires, tool, dict(arguments), workspace, version], sort_keys=True, ensure_ascii=False)
        return hmac.new(self._key, act.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:CODE_LENGTH]


class Spent:
    """Codes that were used and have not ended yet: in memory, or as empty files where several processes share a key."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._ends: dict[str, float] = {}

    def take(self, digest: str, expires: float, now: float) -> bool:
        """Use a code up; False when it is used up already (or that cannot be written down)."""
        if self._folder is not None:
            return _take(self._folder, digest, expires, now)
        self._ends = {known: end for known, end in self._ends.items() if end >= now}
        if digest in self._ends:
            return False
        self._ends[digest] = expires
        return True


def _take(folder: Path, digest: str, expires: float, now: float) -> bool:
    """The same in a folder: a file can be made by one process alone; its time is when the code ends."""
    path = folder / digest
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        os.utime(path, (expires, expires))
    except OSError:
        return False
    for other in folder.iterdir():
        with suppress(OSError):
            if other.stat().st_mtime < now:
                other.unlink()
    return True
