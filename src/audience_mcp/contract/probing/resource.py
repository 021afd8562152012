"""Path templates around the word for their resource: what stands before it, and what is done below it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audience_mcp.contract.templates import VERSION, is_parameter, segments
from audience_mcp.openapi.operation import Operation

CONFIRMED = ("seed", "public", "imported", "probed")


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
        return tuple(part for part in self.head if not VERSION.fullmatch(part))


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
