"""Results on disk: a card and a body per handle, in a folder nobody else may read."""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from pathlib import Path

from audience_mcp.results.leftovers import TemporaryFolder
from audience_mcp.results.stored import Card, read_card

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
_CARD_DAYS = 24 * 3600.0


class Shelf:
    """A folder of results, made when first needed; a full or unwritable disk loses results, never calls."""

    def __init__(self, folder: Path | None, most_bytes: int) -> None:
        self._given, self._folder, self._most_bytes = folder, folder, most_bytes
        self._used = 0
        self._remover: weakref.finalize[[], Shelf] | None = None

    def write(self, card: Card, body: bytes) -> None:
        """Keep a body and its card; the oldest make room."""
        try:
            folder = self._made()
            _write(folder / f"{card.handle}.json", card.encoded(), card.stored)
            _write(folder / f"{card.handle}.body", body, card.stored)
        except OSError:
            return
        self._used += len(body)
        if self._used > self._most_bytes:
            self._make_room(folder)

    def card(self, handle: str) -> Card | None:
        """The card of a handle, if the folder has one that can be read."""
        content = self._read(f"{handle}.json")
        try:
            return read_card(content) if content else None
        except (ValueError, KeyError, TypeError):
            return None

    def body(self, handle: str) -> bytes | None:
        """The body of a handle."""
        return self._read(f"{handle}.body")

    def remove_body(self, handle: str) -> None:
        """Forget a body; its card stays, to name the call."""
        if self._folder:
            with suppress(OSError):
                path = self._folder / f"{handle}.body"
                size = path.stat().st_size
                path.unlink()
                self._used -= size

    def forget(self, handle: str) -> None:
        """Forget a body and its card."""
        self.remove_body(handle)
        if self._folder:
            with suppress(OSError):
                (self._folder / f"{handle}.json").unlink()

    def sweep(self, before: float) -> None:
        """Remove the bodies stored before a time, and cards a day older; called when a folder is opened."""
        if self._folder is None or not self._folder.is_dir():
            return
        for path in list(self._folder.glob("r_*.*")):
            with suppress(OSError):
                found = path.stat()
                if found.st_mtime < before - (_CARD_DAYS if path.suffix == ".json" else 0):
                    path.unlink()
                elif path.suffix == ".body":
                    self._used += found.st_size

    def close(self) -> None:
        """Remove a temporary folder; a given one stays."""
        if self._remover:
            self._remover()
        self._folder, self._used = self._given, 0

    def _made(self) -> Path:
        if self._given:
            self._given.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            self._given.chmod(_FOLDER_MODE)
            return self._given
        if self._folder is None or not self._folder.is_dir():  # a system may clear its temporary folders by itself
            temporary = TemporaryFolder()
            self._remover = weakref.finalize(self, temporary.remove)
            self._folder, self._used = temporary.path, 0
        return self._folder

    def _make_room(self, folder: Path) -> None:
        with suppress(OSError):  # another process may be clearing up as well
            for path in sorted(folder.glob("r_*.body"), key=lambda path: path.stat().st_mtime)[:-1]:
                if self._used <= self._most_bytes:
                    break
                self.remove_body(path.stem)

    def _read(self, name: str) -> bytes | None:
        if self._folder is None:
            return None
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            return None


def _write(path: Path, content: bytes, stored: float) -> None:
    """Write a file that is private from its first byte, whole or not there, and dated as the result is."""
    part = path.with_suffix(f"{path.suffix}.{os.getpid()}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.utime(part, (stored, stored))
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
