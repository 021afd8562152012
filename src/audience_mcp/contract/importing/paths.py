"""A path of a foreign document -> a template that stays under the provider's host, or why it is refused."""

from __future__ import annotations

import re

from audience_mcp.contract.importing.hosts import Server
from audience_mcp.contract.importing.notes import Notes
from audience_mcp.contract.templates import parameters, segments
from audience_mcp.results.wording import named

LONGEST_PATH = 300
SEGMENT = re.compile(r"(?:[A-Za-z0-9._~$@:+=,;!*'()&-]|\{[A-Za-z_][A-Za-z0-9_]{0,47}\})+")


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


def placed(server: Server, method: str, path: str, notes: Notes) -> str | None:
    """`path` under the path of its server; None, and a remark, where it is not taken."""
    try:
        return below(server.prefix, path)
    except Outside as reason:
        notes.add(f"{method.upper()} {named(path)} was passed over: {reason}")
        return None
