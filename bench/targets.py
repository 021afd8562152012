"""What was measured -> every figure we hold ourselves to, met or missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.contestants import OURS, PEER, PLAIN
from bench.figures import Figures
from bench.measuring import FLIGHT, IMPORT, MEMORY, START, call_figure
from bench.reading import Listing, Shown


@dataclass(frozen=True, slots=True)
class Outcome:
    """One target: what it asks for, what was measured, and whether that is enough."""

    target: str
    bound: str
    measured: str
    met: bool


def speed(figures: Figures) -> list[Outcome]:
    """Start, call, throughput and memory."""
    over_sdk = figures.ratio(OURS, START, IMPORT)
    over_peer = figures.ratio(OURS, START, PEER)
    small = figures.added(OURS, call_figure("1 KB"), PLAIN)
    large = figures.added(OURS, call_figure("1 MB"), PLAIN)
    flight = figures.ratio(OURS, FLIGHT, PEER)
    memory = figures.plain(OURS, MEMORY)
    return [
        Outcome(
            "start, beside importing the SDK's low-level server alone",
            "at most 1.15 x",
            f"{over_sdk.told()} x",
            over_sdk.median <= 1.15,
        ),
        Outcome("start, beside FastMCP", "under 0.65 x", f"{over_peer.told()} x", over_peer.median < 0.65),
        Outcome("added to httpx by a call of 1 KB", "at most 0.9 ms", f"{small.told()} ms", small.median <= 0.9),
        Outcome("added to httpx by a call of 1 MB", "at most 15 ms", f"{large.told('.1f')} ms", large.median <= 15),
        Outcome("32 calls in flight, beside FastMCP", "at least 1.3 x", f"{flight.told()} x", flight.median >= 1.3),
        Outcome(
            "memory after start with all tools", "at most 95 MiB", f"{memory.told('.1f')} MiB", memory.median <= 95
        ),
    ]


def cost(listings: Mapping[str, Listing], answers: Mapping[str, Mapping[str, Shown]]) -> list[Outcome]:
    """Tokens of the tool lists and of one large answer. `listings` are by preset."""
    outcomes = [
        _under(f"tokens of tools/list, {preset}", bound, listings[preset].tokens)
        for preset, bound in (("all", 18_000), ("core", 4_500), ("search", 1_500))
        if preset in listings
    ]
    outcomes.append(_under("characters of the longest input schema", 8_000, listings["all"].longest_schema))
    large = answers[OURS]["1 MB"]
    most = max(large.text, large.structured)
    return [*outcomes, Outcome("tokens of the answer to 1 MB, text or object", "at most 800", str(most), most <= 800)]


def caution(listings: Mapping[str, Listing], answers: Mapping[str, Mapping[str, Shown]]) -> Outcome:
    """The server's own estimate of tokens, which its budget goes by, against the encoding: never below it."""
    pairs = [(one.estimated, one.tokens) for one in listings.values()]
    pairs += [(one.estimated, one.text) for one in answers[OURS].values() if one.estimated is not None]
    ratios = [guess / true for guess, true in pairs]
    measured = f"{min(ratios):.2f} to {max(ratios):.2f} x"
    return Outcome("the server's estimate of tokens, beside o200k_base", "at least 1 x", measured, min(ratios) >= 1)


def growth(small: Mapping[str, float], large: Mapping[str, float], data: float) -> list[Outcome]:
    """The sandbox's calculations against the growth of its data; a tenth is left to noise."""
    ratios = {name: large[name] / small[name] for name in small}
    worst = max(ratios, key=ratios.__getitem__)
    bound = data * 1.1
    measured = f"{worst} {ratios[worst]:.1f} x"
    return [
        Outcome(
            f"the sandbox at {data:g} x the data, its worst", f"at most {bound:g} x", measured, ratios[worst] <= bound
        )
    ]


def _under(target: str, bound: int, measured: int) -> Outcome:
    return Outcome(target, f"under {bound:,}", f"{measured:,}", measured < bound)
