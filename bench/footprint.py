"""A process id -> what it takes of the machine: resident memory in MiB, and processor time in seconds."""

from __future__ import annotations

import subprocess
from pathlib import Path


def resident(pid: int) -> float:
    """What the system keeps of the process in memory now."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    return int(_told(pid, "rss=")) / 1024


def processor(pid: int) -> float:
    """The processor time the process has used since it began, in all its threads."""
    schedule = Path(f"/proc/{pid}/schedstat")
    if schedule.exists():
        return sum(int(one.read_text().split()[0]) for one in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
    minutes, _, seconds = _told(pid, "cputime=").rpartition(":")
    hours, _, rest = minutes.rpartition(":")
    return int(hours or 0) * 3600 + int(rest or 0) * 60 + float(seconds)


def _told(pid: int, column: str) -> str:
    run = subprocess.run(["ps", "-o", column, "-p", str(pid)], check=True, capture_output=True, text=True)
    return run.stdout.strip()
