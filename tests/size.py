"""Fails when a source file is over 400 lines or the median is over 120; no list of exceptions."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

MOST_LINES, MOST_MEDIAN = 400, 120
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Measure every Python file of the package."""
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "src").rglob("*.py")}
    long = {path: lines for path, lines in sizes.items() if lines > MOST_LINES}
    for path, lines in long.items():
        print(f"{path.relative_to(ROOT)} has {lines} lines, more than {MOST_LINES}: split it by reason to change")
    median = statistics.median(sizes.values())
    print(f"{len(sizes)} files, median {median:g} lines, longest {max(sizes.values())}")
    return int(bool(long) or median > MOST_MEDIAN)


if __name__ == "__main__":
    sys.exit(main())
