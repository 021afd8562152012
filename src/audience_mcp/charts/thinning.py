"""More series or points than a chart can show -> those it shows, and a sentence on what became of the others."""

from __future__ import annotations

from dataclasses import replace

from audience_mcp.charts.forms import Line, Lines
from audience_mcp.charts.style import MOST_SERIES

MOST_POINTS = 1000
_OTHERS = "other"


def fewer_series(lines: Lines) -> tuple[Lines, list[str]]:
    """The largest series in the order they came; the others are left out."""
    kept = _largest(lines)
    left = len(lines.lines) - len(kept)
    if not left:
        return lines, []
    note = f"the {len(kept)} largest of {len(lines.lines)} series are drawn"
    return replace(lines, lines=[lines.lines[at] for at in kept]), [note]


def folded_series(lines: Lines) -> tuple[Lines, list[str]]:
    """The largest series in the order they came, and all others added up."""
    kept = _largest(lines)
    others = [line for at, line in enumerate(lines.lines) if at not in kept]
    if not others:
        return lines, []
    sums = [sum(value or 0 for value in values) for values in zip(*(line.values for line in others), strict=True)]
    name = f"{_OTHERS} ({len(others)})"
    folded = [*(lines.lines[at] for at in kept), Line(name, [*sums])]
    return replace(lines, lines=folded), [f"“{name}” is the sum of the {len(others)} smallest series"]


def fewer_points(lines: Lines, most: int = MOST_POINTS) -> tuple[Lines, list[str]]:
    """Of each stretch of neighbouring points the least and the greatest of every series, so that no peak is lost."""
    total = len(lines.marks)
    if total <= most:
        return lines, []
    stretches = max(most // (2 * len(lines.lines)), 1)
    kept: set[int] = {0, total - 1}
    for number in range(stretches):
        stretch = range(number * total // stretches, (number + 1) * total // stretches)
        for line in lines.lines:
            known = [at for at in stretch if line.values[at] is not None]
            if known:
                kept |= {
                    min(known, key=lambda at: line.values[at] or 0),
                    max(known, key=lambda at: line.values[at] or 0),
                }
    order = sorted(kept)
    thinned = replace(
        lines,
        marks=[lines.marks[at] for at in order],
        places=[lines.places[at] for at in order] if lines.places else [],
        lines=[Line(line.name, [line.values[at] for at in order]) for line in lines.lines],
    )
    return thinned, [f"{len(order):,} of {total:,} points are drawn, the least and the greatest of each stretch"]


def _largest(lines: Lines) -> list[int]:
    sizes = [sum(abs(value) for value in line.values if value is not None) for line in lines.lines]
    order = sorted(range(len(sizes)), key=lambda at: -sizes[at])
    return sorted(order[:MOST_SERIES])
