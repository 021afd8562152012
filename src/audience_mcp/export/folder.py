"""Bytes and a checked place -> a private file below one folder, whole or not there, never over another unasked.

The way down is walked folder by folder without following a link, from a handle on the folder above, so that nothing
swapped in meanwhile can lead the file elsewhere. Where a system cannot walk so (Windows), the way is looked at first.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from audience_mcp.errors import AudienceError, Conflict, NotOffered, PermissionDenied
from audience_mcp.export.naming import numbered
from audience_mcp.results.wording import named

FOLDER_MODE, FILE_MODE = 0o700, 0o600
_MOST_NUMBERS = 100
_PART = re.compile(r"\.[0-9a-f]{16}\.part")
LEFT_SECONDS = 3600.0
"""A draft that is older was left by a process that was killed: none takes as long."""
_WALKS = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Draft:
    """A file in the making: whole and safe on disk, not yet under its name. Left without `publish`, it is removed."""

    def __init__(self, root: Path, place: Sequence[str], content: bytes, *, walks: bool = _WALKS) -> None:
        """Write the file beside its place; missing folders on the way are made. `walks` says how the way is checked.

        Raises:
            NotOffered: The folder itself does not exist.
            PermissionDenied: It cannot be written, is full, or a link stands on the way.
        """
        self._place = "/".join(place)
        *folders, self._name = place
        try:
            self._folder: Path | int = _walked(root, folders) if walks else _looked_at(root, folders)
        except FileNotFoundError:
            raise NotOffered(
                f"The export folder {named(str(root), 200)} does not exist.",
                "The user creates it, or sets AUDIENCE_MCP_EXPORT_DIR to another one.",
            ) from None
        except OSError as error:
            raise _unwritable(self._place, error) from None
        self._clear_up()
        self._part = f".{secrets.token_hex(8)}.part"
        try:
            self._write(content)
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise _unwritable(self._place, error) from None
            raise

    def __enter__(self) -> Draft:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def publish(self, *, overwrite: bool) -> None:
        """Give the file its name.

        Raises:
            Conflict: There is one of that name, and it was not to be written over, or is no plain file.
            PermissionDenied: The folder cannot be written any more.
        """
        try:
            present = self._present(self._name)
            if present is not None and not stat.S_ISREG(present):
                raise Conflict(f"{named(self._place)} exists already and is no plain file.", "Pass another file.")
            if overwrite:
                self._replace()
            else:
                self._claim()
        except FileExistsError:
            raise Conflict(
                f"{named(self._place)} exists already below the export folder; nothing was written.",
                f"Pass another file{self._free()}, or overwrite=true to write over it.",
            ) from None
        except AudienceError:
            raise
        except OSError as error:
            raise _unwritable(self._place, error) from None

    def close(self) -> None:
        """Remove what was not published."""
        with suppress(OSError):
            os.unlink(self._at(self._part), dir_fd=self._fd)
        if isinstance(self._folder, int):
            os.close(self._folder)
        self._folder = -1

    @property
    def _fd(self) -> int | None:
        return self._folder if isinstance(self._folder, int) else None

    def _at(self, name: str) -> str:
        return name if isinstance(self._folder, int) else str(self._folder / name)

    def _clear_up(self) -> None:
        """Remove the drafts that killed processes left in this folder."""
        with suppress(OSError):
            for name in filter(_PART.fullmatch, os.listdir(self._folder)):  # noqa: PTH208 - it may be a handle
                left = os.stat(self._at(name), dir_fd=self._fd, follow_symlinks=False)
                if stat.S_ISREG(left.st_mode) and time.time() - left.st_mtime > LEFT_SECONDS:
                    os.unlink(self._at(name), dir_fd=self._fd)

    def _write(self, content: bytes) -> None:
        descriptor = os.open(self._at(self._part), _NEW, FILE_MODE, dir_fd=self._fd)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)

    def _claim(self) -> None:
        """Take the name only where it is free: by a second link, or where there are none by an empty file."""
        try:
            os.link(self._at(self._part), self._at(self._name), src_dir_fd=self._fd, dst_dir_fd=self._fd)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):
            os.close(os.open(self._at(self._name), _NEW, FILE_MODE, dir_fd=self._fd))
            self._replace()

    def _replace(self) -> None:
        os.replace(self._at(self._part), self._at(self._name), src_dir_fd=self._fd, dst_dir_fd=self._fd)

    def _present(self, name: str) -> int | None:
        """The mode of what bears a name in the folder; None where nothing does."""
        try:
            return os.stat(self._at(name), dir_fd=self._fd, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return None

    def _free(self) -> str:
        names = (numbered(self._name, number) for number in range(2, _MOST_NUMBERS))
        free = next((name for name in names if self._present(name) is None), None)
        return f" ({'/'.join([*self._place.split('/')[:-1], free])} is free)" if free else ""


def _walked(root: Path, folders: Sequence[str]) -> int:
    """A handle on the last of the folders; the root may be a link, what is below it may not."""
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in folders:
            with suppress(FileExistsError):
                os.mkdir(name, FOLDER_MODE, dir_fd=here)
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
    except BaseException:
        os.close(here)
        raise
    return here


def _looked_at(root: Path, folders: Sequence[str]) -> Path:
    """The last of the folders, once none on the way turned out to be a link."""
    here = root.resolve(strict=True)
    for name in folders:
        here /= name
        here.mkdir(FOLDER_MODE, exist_ok=True)
        if here.resolve(strict=True) != here:
            raise NotADirectoryError(20, "a link")
    return here


def _unwritable(place: str, error: OSError) -> PermissionDenied:
    why = error.strerror or type(error).__name__
    return PermissionDenied(
        f"{named(place)} could not be written below the export folder ({why}); nothing is left of it.",
        "Pass another file, or the user looks at the folder's permissions, links and free space.",
    )
