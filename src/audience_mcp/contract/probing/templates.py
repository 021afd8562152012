"""Path templates taken apart: the word for the resource, what stands before it, and what is done below it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audience_mcp.openapi.operation import Operation

CONFIRMED = ("seed", "public", "imported", "probed")
_VERSION = re.compile(r"v[0-9]+")


@dataclass(frozen=True, slots=True)
class Template:
    """`/analytics/{namespace}` + `funnels` + `{funnelId}/calculate`: head, word and tail, as segments."""

    head: tuple[str, ...]
    word: str
    tail: tuple[str, ...]

    @property
    def path(self) -> str:
        """The whole template."""
        return "/" + "/".join((*self.head, self.word, *self.tail))

    @property
    def versionless(self) -> tuple[str, ...]:
        """The head without its version."""
        return tuple(part for part in self.head if not _VERSION.fullmatch(part))


def is_parameter(segment: str) -> bool:
    """Whether a segment is `{something}`."""
    return segment.startswith("{")


def segments(path: str) -> tuple[str, ...]:
    """The parts of a path; a slash at its end is none."""
    return tuple(path.strip("/").split("/"))


def resource_word(documented: Iterable[Operation]) -> str | None:
    """The literal that every documented path of one toolset has, the last such: what the toolset is about."""
    paths = [segments(operation.path) for operation in documented]
    if not paths:
        return None
    common = [part for part in paths[0] if not is_parameter(part) and all(part in path for path in paths)]
    return common[-1] if common else None


def taken_apart(path: str, word: str | None) -> Template | None:
    """The template around the last place of its resource word; None where it does not stand in the path."""
    parts = segments(path)
    if word is None or word not in parts:
        return None
    place = len(parts) - 1 - parts[::-1].index(word)
    return Template(parts[:place], word, parts[place + 1 :])


def settled(parts: Sequence[str], operation: Operation) -> tuple[str, ...]:
    """The segments with the operation's constants written out."""
    values = {f"{{{one.name}}}": str(one.value) for one in operation.constants if one.place == "path"}
    return tuple(values.get(part, part) for part in parts)


def could_meet(one: str, other: str) -> bool:
    """Whether some request fits both templates."""
    mine, theirs = segments(one), segments(other)
    return len(mine) == len(theirs) and all(
        left == right or is_parameter(left) or is_parameter(right) for left, right in zip(mine, theirs, strict=True)
    )
