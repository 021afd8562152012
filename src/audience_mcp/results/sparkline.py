"""Numbers in order -> their course as a line of block characters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

LONGEST = 16
_BLOCKS, _NOTHING = "▁▂▃▄▅▆▇█", "·"


def sparkline(values: Sequence[float | None]) -> str:
    """One block for each number, lowest to highest; of more than `LONGEST`, for the mean of as many equal parts.

    A part without a number is a dot.
    """
    parts = min(len(values), LONGEST)
    bounds = [len(values) * part // parts for part in range(parts + 1)] if parts else []
    means = [_mean(values[start:stop]) for start, stop in pairwise(bounds)]
    known = [mean for mean in means if mean is not None]
    low, high = min(known, default=0), max(known, default=0)
    return "".join(_NOTHING if mean is None else _block(mean - low, high - low) for mean in means)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _block(height: float, whole: float) -> str:
    return _BLOCKS[min(int(height / whole * len(_BLOCKS)), len(_BLOCKS) - 1)] if whole else _BLOCKS[0]
