"""The sandbox's journal -> how often each write was carried out, against what was said about it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .marks import marks_in

Said = Literal["done", "unknown", "not done"]


@dataclass(frozen=True, slots=True)
class Act:
    """One write that a call made: the deed the journal knows it by, what was said of it, whether twice is as once."""

    deed: str
    workspace: str
    said: Said
    repeatable: bool


@dataclass
class Findings:
    """What the journal shows."""

    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    log_ins: int = 0
    expired: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)
    again: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def violations(self) -> list[str]:
        """Everything that must not be, a sentence each."""
        return [
            *(f"lost: {what}" for what in self.lost),
            *(f"doubled: {what}" for what in self.doubled),
            *(f"said not to be done, and was: {what}" for what in self.denied),
            *(f"where it must not be: {what}" for what in self.astray),
        ]


def examine(journal: Path, acts: list[Act]) -> Findings:
    """Hold every act against the journal, and every deed of the journal against the acts."""
    found = Findings()
    carried: Counter[tuple[str, str | None]] = Counter()  # an id may be another object's in another workspace
    for entry in _entries(journal):
        found.requests += 1
        if entry["fault"]:
            found.faults[entry["fault"]] += 1
        done = entry["reached"] and 200 <= entry["status"] < 300
        found.log_ins += done and entry["path"].endswith("/auth/login/profile")
        found.expired += entry["status"] == 401 and entry["fault"] is None
        for deed in deeds(entry) if done else ():
            carried[deed, entry["workspace"]] += 1
    for act in acts:
        times = carried.pop((act.deed, act.workspace), 0)
        told = f"{act.deed} in {act.workspace} ({act.said}, carried out {times} times)"
        if act.said == "done" and not times:
            found.lost.append(told)
        if act.said == "not done" and times:
            found.denied.append(told)
        if act.said == "unknown":
            found.unknown["carried out" if times else "not carried out"] += 1
        if times > 1 and not act.repeatable:
            found.doubled.append(told)
        found.again += max(times - 1, 0) if act.repeatable else 0
    found.astray = [f"{deed} in {workspace}, which nobody asked for there" for deed, workspace in carried]
    return found


def deeds(entry: dict[str, Any]) -> list[str]:
    """What a request does, as a plan would name it; nothing for a read."""
    method, path, body = entry["method"], entry["path"].rstrip("/"), entry["body"]
    if method == "DELETE":
        return [f"DELETE {path.rpartition('/')[2]}"]
    if "cohort" in path and "static_cohort" in path:
        *_, number, action = path.split("/")
        return [f"{action} {number}"]
    if method == "PATCH" and json.loads(body or "{}").get("deleted"):
        return [f"DELETE {path.rpartition('/')[2]}"]
    marks = marks_in(body)
    changed = [mark for mark in marks if "-u" in mark]
    if method in ("POST", "PUT", "PATCH") and marks:
        return [f"change {mark}" for mark in dict.fromkeys(changed)] or [f"make {marks[0]}"]
    return []


def _entries(journal: Path) -> Iterator[dict[str, Any]]:
    with journal.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
