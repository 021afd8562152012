"""Text -> o200k_base tokens: counted with the npm package gpt-tokenizer where it is installed, else estimated.

The encoding's vocabulary ships in that package, so that nothing is downloaded while measuring.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from audience_mcp.results.budget import estimate

PACKAGE = Path(__file__).parents[1] / ".venv-bench" / "node_modules" / "gpt-tokenizer"
SCRIPT = Path(__file__).with_name("tokens.cjs")


@dataclass(frozen=True, slots=True)
class Counter:
    """A way to count tokens; `exact` when it is the encoding itself."""

    name: str
    exact: bool
    count: Callable[[Sequence[str]], list[int]]


def counter(package: Path = PACKAGE) -> Counter:
    """The best way to count that this machine has."""
    node = shutil.which("node")
    if node is None or not package.is_dir():
        return Counter("the server's own cautious estimate of o200k_base", False, estimated)

    def counted(texts: Sequence[str]) -> list[int]:
        command = [node, "--max-old-space-size=4096", str(SCRIPT), str(package)]
        run = subprocess.run(command, input=json.dumps(list(texts)).encode(), check=True, capture_output=True)
        counts: list[int] = json.loads(run.stdout)
        return counts

    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    return Counter(f"o200k_base (gpt-tokenizer {version})", True, counted)


def estimated(texts: Sequence[str]) -> list[int]:
    """What the server would take each text to cost."""
    return [estimate(text) for text in texts]
