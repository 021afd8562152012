"""Numbers over time -> the few that stand out, each with what would have been usual there.

Usual is the median of the three numbers before and the three after; of days also what their weekday adds, by the median
of the same weekday in other weeks. A number stands out where its distance from the usual is over `FAR` times the spread
of all distances (their median, scaled to a standard deviation; where most of them are nothing, their mean) and over a
tenth of the usual. Among thirty numbers of mere noise one is found in three series of a hundred.
"""

from __future__ import annotations

from itertools import compress
from typing import NamedTuple

FEWEST, MOST = 10, 800
"""How many numbers there must be, and how many there may be, for any to be looked for."""

FAR = 4
_TOLD, _AROUND, _WEEK, _WEEKS = 3, 3, 7, 3
_FROM_MEDIAN, _FROM_MEAN, _LEAST = 1.4826, 1.2533, 0.1


class Outlier(NamedTuple):
    """The place of a number that stands out, and what would have been usual."""

    at: int
    usual: float


def outliers(values: list[float], daily: bool = False) -> list[Outlier]:
    """At most three, the farthest first; none where the numbers are too few, or too many to look through."""
    if not FEWEST <= len(values) <= MOST:
        return []
    usual = [
        _median(values[max(at - _AROUND, 0) : at] + values[at + 1 : at + 1 + _AROUND]) for at in range(len(values))
    ]
    if daily and len(values) >= _WEEK * _WEEKS:
        usual = _with_weekdays(values, usual)
    distances = [abs(value - expected) for value, expected in zip(values, usual, strict=True)]
    spread = _median(distances) * _FROM_MEDIAN or sum(distances) / len(distances) * _FROM_MEAN
    far = [
        distance > FAR * spread and distance > _LEAST * abs(expected)
        for distance, expected in zip(distances, usual, strict=True)
    ]
    found = sorted(compress(range(len(values)), far), key=lambda at: -distances[at])
    return [Outlier(at, usual[at]) for at in found[:_TOLD]]


def _with_weekdays(values: list[float], usual: list[float]) -> list[float]:
    """What is usual around each day and on its weekday: every seventh number is the same one."""
    apart = [value - expected for value, expected in zip(values, usual, strict=True)]
    return [
        expected + _median(apart[at % _WEEK : at : _WEEK] + apart[at + _WEEK :: _WEEK])
        for at, expected in enumerate(usual)
    ]


def _median(values: list[float]) -> float:
    # The standard library's would be the only thing of its module, which takes milliseconds to import.
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2
