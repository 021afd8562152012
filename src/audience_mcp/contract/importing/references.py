"""A node of a foreign document -> what its reference names; only places inside the same document are looked at."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from audience_mcp.contract.importing.notes import Notes
from audience_mcp.openapi.document import Node
from audience_mcp.results.wording import named

MOST_STEPS = 20


class References:
    """Follows the references of one document."""

    def __init__(self, raw: Node, notes: Notes) -> None:
        self._raw, self._notes = raw, notes

    def follow(self, node: Any) -> Node:
        """`node`, or what it refers to; empty where that is elsewhere, missing, in a circle, or no object."""
        for _ in range(MOST_STEPS):
            if not isinstance(node, dict):
                return {}
            if "$ref" not in node:
                return node
            node = self.target(node["$ref"])
        self._notes.add("a reference leads in a circle; what it stands for was left open")
        return {}

    def target(self, reference: Any) -> Any:
        """What one reference names, None where it names nothing here."""
        if not isinstance(reference, str) or not reference.startswith("#/"):
            self._notes.add(f"the reference {named(str(reference))} leads out of the document and was not fetched")
            return None
        found: Any = self._raw
        for part in reference[2:].split("/"):
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and key.isdecimal() and len(key) < 6 and int(key) < len(found):
                found = found[int(key)]
            elif isinstance(found, dict) and key in found:
                found = found[key]
            else:
                self._notes.add(f"the reference {named(reference)} names nothing")
                return None
        return found
