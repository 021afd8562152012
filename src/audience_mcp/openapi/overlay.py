"""OpenAPI Overlay 1.0.0 + document -> the document with the overlay's actions applied; knows no provider."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from audience_mcp.openapi.document import Node
from audience_mcp.openapi.yaml_text import NotYaml, load

VERSION = "1.0.0"
MOST_BYTES = 4_000_000
MOST_NODES = 200_000
MOST_ACTIONS = 600
MOST_DEPTH = 60
LONGEST_KEY = 60


class OverlayProblem(ValueError):
    """An overlay, or an action of it, cannot be used; the text says why and follows a colon."""


def parse(path: Path) -> Node:
    """Read an overlay (YAML or JSON) as plain JSON data; what its actions are is not looked at.

    Raises:
        OverlayProblem: The file is no overlay, or larger than one needs to be (aliases counted at what they unfold to).
        OSError: It cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise OverlayProblem(f"it is larger than {MOST_BYTES:,} bytes")
    repeated: list[str] = []
    try:
        raw = load(path.read_bytes(), repeated)
    except NotYaml as error:
        raise OverlayProblem(f"it is not YAML as an overlay may be: {error}") from None
    if repeated:
        raise OverlayProblem(f"an object of it has the key {repeated[0][:LONGEST_KEY]} twice")
    document = plain(raw)
    if not isinstance(document, dict) or document.get("overlay") != VERSION:
        raise OverlayProblem(f"it does not say overlay: {VERSION}")
    actions = document.get("actions")
    if not isinstance(actions, list):
        raise OverlayProblem("it has no list of actions")
    if len(actions) > MOST_ACTIONS:
        raise OverlayProblem(f"it has more than {MOST_ACTIONS} actions")
    return document


def plain(value: Any) -> Any:
    """The same data as JSON has it: keys are text, dates are text, and there is an end to it.

    Raises:
        OverlayProblem: It is too large, too deep, or holds what JSON cannot say.
    """
    left = MOST_NODES

    def copied(node: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if left < 0 or depth > MOST_DEPTH:
            raise OverlayProblem("it unfolds to more than an overlay needs")
        if isinstance(node, dict):
            return {str(key): copied(part, depth + 1) for key, part in node.items()}
        if isinstance(node, list):
            return [copied(part, depth + 1) for part in node]
        if isinstance(node, date):  # and the datetime under it
            return node.isoformat()
        if node is None or isinstance(node, (str, int)) or (isinstance(node, float) and math.isfinite(node)):
            return node
        raise OverlayProblem(f"it holds a {type(node).__name__}, which JSON does not have")

    return copied(value, 0)


def apply(raw: Node, actions: Iterable[Mapping[str, Any]]) -> Node:
    """A copy of the document with the actions applied one after the other; one that finds nothing changes nothing.

    Raises:
        OverlayProblem: A target is no JSONPath, or an action cannot be carried out there.
    """
    changed: Node = plain(raw)  # what YAML aliases share is apart from here on
    for action in actions:
        _act(changed, action)
    return changed


def found(raw: Node, target: str) -> list[tuple[int | str, ...]]:
    """Where in the document a JSONPath leads, as the keys on the way.

    Raises:
        OverlayProblem: It is no JSONPath.
    """
    import jsonpath

    try:
        return [match.parts for match in jsonpath.finditer(target, raw)]
    except (jsonpath.JSONPathError, RecursionError, ValueError, TypeError, LookupError, re.error) as error:
        raise OverlayProblem(f"its target is no JSONPath ({type(error).__name__})") from None


def _act(raw: Node, action: Mapping[str, Any]) -> None:
    target = action.get("target")
    if not isinstance(target, str):
        raise OverlayProblem("it has no target")
    places = found(raw, target)
    if action.get("remove") is True:
        # From the end, so that an array's earlier indices stay what they were.
        for place in reversed(places):
            if not place:
                raise OverlayProblem("it removes the whole document")
            holder = _at(raw, place[:-1])
            del holder[place[-1]]
    elif "update" in action:
        for place in places:
            _merge(_at(raw, place), action["update"])


def _at(raw: Any, place: tuple[int | str, ...]) -> Any:
    node = raw
    for part in place:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            raise OverlayProblem("its target is gone once another part of it is removed") from None
    return node


def _merge(node: Any, update: Any) -> None:
    """Overlay 1.0.0: an object takes the update's properties, in depth; an array takes the update as one more item."""
    if isinstance(node, list):
        node.append(copy.deepcopy(update))
    elif isinstance(node, dict) and isinstance(update, dict):
        for name, part in update.items():
            present = node.get(name)
            if isinstance(present, dict) and isinstance(part, dict):
                _merge(present, part)
            elif isinstance(present, list) and isinstance(part, list):
                present.extend(copy.deepcopy(part))
            else:
                node[name] = copy.deepcopy(part)
    else:
        raise OverlayProblem("its update is no object, or its target is no object or array")
