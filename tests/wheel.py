"""Builds the wheel, installs it alone into a fresh environment, and uses it there as a user would."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CALLS = [
    ["--version"],
    ["contract", "status"],
    ["tools", "--tokens"],
    ["call", "posthog_list_cohorts", "--sandbox"],
]


def main() -> int:
    """Build, install, run; the first failure ends it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _run([sys.executable, "-m", "build", "--wheel", "--outdir", str(place), str(ROOT)], place)
        (wheel,) = place.glob("*.whl")
        venv.create(place / "env", with_pip=True)
        scripts = place / "env" / ("Scripts" if sys.platform == "win32" else "bin")
        _run([str(scripts / "python"), "-m", "pip", "install", "--quiet", str(wheel)], place)
        for arguments in CALLS:
            out = _run([str(scripts / "audience-mcp"), *arguments], place)
            assert out.strip(), f"{arguments} printed nothing"
        listed = _run([str(scripts / "audience-mcp"), "tools", "--json"], place)
        assert json.loads(listed) == json.loads((ROOT / "tools.json").read_text(encoding="utf-8")), "tools.json differs"
        _handshake(str(scripts / "audience-mcp"), place)
        print(f"{wheel.name}: installed alone and used")
    return 0


def _handshake(command: str, folder: Path) -> None:
    """One real initialize and tools/list over the installed command's pipes; nothing but frames may come back."""
    requests = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "wheel", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}},
    ]
    with subprocess.Popen(
        [command, "serve", "--sandbox"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder, text=True
    ) as server:
        assert server.stdin and server.stdout
        for request in requests:
            server.stdin.write(json.dumps(request) + "\n")
            server.stdin.flush()
        answers: dict[int, dict[str, Any]] = {}
        while {1, 2} - set(answers):
            frame = json.loads(server.stdout.readline())
            answers[frame.get("id")] = frame
        server.stdin.close()
        assert len(answers[2]["result"]["tools"]) > 100
        assert server.wait(timeout=30) == 0


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
