"""The shipped catalog: every tool as it is listed, and as it is called."""

from __future__ import annotations

from functools import cache
from typing import Any

from audience_mcp.providers import PROVIDERS
from audience_mcp.tools.catalog import Catalog, Offer, Tool, packaged_listing
from audience_mcp.tools.own import OWN_NAMES

EVERY_PROVIDER = tuple(provider.id for provider in PROVIDERS)


@cache
def listing() -> dict[str, dict[str, Any]]:
    return {tool["name"]: tool for tool in packaged_listing()["tools"]}


@cache
def catalog() -> Catalog:
    return Catalog(Offer(EVERY_PROVIDER))


@cache
def called() -> dict[str, Tool]:
    """Every provider's tool by name."""
    return {name: catalog().call_target(name) for name in listing() if name not in OWN_NAMES}


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = listing()[name]["inputSchema"]["properties"]
    return found
