"""`audience-mcp contract undo`: a provider's overlay as it was before the last import or probe."""

from __future__ import annotations

import argparse
import sys

from audience_mcp.cli.asking import tell_unusable
from audience_mcp.cli.known import changed, operations
from audience_mcp.cli.running import settings_of
from audience_mcp.cli.verbs import DONE, FAILED
from audience_mcp.contract.overlays import overlay_path, undo
from audience_mcp.openapi.operation import Operation
from audience_mcp.openapi.overlay import OverlayProblem
from audience_mcp.results.wording import counted


def run(options: argparse.Namespace) -> int:
    """Go back one step and tell what is different now; 1 where there is no step to go back."""
    settings_of(options)  # refuses a setting that nothing knows
    provider: str = options.provider
    before = operations(provider)
    try:
        undone = undo(provider)
    except OverlayProblem as problem:
        print(f"audience-mcp: the last change to the overlay of {provider} is not undone: {problem}", file=sys.stderr)
        return FAILED
    except OSError as error:
        tell_unusable(provider, error)
        return FAILED
    if not undone:
        print(f"audience-mcp: no import or probe of {provider} can be undone: none is kept", file=sys.stderr)
        if overlay_path(provider).exists():
            print(f"Next: {overlay_path(provider)} can be edited or deleted by hand.", file=sys.stderr)
        return FAILED
    after = operations(provider)
    names = changed(before, after)
    for name in names:
        print(f"{name}: {_told(before[name])} -> {_told(after[name])}")
    print(
        f"The last change to the overlay of {provider} is undone; {counted(len(names), 'tool')}"
        f" {'is' if len(names) == 1 else 'are'} as before it."
    )
    return DONE


def _told(operation: Operation) -> str:
    return f"{operation.method} {operation.path} ({operation.tool.contract})"
