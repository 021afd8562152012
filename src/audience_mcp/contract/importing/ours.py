"""One operation of ours with its place in our document: the side that a foreign description is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from audience_mcp.openapi.document import Document, Entry, Node
from audience_mcp.openapi.operation import Argument, Constant, Operation, Supplied
from audience_mcp.openapi.reader import body_schema, read

SURE = ("seed", "public")


@dataclass(frozen=True)
class Ours:
    """An operation, its entry, and the document both are from."""

    document: Document
    entry: Entry
    operation: Operation

    @cached_property
    def fields(self) -> Node:
        """The body's own fields as the document writes them; none for a body that is one whole argument."""
        body, _ = body_schema(self.document, self.entry)
        return {} if body is None or self.operation.body == "whole" else body.get("properties", {})

    @cached_property
    def names(self) -> frozenset[str]:
        """What a request carries beside its path, by name: the model's, the session's, and the constants."""
        operation = self.operation
        parts: list[Argument | Constant | Supplied] = [*operation.arguments, *operation.constants, *operation.supplied]
        whole = operation.tool.body_argument  # a name of ours for the whole body; the wire has none
        return frozenset(part.name for part in parts if part.place != "path" and part.name != whole)

    @property
    def carries_credential(self) -> bool:
        """Whether a request of it holds a secret, or changes with which one is signed."""
        return self.operation.tool.access == "session" or bool(self.operation.supplied)

    @property
    def guarded(self) -> bool:
        """Whether it moves on the strictest evidence only: it is documented, or carries a credential."""
        return self.operation.tool.contract in SURE or self.carries_credential


def ours_of(document: Document, provider: str) -> Iterator[Ours]:
    """Every operation of a provider's document."""
    for entry, operation in zip(document.entries(), read(document, provider), strict=True):
        yield Ours(document, entry, operation)
