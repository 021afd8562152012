"""A file of lines that several processes append to, that only its owner may read, and that never grows without end."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from audience_mcp import private_file

LOCK_SECONDS = 10.0

Shortened = Callable[[list[bytes]], list[bytes] | None]


class Lines(Protocol):
    """Lines in the order they were added."""

    def read(self) -> list[bytes]:
        """Every line, a last one that broke off included."""

    def append(self, line: bytes, shortened: Shortened) -> None:
        """Add a line for good.

        `shortened` is given all lines, the new one last, and says what shall be left of them, None for all. It may
        raise to keep the line out.
        """


class FileLines:
    """Lines in a file; a lock beside it lets one process write at a time, and ends with the process that holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[bytes]:
        """Every line; none where there is no file."""
        try:
            return self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []

    def append(self, line: bytes, shortened: Shortened) -> None:
        """Add a line: it is on the disk when this returns.

        Raises:
            OSError: The folder cannot be written (a full disk), or another process holds the lock for long.
        """
        with self._locked():
            lines = self.read()
            left = shortened([*lines, line])
            if left is None:
                self._add(line)
            else:
                self._replace(left)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock

        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True, mode=private_file.FOLDER_MODE)
        folder.chmod(private_file.FOLDER_MODE)
        with FileLock(self._path.with_suffix(".lock"), timeout=LOCK_SECONDS, mode=private_file.FILE_MODE):
            yield

    def _add(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, private_file.FILE_MODE)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            if end := file.seek(0, os.SEEK_END):
                file.seek(end - 1)
                if file.read(1) != b"\n":
                    line = b"\n" + line  # a process died within its last line: that one stays broken, this one does not
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, "the line was written in part")
            os.fsync(file.fileno())

    def _replace(self, lines: list[bytes]) -> None:
        content = b"".join(line.rstrip(b"\n") + b"\n" for line in lines)
        private_file.replace(self._path, content, durable=True)


class MemoryLines:
    """Lines that end with the process: for what must not outlive it (the sandbox's changes)."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def read(self) -> list[bytes]:
        """Every line."""
        return list(self._lines)

    def append(self, line: bytes, shortened: Shortened) -> None:
        """Add a line."""
        lines = [*self._lines, line]
        left = shortened(lines)
        self._lines = lines if left is None else left
