"""Ordered events of a profile as SQL: common table expressions `chain1`, `chain2` ... one for each step.

Every step joins each of its events to the last event of the step before it. That chain carries the latest possible
start, so an event is within a limit on the whole if any chain to it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from audience_mcp.sandbox.synerise.clauses import ALWAYS, Clause, weave
from audience_mcp.sandbox.synerise.dates import Interval

DAY = 86_400
UNIT_SECONDS = {
    "SECONDS": 1,
    "MINUTES": 60,
    "HOURS": 3600,
    "DAYS": DAY,
    "WEEKS": 7 * DAY,
    "MONTHS": 30 * DAY,
    "YEARS": 365 * DAY,
}


def chained(steps: Sequence[Clause]) -> Clause:
    """The expressions for a WITH; each step is a condition on events `e`.

    Columns: profile_id, event_id, at, start, before.

    `start` is the time of the chain's first event, `before` that of the event before.
    """
    chains: list[Clause] = []
    for number, step in enumerate(steps, 1):
        found = weave('SELECT e.profile_id, e.event_id, e."at" FROM events e WHERE {}', step)
        if number == 1:
            chains.append(weave('chain1 AS (SELECT *, "at" AS start, NULL::TIMESTAMP AS before FROM ({}))', found))
        else:
            chains.append(
                weave(
                    f'chain{number} AS (SELECT later.*, earlier.start, earlier."at" AS before FROM ({{}}) AS later '
                    f"ASOF JOIN chain{number - 1} AS earlier "
                    "ON later.profile_id = earlier.profile_id AND later.event_id > earlier.event_id)",
                    found,
                )
            )
    return weave(", ".join(["{}"] * len(chains)), *chains)


def in_time(within: Interval | None) -> Clause:
    """The condition on a chain that it took no longer than that from its first event; months have 30 days."""
    if within is None:
        return ALWAYS
    return Clause('epoch("at") - epoch(start) <= ?', (within.value * UNIT_SECONDS[within.unit],))


def completed(steps: Sequence[Clause], within: Interval | None) -> Clause:
    """A query for the profiles that did all the steps in order."""
    last = f"SELECT profile_id FROM chain{len(steps)} WHERE {{}}"
    return weave(f"WITH {{}} {last}", chained(steps), in_time(within))
