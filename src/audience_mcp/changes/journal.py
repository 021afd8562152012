"""The journal: every change this server makes, kept before it is sent, one file per provider and workspace."""

from __future__ import annotations

import hashlib
import threading
from base64 import b32encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from secrets import token_bytes

from audience_mcp.changes.change import Change, Place, read_changes
from audience_mcp.changes.lines import FileLines, Lines, MemoryLines
from audience_mcp.errors import Conflict
from audience_mcp.results.wording import named


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one workspace's journal keeps: beyond it the oldest changes go, down to nine tenths."""

    changes: int = 500
    bytes: int = 20_000_000


class Journal:
    """Changes by workspace: in files below `folder`, or in memory where there is none.

    Safe for several processes and threads at once; what a process that died left half written is passed over.
    """

    def __init__(self, folder: Path | None, bounds: Bounds | None = None) -> None:
        self.folder, self._bounds = folder, bounds or Bounds()
        self._memory: dict[str, Lines] = {}
        self._lock = threading.RLock()

    def begin(self, change: Change) -> None:
        """Keep a change that is about to be made.

        Raises:
            OSError: It cannot be kept (a full disk, a folder that cannot be written).
            Conflict: It takes back a change that is taken back already.
        """

        def shortened(lines: list[bytes]) -> list[bytes] | None:
            if change.undoes is not None:
                _check_in_effect(change.undoes, read_changes(lines[:-1]))
            return self._shortened(lines)

        self._append(change.place, change.begun(), shortened)

    def end(self, change: Change) -> None:
        """Keep how a change ended; may be said again once more is known.

        Raises:
            OSError: It cannot be kept.
        """
        self._append(change.place, change.ended(), lambda lines: None)

    def changes(self, provider: str) -> list[Change]:
        """Every change kept for a provider, the newest first; within a workspace in the order they began."""
        with self._lock:
            found = [read_changes(lines.read())[::-1] for lines in self._of(provider)]
        return list(merge(*found, key=lambda change: change.at, reverse=True))

    def _append(self, place: Place, line: bytes, shortened: Callable[[list[bytes]], list[bytes] | None]) -> None:
        name = f"{place.provider}-{hashlib.sha256(place.key.encode()).hexdigest()[:20]}"
        with self._lock:
            if self.folder is None:
                lines = self._memory.setdefault(name, MemoryLines())
            else:
                lines = FileLines(self.folder / f"{name}.jsonl")
            lines.append(line, shortened)

    def _of(self, provider: str) -> Iterable[Lines]:
        if self.folder is None:
            return [lines for name, lines in self._memory.items() if name.startswith(f"{provider}-")]
        return [FileLines(path) for path in sorted(self.folder.glob(f"{provider}-*.jsonl"))]

    def _shortened(self, lines: list[bytes]) -> list[bytes] | None:
        """What is left of a journal that is over its bounds; the newest change always is."""
        most = self._bounds
        if len(lines) <= most.changes and sum(map(len, lines)) <= most.bytes:
            return None
        changes = read_changes(lines)
        if len(changes) <= most.changes and sum(map(len, lines)) <= most.bytes:
            return None
        kept: list[bytes] = []
        size = 0
        for count, change in enumerate(reversed(changes)):
            both = [change.begun()] if change is changes[-1] else [change.begun(), change.ended()]
            size += sum(map(len, both))
            if count and (count >= most.changes * 9 // 10 or size > most.bytes * 9 // 10):
                break
            kept = both + kept
        return kept


def new_change_id() -> str:
    """An id that no other change has."""
    return f"c_{b32encode(token_bytes(10)).decode().lower()[:10]}"


def undone(changes: Iterable[Change]) -> dict[str, Change]:
    """The changes (given oldest first) that were taken back, each with the change that did it.

    A failed one did not, nor one that was itself taken back; one whose outcome is unknown may have.
    """
    by: dict[str, Change] = {}
    for change in reversed(list(changes)):
        if change.undoes is not None and change.outcome != "failed" and change.id not in by:
            by[change.undoes] = change
    return by


def _check_in_effect(change_id: str, changes: list[Change]) -> None:
    by = undone(changes).get(change_id)
    if by is None:
        return
    maybe = "may have been" if by.outcome == "unknown" else "was"
    raise Conflict(
        f"Change {named(change_id)} {maybe} undone already, by change {by.id}; nothing was sent.",
        "list_changes shows both. Read the object to see how it is now.",
    )
