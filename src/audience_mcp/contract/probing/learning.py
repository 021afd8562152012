"""What a probe has proven -> corrections of the provider's document."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from audience_mcp.contract.actions import entry_of
from audience_mcp.contract.correction import Correction
from audience_mcp.contract.probing.running import Finding
from audience_mcp.contract.templates import is_parameter, segments
from audience_mcp.openapi.document import Document, Entry


def corrections_of(
    found: Iterable[Finding], document: Document, date: str, *, sandbox: bool = False
) -> list[Correction]:
    """The corrections for what was proven; `date` is ISO 8601, `sandbox` tells that made-up data answered."""
    where = "the SANDBOX, which is made up" if sandbox else "the provider"
    made = []
    for finding in found:
        if finding.trial is None:
            continue
        candidate, entry = finding.trial.candidate, entry_of(document, finding.operation.id)
        path, method = (entry.path, entry.method) if candidate.is_ours else (candidate.path, candidate.method.lower())
        made.append(
            Correction(
                operation=finding.operation.name,
                status="probed",
                source=f"a harmless request (HTTP {finding.status} of {where})",
                date=date,
                path=path,
                method=method,
                node=None if candidate.is_ours else _node(entry, path),
                sandbox=sandbox,
            )
        )
    return made


def _node(entry: Entry, path: str) -> dict[str, Any]:
    """The operation with the path parameters that its new path still has; a constant that is written out goes."""
    named = {part.strip("{}") for part in segments(path) if is_parameter(part)}
    node = copy.deepcopy(entry.node)
    node["parameters"] = [copy.deepcopy(one) for one in entry.parameters if one["in"] != "path" or one["name"] in named]
    return node
