"""What a caller calls a file -> folders and a name that mean the same on every system, and nothing else."""

from __future__ import annotations

import re
import unicodedata

from audience_mcp.errors import InvalidArguments
from audience_mcp.results.wording import clean, named
from audience_mcp.tools.own import EXPORTS

SANDBOX_MARK = "SANDBOX-"
MOST_FOLDERS, LONGEST_PART = 5, 180  # bytes of UTF-8: file systems hold 255, and a mark and a number may be added
_LONGEST_TITLE = 60
_SIGNS = frozenset(" ._-()+,&@")
# Names of devices on Windows, whatever the extension.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE)


def place(file: str, extension: str, *, sandbox: bool) -> tuple[str, ...]:
    """The folders and the name of a file, with its extension; data of the sandbox is named as such.

    Raises:
        InvalidArguments: It is no plain relative path, or ends as another format would.
    """
    *folders, name = unicodedata.normalize("NFC", file).split("/")
    if len(folders) > MOST_FOLDERS:
        raise _refused(file, f"it lies more than {MOST_FOLDERS} folders deep")
    for part in (*folders, name):
        _check(file, part)
    stem, dot, ending = name.rpartition(".")
    if dot and ending.lower() in EXPORTS and ending.lower() != extension:
        raise InvalidArguments(
            f"The file {named(file)} ends in .{ending}, and the format is {extension}.",
            f"Pass {named(f'{stem}.{extension}')}, or format={ending.lower()}.",
        )
    whole = name if dot and ending.lower() == extension else f"{name}.{extension}"
    if sandbox and not whole.startswith(SANDBOX_MARK):
        whole = f"{SANDBOX_MARK}{whole}"
    return (*folders, whole)


def default(title: str, handle: str) -> str:
    """A name for a file that has none: the result's title and handle."""
    letters = unicodedata.normalize("NFKD", title[:_LONGEST_TITLE]).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    return f"{words}-{handle}" if words else handle


def numbered(name: str, number: int) -> str:
    """`report.csv` -> `report-2.csv`."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{number}.{ending}"


def _check(file: str, part: str) -> None:
    if part in ("", ".", "..") or "\\" in part:
        raise _refused(file, "it is no plain relative path")
    if part[0] in " .-" or part[-1] in " .":
        raise _refused(file, "a part of it begins with a dot, a dash or a space, or ends with a dot or a space")
    if len(part.encode("utf-8", "replace")) > LONGEST_PART:
        raise _refused(file, f"a part of it is longer than {LONGEST_PART} bytes")
    if clean(part) != part or not all(map(_is_plain, part)):
        raise _refused(file, "it holds more than letters, digits, spaces and . _ - ( ) + , & @")
    if _DEVICE.fullmatch(part):
        raise _refused(file, "Windows keeps that name for a device")


def _is_plain(character: str) -> bool:
    return character.isalnum() or character in _SIGNS or unicodedata.category(character) in ("Mn", "Mc")


def _refused(file: str, why: str) -> InvalidArguments:
    return InvalidArguments(
        f"The file {named(file)} cannot be written: {why}.",
        'Pass a name such as "report.csv" or "2026/report.csv", relative to the export folder, or leave file out.',
    )
