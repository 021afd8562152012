"""`audience-mcp contract status`: how sure each path is, what overlays correct, what is refused and why."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from audience_mcp.cli.known import Known, known, learned
from audience_mcp.cli.running import settings_of
from audience_mcp.cli.verbs import DONE
from audience_mcp.contract.overlays import overlay_path, overlooked
from audience_mcp.contract.standing import Standing, providers_here
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers import PROVIDERS

LEVELS = ("seed", "public", "sibling", "inferred", "imported", "probed")
MEANINGS = {
    "seed": "printed in the provider's primary document",
    "public": "on another public page",
    "sibling": "same resource as a documented path; the verb is assumed",
    "inferred": "a guess; refused before sending where it writes or carries a credential",
    "imported": "taken by you from the provider's own document",
    "probed": "found out by you with harmless requests",
}
WHY = {
    "destructive": "its path is a guess, and it deletes",
    "write": "its path is a guess, and it writes",
}
CREDENTIAL = "its path is a guess, and it carries a credential"


def run(options: argparse.Namespace) -> int:
    """Print the table or the same as JSON."""
    settings = settings_of(options)
    refuses = settings.unconfirmed == "refuse"
    now = known(sandboxes=providers_here(settings))
    if options.json:
        print(json.dumps(_report(now, refuses), ensure_ascii=False, indent=1))
        return DONE
    _print_counts(now.operations)
    _print_overlays(now.overlays)
    for path in overlooked():
        print(f"\nnot read: {path}: an overlay is called after its provider, such as {overlay_path('synerise').name}")
    guesses = [operation for operation in now.operations if operation.risky_guess]
    if guesses:
        print(f"\n{'refused unless' if refuses else 'sent, because'} AUDIENCE_MCP_UNCONFIRMED=allow:")
    for operation in guesses:
        print(f"  {operation.name:44}{operation.method} {operation.path}: {_why(operation)}")
    return DONE


def _print_counts(operations: list[Operation]) -> None:
    shown = [level for level in LEVELS if any(operation.tool.contract == level for operation in operations)]
    print(f"{'provider':12}{'toolset':26}{'total':>6}" + "".join(f"{level:>10}" for level in shown))
    for provider in PROVIDERS:
        own = [operation for operation in operations if operation.provider == provider.id]
        _row(provider.id, "", own, shown)
        for toolset, part in _areas(own).items():
            _row("", toolset, part, shown)
    _row("all", "", operations, shown)
    print()
    for level in shown:
        print(f"{level:10}{MEANINGS[level]}")


def _print_overlays(overlays: list[Standing]) -> None:
    for overlay in overlays:
        print(f"\noverlay {overlay.path}")
        told = {one.operation: f"{one.status} {one.date[:10]} from {one.source}" for one in learned(overlay)}
        for tool in overlay.tools:
            print(f"  {tool:44}{told.get(tool, 'written by hand')}")
        for refused in overlay.refused:
            print(f"  ! not applied: {refused.subject}: {refused.reason}")


def _areas(operations: list[Operation]) -> dict[str, list[Operation]]:
    areas: dict[str, list[Operation]] = {}
    for operation in operations:
        areas.setdefault(operation.toolset, []).append(operation)
    return areas


def _row(provider: str, toolset: str, operations: list[Operation], levels: list[str]) -> None:
    counts = _counts(operations)
    cells = "".join(f"{counts.get(level) or '':>10}" for level in levels)
    print(f"{provider:12}{toolset:26}{len(operations):>6}{cells}")


def _counts(operations: Iterable[Operation]) -> Mapping[str, int]:
    return dict(Counter(str(operation.tool.contract) for operation in operations))


def _why(operation: Operation) -> str:
    """Why a guess is refused."""
    return CREDENTIAL if operation.supplied else WHY.get(operation.access, CREDENTIAL)


def _report(now: Known, refuses: bool) -> dict[str, Any]:
    by_provider = {p.id: [o for o in now.operations if o.provider == p.id] for p in PROVIDERS}
    return {
        "totals": {provider: _counts(own) for provider, own in by_provider.items()},
        "areas": {
            provider: {toolset: _counts(part) for toolset, part in _areas(own).items()}
            for provider, own in by_provider.items()
        },
        "operations": [
            {
                "tool": operation.name,
                "method": operation.method,
                "path": operation.path,
                "contract": operation.tool.contract,
                "refused": operation.risky_guess and refuses,
                "why": _why(operation) if operation.risky_guess else None,
                "source": operation.tool.source,
            }
            for operation in now.operations
        ],
        "overlays": [
            {
                "provider": overlay.provider,
                "file": str(overlay.path),
                "tools": list(overlay.tools),
                "corrections": [
                    {"tool": one.operation, "status": one.status, "source": one.source, "date": one.date}
                    for one in learned(overlay)
                ],
                "not_applied": [asdict(refused) for refused in overlay.refused],
            }
            for overlay in now.overlays
        ],
        "not_read": [str(path) for path in overlooked()],
    }
