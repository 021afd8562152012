"""The tokens of separate runs: a private file beside their results, forgotten when those are."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes
from typing import Any

from audience_mcp import private_file
from audience_mcp.redaction.tokens import Tokens

Json = Any
FEWEST_DIGITS = 12  # two runs at once give out tokens without asking each other: no two values may share one
_LOCK_SECONDS = 10.0
_APPENDED = os.O_WRONLY | os.O_APPEND | os.O_CREAT


class Vault:
    """A file whose first line is the key, with when it was last opened, and each further one a token, its value, and
    when it was last met.

    A token is good for as long as a result that holds it: `lifetime` seconds after it was met; one that was written
    into something at a provider as long as the file. A file that was not opened for as long begins anew with another
    key.

    Raises:
        OSError: The folder cannot be written, or another process holds the file for long.
    """

    def __init__(self, path: Path, lifetime: float, clock: Callable[[], float]) -> None:
        self._path, self._lifetime, self._clock = path, lifetime, clock
        self._tokens: dict[str, tuple[str, Json]] = {}
        self.written: frozenset[str] = frozenset()
        with self._locked():
            self.key = self._opened()

    def teach(self, tokens: Tokens) -> None:
        """Let `tokens` know what earlier runs gave out."""
        for token, (kind, value) in self._tokens.items():
            tokens.learn(token, kind, value)

    def keep(self, fresh: Mapping[str, tuple[str, Json]], written: bool = False) -> None:
        """Write tokens down, that they were met again, or that they were `written` into something at a provider; where
        the disk is full they are good for this run alone."""
        now = self._clock()
        lines = "".join(
            f"{json.dumps([now, token, kind, value, *([True] if written else [])])}\n"
            for token, (kind, value) in fresh.items()
        )
        with (
            suppress(OSError),
            self._locked(),
            os.fdopen(os.open(self._path, _APPENDED, private_file.FILE_MODE), "w") as file,
        ):
            file.write(lines)

    def _opened(self) -> bytes:
        """The key of what is still good; what is not is gone from the file."""
        now = self._clock()
        after = now - self._lifetime
        opened, key, kept = 0.0, b"", {}
        written: set[str] = set()
        with suppress(OSError, ValueError, TypeError):
            first, *lines = self._path.read_text().splitlines()
            opened, text = json.loads(first)
            key = bytes.fromhex(text)
            for line in lines:
                with suppress(ValueError, TypeError):
                    met, token, kind, value, *mark = json.loads(line)
                    if mark:
                        written.add(token)
                    if met > after or token in written:
                        kept[token] = met, kind, value
        if len(key) != 32 or opened <= after:
            key, kept, written = token_bytes(32), {}, set()
        self.written = frozenset(written)
        self._tokens = {token: (kind, value) for token, (_, kind, value) in kept.items()}
        lines = [json.dumps([now, key.hex()])]
        for token, (met, kind, value) in kept.items():
            lines.append(json.dumps([met, token, kind, value, *([True] if token in written else [])]))
        private_file.replace(self._path, "".join(f"{line}\n" for line in lines).encode())
        return key

    def _locked(self) -> Any:
        from filelock import FileLock

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=private_file.FOLDER_MODE)
        return FileLock(self._path.with_suffix(".lock"), timeout=_LOCK_SECONDS, mode=private_file.FILE_MODE)
