"""A path of a foreign document -> a template that stays under the provider's host, or why it is refused."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from audience_mcp.openapi.operation import Operation

LONGEST_PATH = 300
SEGMENT = re.compile(r"(?:[A-Za-z0-9._~$@:+=,;!*'()&-]|\{[A-Za-z_][A-Za-z0-9_]{0,47}\})+")
PARAMETER = re.compile(r"\{([^{}]*)\}")
VERSION = re.compile(r"v?\d+(\.\d+)*")


class Outside(ValueError):
    """A path that is not taken; the message says why."""


def template(path: str) -> str:
    """`path`, where it may be one of ours.

    Raises:
        Outside: It is an address, climbs, or holds what no path template needs.
    """
    if not path.startswith("/") or path.startswith("//") or "://" in path or "\\" in path:
        raise Outside("it is no path below the provider's host")
    if len(path) > LONGEST_PATH:
        raise Outside(f"it is longer than {LONGEST_PATH} characters")
    parts = segments(path)
    if any(part in (".", "..") for part in parts) or "%" in path:
        raise Outside("it climbs or hides characters")
    if not all(SEGMENT.fullmatch(part) for part in parts):
        raise Outside("it holds more than names, parameters and slashes")
    names = parameters(path)
    if len(set(names)) < len(names):
        raise Outside("a parameter stands in it twice")
    return path


def below(prefix: str, path: str) -> str:
    """`path` under the path of a server.

    Raises:
        Outside: Either of them is not taken.
    """
    return template(prefix + template(path))


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


@lru_cache(maxsize=20_000)
def literals(path: str) -> tuple[str, ...]:
    """The fixed segments but for versions, in order, in lower case."""
    fixed = (segment for segment in segments(path) if "{" not in segment)
    return tuple(segment.casefold() for segment in fixed if not VERSION.fullmatch(segment))


def before(path: str) -> dict[str, str]:
    """Each parameter with the segment in front of it: `/funnels/{id}` gives id -> funnels."""
    pairs = pairwise(["", *segments(path)])
    return {name: ahead for ahead, segment in pairs if (name := parameter_of(segment)) is not None}


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
