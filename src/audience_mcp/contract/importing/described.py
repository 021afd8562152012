"""What a foreign document says of one operation, in one neutral form whatever the document's kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from audience_mcp.contract.importing.notes import Notes
from audience_mcp.openapi.document import Node

Place = Literal["path", "query", "header"]
Form = Literal["form", "comma", "json", "other"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `schema` is clean, `form` says how a value is written in a query string."""

    name: str
    place: Place
    required: bool
    schema: Node
    form: Form = "form"


@dataclass(frozen=True)
class Described:
    """One operation; `path` is a checked template, `base` our name of the host it was given for (None: not said).

    `titles` serve to find it and are never carried over. `sampled` says that types were read off an example, so that
    they prove nothing about what is missing or required. Bodies are cleaned when they are first looked at.
    """

    method: str
    path: str
    base: str | None
    titles: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    read_body: Callable[[], Node | None] = field(repr=False)
    read_answer: Callable[[], Node | None] = field(repr=False)
    sampled: bool = False

    @cached_property
    def body(self) -> Node | None:
        """The clean schema of the JSON body; None where there is none."""
        return self.read_body()

    @cached_property
    def answer(self) -> Node | None:
        """The clean schema of the JSON answer; None where the document does not say."""
        return self.read_answer()

    @property
    def fields(self) -> Node:
        """The top-level fields of the body."""
        properties: Node = (self.body or {}).get("properties", {})
        return properties

    @property
    def names(self) -> frozenset[str]:
        """What a caller may pass, by name: query parameters and body fields."""
        return frozenset(p.name for p in self.parameters if p.place == "query") | frozenset(self.fields)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Description:
    """A whole foreign document: its operations, and remarks on what was left out, which grow as bodies are read."""

    operations: tuple[Described, ...]
    remarks: Notes

    @property
    def notes(self) -> tuple[str, ...]:
        """The remarks so far."""
        return tuple(self.remarks.lines())
