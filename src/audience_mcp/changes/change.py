"""One change at a provider, and the lines it is kept as: one when it begins, one each time more is known of its end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Json = Any
Ending = Literal["done", "failed", "unknown"]

OUTCOMES = ("done", "failed", "unknown")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change was made: provider, base URL, and the workspace (`id` is None where the provider tells none)."""

    provider: str
    url: str
    id: str | None = None
    name: str | None = None
    label: str = ""

    @property
    def key(self) -> str:
        """What tells this workspace from every other one."""
        return "\n".join((self.provider, self.url, self.id or f"@{self.label}"))

    @property
    def reference(self) -> str | None:
        """The `workspace` argument that means it."""
        return f"{self.id}@{self.label}" if self.id else None

    @property
    def title(self) -> str:
        """Name and id for a reader."""
        if self.name and self.id and self.name != self.id:
            return f"{self.name} ({self.id})"
        return self.name or self.id or "(the credential's own)"


@dataclass(frozen=True, slots=True)
class Change:
    """One write to one object.

    `tool` is the name of the tool that was called, `operation` the id of the operation that it was for this object
    (another one where the tool is about many). `sent` are the values written, where they are needed to take them back;
    `fields` the names of what was written. `before` is the object as it was, None where nothing was there or it could
    not be read; `after` the object as this server left it, None where that is not known or nothing is left; `made` is
    the id of what was created; `undoes` the change that this one takes back.
    """

    id: str
    at: float
    place: Place
    tool: str
    operation: str
    object: str | int | None = None
    name: str | None = None
    sent: Mapping[str, Json] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    before: Json = None
    undoes: str | None = None
    outcome: Ending = "unknown"
    after: Json = None
    made: str | int | None = None

    def begun(self) -> bytes:
        """The line that says what is about to be written."""
        facts = asdict(self)
        for later in ("outcome", "after", "made"):
            del facts[later]
        return _line({"change": facts})

    def ended(self) -> bytes:
        """The line that says how it ended, as far as it is known by now."""
        known = {"name": self.name, "outcome": self.outcome, "after": self.after, "made": self.made}
        return _line({"of": self.id, "known": known})


def read_changes(lines: Iterable[bytes]) -> list[Change]:
    """The changes of a journal, the oldest first; a line that broke off or makes no sense is passed over."""
    found: dict[str, Change] = {}
    for line in lines:
        try:
            facts = json.loads(line)
            if "change" in facts:
                change = _change(facts["change"])
                found[change.id] = change
            elif facts["of"] in found and facts["known"]["outcome"] in OUTCOMES:
                found[facts["of"]] = replace(found[facts["of"]], **facts["known"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return list(found.values())


def _change(facts: dict[str, Json]) -> Change:
    return Change(**{**facts, "place": Place(**facts["place"]), "fields": tuple(facts["fields"])})


def _line(facts: Mapping[str, Json]) -> bytes:
    return json.dumps(facts, separators=(",", ":"), default=str).encode() + b"\n"
