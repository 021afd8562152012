"""The packaged operations and the user's overlays -> the operations as they stand now, and what taught it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from audience_mcp.contract.correction import Correction
from audience_mcp.contract.overlays import corrections, read
from audience_mcp.contract.standing import Standing, standings
from audience_mcp.openapi.operation import Operation
from audience_mcp.openapi.overlay import OverlayProblem
from audience_mcp.providers import PROVIDERS
from audience_mcp.settings import overlays_cache, overlays_folder
from audience_mcp.tools.catalog import Catalog, Offer


@dataclass(frozen=True, slots=True)
class Known:
    """Every listed operation as it stands now, and the overlays that had a part in it."""

    operations: list[Operation]
    overlays: list[Standing]


def known(providers: Iterable[str] | None = None, sandboxes: Container[str] = ()) -> Known:
    """The operations of these providers (all there are) with the user's overlays, configured or not.

    What a sandbox taught counts for the providers in `sandboxes`.
    """
    names = tuple(one.id for one in PROVIDERS) if providers is None else tuple(providers)
    overlays = standings(names, overlays_folder(), overlays_cache(), sandboxes)
    catalog = Catalog(Offer(names), overlaid={one.provider: one.overlaid for one in overlays})
    operations = [o for name in names for o in catalog.operations(name) if not o.tool.internal]
    return Known(operations, overlays)


def learned(overlay: Standing) -> list[Correction]:
    """The corrections of an overlay that are applied."""
    try:
        found = read(overlay.provider, overlay.path.parent)
    except (OverlayProblem, OSError):
        return []
    return [one for one in (corrections(found) if found else []) if one.operation in overlay.tools]


def operations(provider: str) -> dict[str, Operation]:
    """The operations of one provider by tool, what a sandbox taught among them."""
    return {operation.name: operation for operation in known([provider], sandboxes=[provider]).operations}


def changed(before: dict[str, Operation], after: dict[str, Operation]) -> list[str]:
    """The tools that are not as they were."""
    return [name for name, operation in before.items() if operation != after[name]]
