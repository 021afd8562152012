"""Path templates: their segments and parameters, and whether two of them are one path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from audience_mcp.openapi.document import Node
from audience_mcp.openapi.operation import Operation

PARAMETER = re.compile(r"\{([^{}]*)\}")
VERSION = re.compile(r"v?\d+(\.\d+)*")


@lru_cache(maxsize=20_000)  # each path is compared with every operation of ours
def segments(path: str) -> tuple[str, ...]:
    """The parts between the slashes, without the empty last one."""
    inner = path.removeprefix("/").removesuffix("/")
    return tuple(inner.split("/")) if inner else ()


def parameters(path: str) -> list[str]:
    """The names in braces, in order."""
    return PARAMETER.findall(path)


def parameter_of(segment: str) -> str | None:
    """The name of a segment that is one parameter and nothing else."""
    found = PARAMETER.fullmatch(segment)
    return found.group(1) if found else None


def is_parameter(segment: str) -> bool:
    """Whether a segment, or a part of it, is filled in."""
    return "{" in segment


def is_fixed(parameter: Node) -> bool:
    """Whether a parameter of a document is a segment of the path that nobody passes."""
    return bool(parameter["in"] == "path") and "const" in parameter.get("schema", {})


@lru_cache(maxsize=20_000)
def literals(path: str) -> tuple[str, ...]:
    """The fixed segments but for versions, in order, in lower case."""
    fixed = (segment for segment in segments(path) if "{" not in segment)
    return tuple(segment.casefold() for segment in fixed if not VERSION.fullmatch(segment))


def before(path: str) -> dict[str, str]:
    """Each parameter with the segment in front of it: `/funnels/{id}` gives id -> funnels."""
    pairs = pairwise(["", *segments(path)])
    return {name: ahead for ahead, segment in pairs if (name := parameter_of(segment)) is not None}


def unnamed(path: str) -> str:
    """A path whose parameters have no names and that ends in no slash: what makes two of them one address."""
    return PARAMETER.sub("{}", path).removesuffix("/")


def same_path(ours: Operation, theirs: str) -> bool:
    """Whether two templates are one path: names of parameters do not count, a constant of ours may be spelled out."""
    fixed = {constant.name: str(constant.value) for constant in ours.constants if constant.place == "path"}
    own, other = segments(ours.path), segments(theirs)
    if len(own) != len(other):
        return False
    for mine, their in zip(own, other, strict=True):
        name = parameter_of(mine)
        spelled = fixed.get(name, mine) if name else mine
        if (name is None or parameter_of(their) is None) and their != spelled:
            return False
    return True


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
