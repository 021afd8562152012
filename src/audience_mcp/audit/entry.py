"""What is known of one call -> one line of JSON, never longer than a bound, with every key each time."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from audience_mcp.audit.masking import Masker, Room

Json = Any

LONGEST_LINE = 4096
"""In bytes; what a pipe takes whole, and short enough that no reader stumbles."""
LONGEST_NAME, LARGEST_NAME = 120, 360
"""In characters, and in bytes as JSON: six names fit into a line whatever they are written in."""
_ROOMS = (Room(), Room(80, 8, 5), Room(40, 4, 3), Room(20, 2, 1))
_MOST_CHANGES = 20


@dataclass(frozen=True, slots=True)
class Who:
    """Who called: the operating system's user whose process this is, and the client as it calls itself.

    Over stdio no more is known. Whoever makes an `Audit` says which user it is.
    """

    user: str
    process: int
    client: str | None = None
    version: str | None = None


@dataclass(slots=True)
class Entry:
    """One call. `access` is read, write, destructive or session; `workspace` is an id, `workspace_name` its name.

    `operation` is the provider's operation that was called, `personal` whether it is about persons (until it is known,
    it may be), `outcome` one of begun, ok, error, refused, asked,
    cancelled; `error` is the kind of error, `status` the provider's HTTP status, `changes` are ids of `list_changes`,
    `handle` that of the stored result; `rows` and `size` (in bytes) are the answer's.
    """

    call: str
    who: Who
    tool: str
    access: str
    arguments: Mapping[str, Json]
    provider: str | None = None
    region: str | None = None
    workspace: str | None = None
    workspace_name: str | None = None
    operation: str | None = None
    personal: bool = True
    dry_run: bool = False
    sandbox: bool = False
    outcome: str = "begun"
    error: str | None = None
    status: int | None = None
    changes: tuple[str, ...] = ()
    handle: str | None = None
    rows: int | None = None
    size: int | None = None
    duration_ms: float | None = None

    def line(self, moment: float, masker: Masker) -> bytes:
        """The line, with its time: UTC, to the millisecond (`moment` in epoch seconds)."""
        line = b""
        for room in _ROOMS:
            line = self._line(moment, masker, masker.arguments(self.arguments, personal=self.personal, room=room))
            if len(line) <= LONGEST_LINE:
                return line
        return self._line(moment, masker, {"...": f"(+{len(self.arguments)})"})

    def _line(self, moment: float, masker: Masker, arguments: Mapping[str, Json]) -> bytes:
        time = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        who = {name: _short(part, masker) for name, part in asdict(self.who).items()}
        where = {"id": _short(self.workspace, masker), "name": _short(self.workspace_name, masker)}
        facts = {
            "time": time,
            "call": self.call,
            "outcome": self.outcome,
            "who": who,
            "tool": self.tool,
            "operation": self.operation,
            "access": self.access,
            "provider": self.provider,
            "workspace": where,
            "region": _short(self.region, masker),
            "arguments": arguments,
            "dry_run": self.dry_run,
            "error": self.error,
            "status": self.status,
            "changes": list(self.changes[:_MOST_CHANGES]),
            "handle": self.handle,
            "rows": self.rows,
            "bytes": self.size,
            "duration_ms": self.duration_ms,
            "sandbox": self.sandbox,
        }
        return json.dumps(facts, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _short(text: Json, masker: Masker) -> Json:
    return masker.name(text, LONGEST_NAME, LARGEST_NAME) if isinstance(text, str) else text


def system_user() -> str:
    """The user whose process this is, by the operating system's word and not the environment's."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except ImportError:  # Windows
        import getpass

        return getpass.getuser()
    except KeyError:
        return str(os.getuid())
