"""A change in the journal -> the call that takes it back, by what this version's documents say."""

from __future__ import annotations

from audience_mcp.changes.change import Change
from audience_mcp.changes.undoing import NotUndoable, Undoing, undoing
from audience_mcp.openapi.operation import Operation
from audience_mcp.tools.catalog import Catalog


def operation_of(change: Change, catalog: Catalog) -> Operation | None:
    """The operation that made the change; None where the journal is older, or newer, than this version."""
    return _operation(change, change.operation, catalog)


def way_back(change: Change, catalog: Catalog) -> Undoing:
    """The call that takes a change back.

    Raises:
        NotUndoable: With the reason.
    """
    by = operation_of(change, catalog)
    undo = by.tool.undo if by else None
    back = _operation(change, undo.operation, catalog) if undo else by
    if by is None or back is None:
        raise NotUndoable(change, "this version does not know the operation")
    return undoing(change, by, back)


def _operation(change: Change, operation_id: str, catalog: Catalog) -> Operation | None:
    try:
        return catalog.operation(change.place.provider, operation_id).operation
    except KeyError:
        return None
