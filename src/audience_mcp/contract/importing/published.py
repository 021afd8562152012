"""Provider -> the addresses where it publishes a description of its API, from `published.toml` beside its document."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from audience_mcp.providers.base import Provider

FILE = "published.toml"


@dataclass(frozen=True, slots=True)
class Address:
    """One published address; `source` says how it is known."""

    url: str
    source: str


def addresses(provider: type[Provider]) -> tuple[Address, ...]:
    """The addresses to try, in this order; none where no such publication is known."""
    path = provider.document_path.with_name(FILE)
    if not path.is_file():
        return ()
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["address"]
    return tuple(Address(entry["url"], entry["source"]) for entry in listed)
