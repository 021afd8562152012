"""Puts the lowest supported versions of mcp, httpx and pydantic into the environment that runs this file."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

HELD = ("mcp", "httpx", "pydantic")


def main() -> int:
    """Install each at the lower bound that pyproject.toml states."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    pins = []
    for requirement in project["project"]["dependencies"]:
        found = re.match(r"([a-z0-9-]+)>=([0-9.]+)", requirement)
        if found and found[1] in HELD:
            pins.append(f"{found[1]}=={found[2]}.*")
    assert len(pins) == len(HELD), pins
    print("lowest:", ", ".join(pins))
    return subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *pins])


if __name__ == "__main__":
    sys.exit(main())
