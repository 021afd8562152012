"""Rounds of raw figures -> medians, spreads, differences and ratios.

A round is one pass over all servers, so a difference or a ratio is formed within a round, where the machine was the
same for both, and only then the median is taken over the rounds.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Round = Mapping[str, Mapping[str, float]]
"""Server -> figure -> value."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, and the least and most of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Of at least one value."""
        found = sorted(values)
        return cls(statistics.median(found), found[0], found[-1])

    def told(self, form: str = ".2f") -> str:
        """`median (low to high)`; of one round the value alone."""
        if self.low == self.high:
            return format(self.median, form)
        return f"{self.median:{form}} ({self.low:{form}} to {self.high:{form}})"


class Figures:
    """What was measured, round by round."""

    def __init__(self, rounds: Iterable[Round]) -> None:
        self.rounds = list(rounds)

    def has(self, server: str, figure: str) -> bool:
        """Whether every round measured it."""
        return all(figure in one.get(server, {}) for one in self.rounds)

    def plain(self, server: str, figure: str) -> Spread:
        """One figure of one server."""
        return Spread.of(one[server][figure] for one in self.rounds)

    def added(self, server: str, figure: str, base: str) -> Spread:
        """By how much it is over `base`'s."""
        return Spread.of(one[server][figure] - one[base][figure] for one in self.rounds)

    def ratio(self, server: str, figure: str, base: str, base_figure: str | None = None) -> Spread:
        """How many times `base`'s it is."""
        return Spread.of(one[server][figure] / one[base][base_figure or figure] for one in self.rounds)
