"""`audience-mcp contract status`: how many operations of each provider are documented, inferred, refused."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import Any

from audience_mcp.cli.running import settings_of
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers import PROVIDERS
from audience_mcp.tools.catalog import Catalog, Offer

LEVELS = ("seed", "public", "sibling", "inferred", "imported", "probed")
MEANINGS = {
    "seed": "printed in the provider's primary document",
    "public": "on another public page",
    "sibling": "same resource as a documented path; the verb is assumed",
    "inferred": "a guess; refused before sending where it writes or carries a credential",
}


def run(options: argparse.Namespace) -> int:
    """Print the table or the same as JSON."""
    settings_of(options)  # refuses a setting that nothing knows
    catalog = Catalog(Offer(tuple(provider.id for provider in PROVIDERS)))
    operations = [
        operation
        for provider in PROVIDERS
        for operation in catalog.operations(provider.id)
        if not operation.tool.internal
    ]
    if options.json:
        print(json.dumps(_report(operations), ensure_ascii=False, indent=1))
        return 0
    shown = [level for level in LEVELS if any(operation.tool.contract == level for operation in operations)]
    print(f"{'provider':12}{'toolset':26}{'total':>6}" + "".join(f"{level:>10}" for level in shown))
    for provider in PROVIDERS:
        own = [operation for operation in operations if operation.provider == provider.id]
        _row(provider.id, "", own, shown)
        for toolset in dict.fromkeys(operation.toolset for operation in own):
            _row("", toolset, [operation for operation in own if operation.toolset == toolset], shown)
    _row("all", "", operations, shown)
    print()
    for level in shown:
        print(f"{level:10}{MEANINGS.get(level, '')}")
    print("\nrefused unless AUDIENCE_MCP_UNCONFIRMED=allow:")
    for operation in operations:
        if operation.risky_guess:
            print(f"  {operation.name:44}{operation.access:12}{operation.method} {operation.path}")
    return 0


def _row(provider: str, toolset: str, operations: list[Operation], levels: list[str]) -> None:
    counts = Counter(operation.tool.contract for operation in operations)
    cells = "".join(f"{counts[level] or '':>10}" for level in levels)  # type: ignore[index]
    print(f"{provider:12}{toolset:26}{len(operations):>6}{cells}")


def _report(operations: list[Operation]) -> dict[str, Any]:
    return {
        "totals": {
            provider.id: dict(Counter(o.tool.contract for o in operations if o.provider == provider.id))
            for provider in PROVIDERS
        },
        "operations": [
            {
                "tool": operation.name,
                "method": operation.method,
                "path": operation.path,
                "contract": operation.tool.contract,
                "refused": operation.risky_guess,
                "source": operation.tool.source,
            }
            for operation in operations
        ],
    }
