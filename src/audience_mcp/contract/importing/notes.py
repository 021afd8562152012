"""What was left out of a foreign document and why, each reason once with a count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

MOST_KINDS = 40


class Notes:
    """Collects remarks while a document is read."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, remark: str) -> None:
        """Remember one remark; the same words again only count."""
        if remark in self._counts or len(self._counts) < MOST_KINDS:
            self._counts[remark] += 1

    def lines(self) -> Iterator[str]:
        """The remarks in the order first met."""
        for remark, count in self._counts.items():
            yield remark if count == 1 else f"{remark} ({count} times)"
