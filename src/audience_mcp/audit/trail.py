"""Lines -> the audit file: each added whole by one write, by as many processes as share it, and seen by its owner only.

The file is opened anew for every line: one that was moved away (a rotated log) is begun again, and one that cannot be
made again is noticed at once. Lines are not forced to the disk: they outlive the process, not a loss of power.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from audience_mcp.errors import SettingsProblem

FILE_MODE = 0o600
_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_LOOKS = 3


class Trail:
    """One audit file. On Windows `O_APPEND` does not keep lines whole: give each process a file of its own there."""

    def __init__(self, path: Path) -> None:
        """Check that the file can be added to; it is made where there is none.

        Raises:
            SettingsProblem: It cannot be, or everybody could write it; the text says why.
        """
        self.path = path.expanduser()
        try:
            os.close(self._opened())
        except OSError as error:
            raise SettingsProblem(
                f"the audit file {self.path} cannot be used ({error.strerror or type(error).__name__}):"
                " AUDIENCE_MCP_AUDIT takes the full path of a plain file in a folder that exists and that not everybody"
                " may write; without the setting nothing is audited"
            ) from None

    def append(self, line: bytes) -> None:
        """Add one line, which ends with its line break.

        Raises:
            OSError: It could not be added whole.
        """
        descriptor = self._opened()
        try:
            whole = b"\n" + line if _is_torn(descriptor) else line
            if os.write(descriptor, whole) != len(whole):
                raise OSError(errno.ENOSPC, "the line was written in part")
        finally:
            os.close(descriptor)

    def _opened(self) -> int:
        """The file, proven to be a plain one: no link, and no pipe that would hold the call until somebody reads."""
        folder = self.path.parent.stat()
        if os.name == "posix" and folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
            raise PermissionError(errno.EPERM, "everybody may write its folder")
        if self.path.is_symlink():  # where the system cannot refuse it in the same breath as it opens
            raise OSError(errno.ELOOP, "it is a link")
        descriptor = os.open(self.path, _APPEND | _BINARY, FILE_MODE)
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode) or (os.name == "posix" and mode & stat.S_IWOTH):
            os.close(descriptor)
            plain = stat.S_ISREG(mode)
            raise OSError(errno.EPERM, "everybody may write it" if plain else "it is no plain file")
        return descriptor


def _is_torn(descriptor: int) -> bool:
    """Whether the last line has no end: a crash or a full disk left it so, here or in another process.

    It must not swallow the next line. Another process may be in the midst of a line, so a doubt is looked at again;
    should it be wrong all the same, it costs an empty line.
    """
    for _ in range(_LOOKS):
        size = os.fstat(descriptor).st_size
        if not size:
            return False
        os.lseek(descriptor, size - 1, os.SEEK_SET)
        if os.read(descriptor, 1) == b"\n":
            return False
    return True
