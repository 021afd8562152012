"""`audience-mcp contract undo`: a provider's overlay as it was before the last import or probe."""

from __future__ import annotations

import argparse
import sys

from audience_mcp.cli.running import settings_of
from audience_mcp.cli.standing import known
from audience_mcp.contract.overlays import undo
from audience_mcp.openapi.operation import Operation


def run(options: argparse.Namespace) -> int:
    """Go back one step and tell what is different now; 1 where there is no step to go back."""
    settings_of(options)  # refuses a setting that nothing knows
    provider: str = options.provider
    before = _operations(provider)
    try:
        undone = undo(provider)
    except OSError as error:
        print(f"audience-mcp: the overlay of {provider} cannot be changed ({error.strerror})", file=sys.stderr)
        return 1
    if not undone:
        print(f"audience-mcp: no import or probe of {provider} can be undone: none is kept", file=sys.stderr)
        return 1
    after = _operations(provider)
    changed = [name for name, operation in before.items() if operation != after[name]]
    for name in changed:
        print(f"{name}: {_told(before[name])} -> {_told(after[name])}")
    print(f"The last change to the overlay of {provider} is undone; {len(changed)} tools are as they were before it.")
    return 0


def _operations(provider: str) -> dict[str, Operation]:
    return {operation.name: operation for operation in known([provider]).operations}


def _told(operation: Operation) -> str:
    return f"{operation.method} {operation.path} ({operation.tool.contract})"
