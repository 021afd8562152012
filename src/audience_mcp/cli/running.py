"""Parsed flags -> settings and a started program, the same for every command that runs one."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from audience_mcp.app import read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.errors import SettingsProblem
from audience_mcp.settings import Settings

if TYPE_CHECKING:
    from audience_mcp.contract.standing import Standing

FLAGS = (
    "sandbox",
    "providers",
    "toolsets",
    "tools",
    "read_only",
    "workspace",
    "pin_workspace",
    "redact",
    "audit",
    "config",
    "log",
)

CLEARED = "\r\x1b[K"


class Terminal(NoAsker):
    """The person at a command: told on stderr how far a long call is, where that is a terminal."""

    def __init__(self) -> None:
        self._written = False

    @property
    def listens(self) -> bool:
        """Whether somebody watches stderr."""
        return sys.stderr.isatty()

    async def report(self, done: float, total: float | None, message: str) -> None:
        """Write the step over the one before."""
        if self.listens:
            print(f"{CLEARED}{message}", end="", file=sys.stderr, flush=True)
            self._written = True

    def clear(self) -> None:
        """Take the last step away: the answer comes in its place."""
        if self._written:
            print(CLEARED, end="", file=sys.stderr, flush=True)
            self._written = False


def corrected(overlays: Iterable[Standing]) -> Iterator[str]:
    """What overlays change and what of them is not applied, a line each."""
    for overlay in overlays:
        if overlay.tools:
            yield f"corrected by the overlay {overlay.path.name}: {', '.join(overlay.tools)}"
        if overlay.problem:
            yield overlay.problem


def settings_of(options: argparse.Namespace, *, strict: bool = True) -> Settings:
    """The settings of a run; `strict` refuses an unknown AUDIENCE_MCP_ name, which `serve` only tells.

    Raises:
        SettingsProblem: A setting cannot be used.
    """
    settings = read_settings({name: getattr(options, name, None) for name in FLAGS})
    if strict and settings.problems:
        raise SettingsProblem("; ".join(settings.problems))
    logging.basicConfig(stream=sys.stderr, level=settings.log, format="%(levelname)s %(name)s: %(message)s")
    for noisy in ("httpx", "httpcore"):
        # Their lines hold whole URLs; ours hold none.
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return settings
