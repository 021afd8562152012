"""A server address of a foreign document -> our name of that host and the path in front, or nothing for a stranger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from audience_mcp.openapi.document import Document

VARIABLE = re.compile(r"\{[^{}]*\}(:\d+)?")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a document's paths begin: `base` is None where it names no host."""

    base: str | None
    prefix: str


class Hosts:
    """The hosts that our document of a provider names."""

    def __init__(self, document: Document) -> None:
        self._bases: dict[str, str] = {}
        listed = [*document.raw.get("servers", [])]
        for entry in document.entries():
            listed += entry.servers
        for server in listed:
            self._bases[_name(server["url"])] = str(server.get("x-base", "api"))

    def server(self, url: str) -> Server | None:
        """The server of that address; None where another host stands in it."""
        try:
            parts = urlsplit(url)
            host = parts.netloc.casefold()
        except ValueError:
            return None
        if VARIABLE.fullmatch(host):
            return Server(None, _prefix(parts.path))  # all of it a variable: no host is named
        if not host and not parts.scheme:
            return Server(None, _prefix(parts.path))
        base = self._bases.get(host.removesuffix(":443"))
        return None if base is None else Server(base, _prefix(parts.path))


def _name(url: str) -> str:
    return urlsplit(url).netloc.casefold()


def _prefix(path: str) -> str:
    trimmed = path.strip("/")
    return f"/{trimmed}" if trimmed else ""
