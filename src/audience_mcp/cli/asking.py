"""A change of an overlay -> the question before it, and what is told after it."""

from __future__ import annotations

import sys
from pathlib import Path

from audience_mcp.contract.overlays import by_hand, overlay_path
from audience_mcp.openapi.overlay import OverlayProblem


def agree(question: str, nothing: str, repeat: str) -> bool:
    """Whether the person agrees; without a terminal nobody can be asked.

    `nothing` says what was not done where they do not, `repeat` goes on after "Repeat with --yes".
    """
    if not sys.stdin.isatty():
        print(f"{nothing}: there is no terminal to ask on. Repeat with --yes {repeat}", file=sys.stderr)
        return False
    try:
        answer = input(f"{question} [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().casefold() in ("y", "yes"):
        return True
    print(f"{nothing}.")
    return False


def tell_written(path: Path, provider: str, tools: str) -> None:
    """Tell where a provider's overlay stands, which tools it changed, and how to go back."""
    print(f"\nwritten to {path}; {tools}")
    if kept := by_hand(provider):
        print(f"What was written by hand is kept and has the last word: {', '.join(kept)}")
    print("A server that is running keeps its tools until it is restarted.")
    print(f"To take this back: audience-mcp contract undo {provider}")


def tell_unusable(provider: str, error: OverlayProblem | OSError) -> None:
    """Tell on stderr why a provider's overlay cannot be read or written, and what to do about it."""
    if isinstance(error, OSError):
        print(f"audience-mcp: the overlay of {provider} cannot be used ({error.strerror})", file=sys.stderr)
        print(f"Next: make {overlay_path(provider)} and its folder yours to read and write.", file=sys.stderr)
    else:
        print(f"audience-mcp: the overlay of {provider} cannot be used: {error}", file=sys.stderr)
