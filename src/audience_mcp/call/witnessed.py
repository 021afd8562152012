"""The way from a running call to whoever writes down what it does: nobody, unless calls are audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Protocol

from audience_mcp.changes.change import Place
from audience_mcp.openapi.operation import Operation
from audience_mcp.session.access import Access


class Witness(Protocol):
    """What is told of one call while it runs."""

    def runs(self, operation: Operation, arguments: Mapping[str, Any], access: Access) -> None:
        """It came to this operation, in this place."""

    def writes(self, changes: Sequence[str] = (), place: Place | None = None) -> None:
        """It is about to change something: `changes` are ids of the journal.

        Raises:
            Internal: That cannot be written down, so it must not happen.
        """

    def answered(self, status: int) -> None:
        """The provider answered with this HTTP status."""


WITNESS: ContextVar[Witness | None] = ContextVar("witness", default=None)
"""Of the call that runs; None where calls are not audited."""
