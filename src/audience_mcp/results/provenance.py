"""Where an answer comes from and how sure we are of it: one line for reading, one object for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from audience_mcp.results.budget import estimate
from audience_mcp.results.wording import clean, quote, shown, squeezed

Json = Any

LEVELS = 4
"""How far a provenance can be shortened: 0 keeps all, 3 only what a reader cannot do without."""

_TOKENS = (60, 45, 20, 10)
_NOTE_TOKENS = (60, 30, 0, 0)
_COLUMN_TOKENS = (60, 30, 20, 0)


@dataclass(frozen=True, slots=True)
class Provenance:
    """The facts about one answer.

    `workspace` is its name or id, `fetched` an ISO time, `operation` the tool that was called, `window` and `zone` the
    period the figures cover; `complete` is None where nobody can know; `bytes` is the size of the provider's answer;
    `handle` is None where nothing is kept; `shape` says whether the answer's form is documented or assumed, `reading`
    which fields were taken for what where it is assumed; `columns` is the table that the result is to SQL, as
    `name(column type, ...)`.
    """

    provider: str | None = None
    workspace: str | None = None
    region: str | None = None
    fetched: str | None = None
    operation: str | None = None
    window: str | None = None
    zone: str | None = None
    complete: bool | None = None
    rows: int | None = None
    bytes: int | None = None
    handle: str | None = None
    shape: str = "assumed"
    sandbox: bool = False
    notes: tuple[str, ...] = ()
    reading: str | None = None
    columns: str | None = None

    def shortened(self, level: int) -> Provenance:
        """The same with long texts cut, and at higher levels without what can be looked up."""
        most, note = _TOKENS[level], _NOTE_TOKENS[level]
        notes = tuple(squeezed(" ".join(text.split()), note) for text in self.notes[:4]) if note else ()
        if len(notes) < len(self.notes):
            notes += (f"{len(self.notes) - len(notes)} notes not shown",)
        slim = replace(
            self,
            provider=_cut(self.provider, most),
            workspace=_cut(self.workspace, most),
            region=_cut(self.region, most),
            fetched=_cut(self.fetched, 30),
            operation=_cut(self.operation, most) if level < 2 else None,
            window=_cut(self.window, most) if level < 3 else None,
            zone=_cut(self.zone, most) if level < 3 else None,
            handle=_cut(self.handle, 30),
            notes=notes,
            reading=_cut(self.reading, most) if level < 3 else None,
            columns=_some_columns(self.columns, _COLUMN_TOKENS[level]),
        )
        return slim if level < 3 else replace(slim, region=None, fetched=None, bytes=None)

    def line(self) -> str:
        """One line, starting `Source:`."""
        where = [shown(self.provider)] if self.provider else []
        where += [f"workspace {quote(self.workspace)}"] if self.workspace else []
        where += [f"region {shown(self.region)}"] if self.region else []
        parts = [", ".join(where)] if where else []
        if self.operation:
            parts.append(shown(self.operation))
        if self.fetched:
            parts.append(f"fetched {shown(self.fetched)}")
        parts += [f"window {shown(self.window)}"] if self.window else []
        parts += [f"time zone {shown(self.zone)}"] if self.zone else []
        parts.append({True: "complete", False: "partial", None: "completeness unknown"}[self.complete])
        parts += [f"{self.rows} rows"] if self.rows is not None else []
        parts += [f"{self.bytes} bytes"] if self.bytes is not None else []
        parts.append(f"handle {shown(self.handle)}" if self.handle else "not kept")
        parts.append(f"shape {self.shape}{f', read as {self.reading}' if self.reading else ''}")
        parts += ["sandbox"] if self.sandbox else []
        parts += self.notes
        parts += [f"SQL table {self.columns}"] if self.columns else []
        return f"Source: {'; '.join(parts)}."

    def structured(self) -> dict[str, Json]:
        """The same facts by name, without those that are unknown; `complete` is always there."""
        facts: dict[str, Json] = {
            "provider": self.provider,
            "workspace": self.workspace,
            "region": self.region,
            "operation": self.operation,
            "fetched": self.fetched,
            "window": self.window,
            "zone": self.zone,
            "rows": self.rows,
            "bytes": self.bytes,
            "handle": self.handle,
            "sandbox": self.sandbox or None,
            "notes": list(self.notes) or None,
            "reading": self.reading,
            "columns": self.columns,
        }
        known = {name: fact for name, fact in facts.items() if fact is not None}
        return {**known, "complete": self.complete, "shape": self.shape}


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else squeezed(text, most)


def _some_columns(text: str | None, tokens: int) -> str | None:
    """As many whole columns as `tokens` hold, and a sign that there are more; None where not even one fits."""
    if text is None or not tokens:
        return None
    plain = " ".join(clean(text).split())
    if estimate(json.dumps(plain)) <= tokens:
        return plain
    columns = plain.split(", ")
    for kept in range(min(len(columns) - 1, tokens // 2), 0, -1):
        shorter = f"{', '.join(columns[:kept])}, ...)"
        # Quoted names and nested types hold the separator too: they are not cut in two.
        whole = shorter.count('"') % 2 == 0 and shorter.count("(") == shorter.count(")")
        if whole and estimate(json.dumps(shorter)) <= tokens:
            return shorter
    return None
