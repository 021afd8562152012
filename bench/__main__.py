"""`make bench`: measure everything, print the tables, write them into docs/benchmarks.md.

Misses are printed plainly and leave the exit code 0, because a busy machine may cause one; it is 1 when something could
not be measured at all.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench import contestants, reading, report, sandbox, targets
from bench.client import Broken
from bench.figures import Figures
from bench.measuring import Plan, measure, upstream
from bench.tokens import Counter, counter

PRESETS = {"all": (), "core": ("--tools", "core"), "search": ("--tools", "search")}
QUICK = Plan(
    starts=1, calls={"1 KB": (1, 20), "100 KB": (1, 5), "1 MB": (1, 3), "10 MB": (1, 1)}, in_flight=128, kept=50
)


def main() -> int:
    """Run the benchmarks; 1 when a server could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="our server beside its peer, in turn")
    parser.add_argument("--rounds", type=int, default=5, help="passes over all servers (default 5)")
    parser.add_argument("--quick", action="store_true", help="one short round, nothing written: does it all run?")
    options = parser.parse_args()
    try:
        text, outcomes = run(1 if options.quick else options.rounds, QUICK if options.quick else Plan())
    except Broken as error:
        print(f"could not be measured: {error}", file=sys.stderr)
        return 1
    print(text)
    if not options.quick:
        page = report.PAGE.read_text(encoding="utf-8")
        report.PAGE.write_text(report.written(page, text), encoding="utf-8")
    missed = [one.target for one in outcomes if not one.met]
    print(
        f"\n{len(outcomes) - len(missed)} of {len(outcomes)} targets met"
        + "".join(f"\nmissed: {one}" for one in missed)
    )
    return 0


def run(rounds: int, plan: Plan) -> tuple[str, list[targets.Outcome]]:
    """The tables as Markdown, and every target's outcome.

    Raises:
        Broken: A server did not do its part.
    """
    tokens = counter()
    with tempfile.TemporaryDirectory() as folder, upstream() as base:
        ours, peer = contestants.ours(base), contestants.peer(base, Path(folder))
        servers = [ours, peer, contestants.bare(base)]
        _tell("tokens")
        lists = {one: reading.listing(contestants.ours(base, *flags), tokens) for one, flags in PRESETS.items()}
        peer_list, shown = reading.listing(peer, tokens), reading.answers([ours, peer], tokens)
        measured = []
        for number in range(rounds):
            _tell(f"round {number + 1} of {rounds}")
            measured.append(measure(servers[number % 3 :] + servers[: number % 3], base, plan))
    _tell("the sandbox")
    small, large = sandbox.both()
    figures = Figures(measured)
    outcomes = [
        *targets.speed(figures),
        *targets.cost(lists, shown),
        *([targets.caution(lists, shown)] if tokens.exact else []),
        *targets.growth(small, large, sandbox.SIZES[1] / sandbox.SIZES[0]),
    ]
    parts = [
        _circumstances(rounds, tokens),
        report.targets(outcomes),
        f"## Speed and memory\n\n{report.speeds(figures)}",
        f"## Tokens of the tool list\n\n{report.lists(lists, peer_list)}",
        f"## Tokens of one answer\n\n{report.answers(shown)}",
        f"## The sandbox\n\n{report.sandbox(small, large, sandbox.SIZES)}",
    ]
    return "\n\n".join(parts), outcomes


def _circumstances(rounds: int, tokens: Counter) -> str:
    versions = {
        "audience-mcp": version("audience-mcp"),
        "Python": platform.python_version(),
        "mcp": version("mcp"),
        "httpx": version("httpx"),
        **contestants.peer_versions(),
    }
    told = ", ".join(f"{name} {number}" for name, number in versions.items())
    machine = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    return f"{date.today()}, {machine}; {told}. {rounds} round{'s' * (rounds > 1)}. Tokens: {tokens.name}."


def _tell(step: str) -> None:
    if sys.stderr.isatty():
        print(f"bench: {step}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
