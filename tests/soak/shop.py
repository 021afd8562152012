"""The sandbox as a process of its own, with faults: what it remembers must not count as the server's memory.

    python -m soak.shop FOLDER FAULTS SEED

It prints the settings that reach it as a line of JSON, reads the clock in `FOLDER`, writes its journal there, and ends
the faults when a line comes in.
"""

from __future__ import annotations

import json
import sys
import threading
from datetime import date
from pathlib import Path

import anyio

from audience_mcp.sandbox import Sandbox, serve

from .clock import SharedClock

TODAY = date(2026, 11, 20)
TOKEN_SECONDS = 900
PROFILES, EVENTS = 300, 6000


def main() -> None:
    """Serve until the process is ended."""
    folder, faults, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    sandbox = Sandbox(
        seed,
        TODAY,
        PROFILES,
        EVENTS,
        token_seconds=TOKEN_SECONDS,
        clock=SharedClock(folder / "clock"),
        faults=faults,
        journal=folder / "journal.jsonl",
    )

    def listen() -> None:
        for _ in sys.stdin:
            sandbox.calm()

    threading.Thread(target=listen, daemon=True).start()
    sandbox.state.world.connection()  # built before anybody waits for it

    def ready(base: str) -> None:
        print(json.dumps({"base": base, "environment": sandbox.environment(base)}), flush=True)

    anyio.run(lambda: serve(sandbox, ready=ready))


if __name__ == "__main__":
    main()
