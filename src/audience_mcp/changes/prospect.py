"""A write that is about to be made -> whether it can be taken back, in one sentence."""

from __future__ import annotations

from typing import Any

from audience_mcp.openapi.operation import Operation

NEVER = "It cannot be undone."


def prospect(operation: Operation, present: Any, unread: str | None) -> str:
    """What `undo_change` will be able to do about it; empty for what creates something new.

    `present` is the object as it is, None where it could not be read; `unread` says why ("could not be read ...").
    """
    undo = operation.tool.undo
    if undo is not None and undo.delete is not None:
        return ""
    if present is None and unread is not None:
        return f"It {unread}, so it cannot be undone."
    if undo is None:
        return NEVER
    if undo.restore is not None:
        return "undo_change can restore it."
    return "undo_change can only make a copy of it: its id will be new, and what refers to this one stays broken."
