"""A run -> what it came to, as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .desk import Tally
from .stress import WAVE, Outcome
from .witness import Act, Findings

MOST_GROWTH = 0.10  # of the memory at half of the calls
MOST_SHOWN = 25


@dataclass
class Run:
    """All that was counted; `memory` is in MiB, at 10 %, 50 % and 100 % of the calls."""

    calls: int
    faults: str
    tally: Tally
    acts: list[Act]
    found: Findings = field(default_factory=Findings)
    memory: list[float] = field(default_factory=list)
    seconds: float = 0.0
    repeats: int = 0
    things: int = 0

    @property
    def violations(self) -> list[str]:
        """Everything that must not be, a sentence each."""
        growth = f"memory grew from {self.memory[1]:.0f} to {self.memory[2]:.0f} MiB"
        return [
            *(f"wrong: {what}" for what in self.tally.wrong),
            *self.found.violations,
            *([growth] if self.memory[2] > self.memory[1] * (1 + MOST_GROWTH) else []),
        ]


def lines(run: Run) -> Iterator[str]:
    """The table, and below it what must not have been."""
    tally, found = run.tally, run.found
    said = {kind: sum(act.said == kind for act in run.acts) for kind in ("done", "unknown", "not done")}
    unknown = ", ".join(f"{number} {what}" for what, number in sorted(found.unknown.items()))
    rows = {
        "faults": run.faults,
        "calls": f"{sum(tally.made.values())} in {run.seconds:.0f} s",
        **{f"{kind} that succeeded": _share(tally.succeeded[kind], tally.made[kind]) for kind in ("reads", "writes")},
        **{f"  {kind}": str(number) for kind, number in sorted(tally.errors.items())},
        "things made": str(run.things),
        "writes acknowledged": str(said["done"]),
        "outcome unknown": f"{said['unknown']} ({unknown})",
        "told as not done": str(said["not done"]),
        "requests": str(found.requests),
        "struck by a fault": _share(sum(found.faults.values()), found.requests),
        **{f"  {kind}": str(number) for kind, number in sorted(found.faults.items())},
        "waits before repeating": str(run.repeats),
        "log-ins": str(found.log_ins),
        "tokens that ended in flight": str(found.expired),
        "carried out again, which is safe": str(found.again),
        "wrong answers": str(len(tally.wrong)),
        "writes lost": str(len(found.lost)),
        "writes doubled": str(len(found.doubled)),
        "done though told as not done": str(len(found.denied)),
        "done in another workspace": str(len(found.astray)),
        "memory at 10, 50, 100 %": ", ".join(f"{one:.1f} MiB" for one in run.memory),
    }
    yield from _table(rows, run.violations)


def stress_lines(runs: Sequence[tuple[Outcome, int]]) -> Iterator[str]:
    """The second part, with keys and then by a user."""
    for name, (found, ends) in zip(("with keys", "by a user"), runs, strict=True):
        rows = {
            f"calls at once {name}": f"{found.calls} in waves of {WAVE}",
            "  answered": str(found.answered),
            "  refused in flight, and repeated": str(found.refused),
            "  ends of all tokens": str(ends),
            "  log-ins": ", ".join(f"{who}: {times}" for who, times in sorted(found.log_ins.items())),
            "  wrong": str(len(found.wrong)),
        }
        yield from _table(rows, found.wrong)


def _table(rows: Mapping[str, str], violations: Sequence[str]) -> Iterator[str]:
    width = max(map(len, rows))
    yield from (f"{name:{width}}  {value}" for name, value in rows.items())
    for what in violations[:MOST_SHOWN]:
        yield f"! {what}"
    if len(violations) > MOST_SHOWN:
        yield f"! and {len(violations) - MOST_SHOWN} more"


def _share(some: int, every: int) -> str:
    return f"{some} of {every} ({some / every:.2%})" if every else "0"
