"""Each tool's schema -> thousands of calls, good and hostile: none may fail inside, hang, or send what is not its own.

    python -m fuzz.arguments [--cases N] [--seed N] [--tool NAME ...]

Exit code 1 when one did; module `calls` says what is looked at.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import anyio

CASES = 150


def main() -> int:
    """Run and tell."""
    # Not above: the process that draws charts imports this file again, and needs nothing of it.
    from fuzz.calls import HEADER, fuzzed
    from fuzz.world import opened

    options = _options()
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as world:
        tally = anyio.run(fuzzed, world, options.cases, options.seed, options.tool)
    print("  ".join(name.rjust(8) for name in HEADER))
    print(tally.row())
    if tally.never:
        print(f"never accepted: {', '.join(tally.never)}")
    for line in tally.wrong:
        print(f"WRONG {line}")
    return int(bool(tally.wrong))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz.arguments", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=CASES, help="calls per tool, a third of them good")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--tool", nargs="+", help="these tools only")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
