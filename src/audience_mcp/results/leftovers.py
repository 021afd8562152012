"""Temporary folders of results: each is marked as in use while its process lives; what a dead one left is removed."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":  # there a folder in use cannot be told from one left behind
    import fcntl

PREFIX = "audience-mcp-"
_MARK = "in-use"


class TemporaryFolder:
    """A private folder that goes with its process: removed by `remove`, or by the next process after a crash."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._mark = _marked(self.path)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._mark is not None:
            os.close(self._mark)
            self._mark = None


def sweep() -> None:
    """Remove the folders that processes of this user left behind when they were killed."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        for found in os.scandir(tempfile.gettempdir()):
            if found.name.startswith(PREFIX) and found.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    _remove_dead(Path(found.path))


def _marked(folder: Path) -> int | None:
    """Lock a file of the folder for as long as this process lives; None where there are no such locks."""
    if sys.platform == "win32":
        return None
    fresh = folder / f"{_MARK}.new"
    descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(folder / _MARK)  # only now can anybody see it, and it is locked
    return descriptor


def _remove_dead(folder: Path) -> None:
    """Remove a folder whose mark nobody holds any more."""
    if sys.platform == "win32":
        return
    if folder.stat().st_uid != os.getuid():
        return
    descriptor = os.open(folder / _MARK, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)
