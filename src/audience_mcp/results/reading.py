"""What an operation's answer is expected to hold; a hint that the summary follows only where the data agrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reading:
    """The `answer` part of an operation.

    `items` and `total` are JSON pointers; `columns` are the fields of an item worth showing (dotted where nested);
    `drop` are fields never worth showing; `headline` is the field that names the object; `personal` marks data about
    people.
    """

    kind: str | None = None
    items: str | None = None
    columns: tuple[str, ...] = ()
    total: str | None = None
    shape: Literal["documented", "assumed"] = "assumed"
    drop: tuple[str, ...] = ()
    headline: str | None = None
    personal: bool = False
