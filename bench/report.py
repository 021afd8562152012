"""What was measured -> Markdown tables, and the page in docs/ between its two marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.contestants import BARE, OURS, PEER, PLAIN
from bench.figures import Figures
from bench.measuring import (
    FIRST_LIST,
    FLIGHT,
    LIST,
    MEMORY,
    MEMORY_AFTER,
    MODERN,
    PROCESSOR,
    START,
    WIDTH,
    call_figure,
)
from bench.reading import Listing, Shown
from bench.targets import Outcome
from bench.upstream import ITEMS

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin, written by make bench -->", "<!-- figures: end -->"

_ROWS = (
    (START, "process start to `initialize` answered, ms", ".0f"),
    (FIRST_LIST, "first `tools/list`, ms", ".1f"),
    (LIST, "`tools/list` again, ms", ".1f"),
    *((call_figure(size), f"call, answer of {size}, ms", ".2f") for size in ITEMS),
    (MODERN, "call of 1 KB, protocol 2026-07-28, ms", ".2f"),
    (FLIGHT, f"{WIDTH} calls in flight, calls/s", ".0f"),
    (PROCESSOR, "processor time of the server per call in flight, ms", ".2f"),
    (MEMORY, "memory after start and `tools/list`, MiB", ".0f"),
    (MEMORY_AFTER, "memory after 1,000 results of 100 KB more, MiB", ".0f"),
)


def targets(outcomes: Iterable[Outcome]) -> str:
    """Every target with what was measured."""
    rows = [(one.target, one.bound, one.measured, "met" if one.met else "**missed**") for one in outcomes]
    return _table(("figure", "target", "measured", ""), rows)


def speeds(figures: Figures) -> str:
    """Medians over the rounds, with the least and the most, and the ratio to the peer."""
    servers = (OURS, PEER, BARE, PLAIN)
    rows = []
    for figure, title, form in _ROWS:
        cells = [figures.plain(one, figure).told(form) if figures.has(one, figure) else "" for one in servers]
        rows.append((title, *cells, figures.ratio(OURS, figure, PEER).told()))
    return _table(("", *servers, "ours / FastMCP's"), rows)


def lists(listings: Mapping[str, Listing], peer: Listing) -> str:
    """Tokens of the tool lists, by preset and provider."""
    providers = sorted({name for one in listings.values() for name in one.by_provider})
    rows = [
        (
            f"`--tools {preset}`",
            str(one.tools),
            *(f"{one.by_provider.get(name, 0):,}" for name in providers),
            f"{one.tokens:,}",
        )
        for preset, one in listings.items()
    ]
    rows.append((PEER, str(peer.tools), *("" for _ in providers), f"{peer.tokens:,}"))
    return _table(("list", "tools", *providers, "tokens"), rows)


def answers(shown: Mapping[str, Mapping[str, Shown]]) -> str:
    """What one answer costs, by its size."""
    rows = [
        (size, *(cell for one in (OURS, PEER) for cell in _cells(shown[one][size])), _times(shown, size))
        for size in ITEMS
    ]
    heads = [f"{one}: {part}" for one in (OURS, PEER) for part in ("text", "object", "bytes sent")]
    return _table(("answer", *heads, "FastMCP's text / ours"), rows)


def sandbox(small: Mapping[str, float], large: Mapping[str, float], sizes: Sequence[int]) -> str:
    """The sandbox at two sizes of its data."""
    rows = [
        (
            name if name.endswith("MB") else f"{name}, ms",
            *(f"{one[name] * (1 if name.endswith('MB') else 1000):.1f}" for one in (small, large)),
            f"{large[name] / small[name]:.1f}",
        )
        for name in small
    ]
    return _table(("", *(f"{size:,} events" for size in sizes), "ratio"), rows)


def written(page: str, figures: str) -> str:
    """The page with new figures between its marks.

    Raises:
        ValueError: The page has no marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN!r} or {END!r}")
    return f"{before}{BEGIN}\n\n{figures.strip()}\n\n{END}{after}"


def _cells(shown: Shown) -> tuple[str, str, str]:
    return f"{shown.text:,}", f"{shown.structured:,}", f"{shown.wire:,}"


def _times(shown: Mapping[str, Mapping[str, Shown]], size: str) -> str:
    return f"{shown[PEER][size].text / shown[OURS][size].text:,.1f}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
