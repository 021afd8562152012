"""The answer to a log-in: who it is now, which workspace, and what is still asked; never a token."""

from __future__ import annotations

from typing import Any

from audience_mcp.results.draft import Draft, View
from audience_mcp.results.locate import field, field_path
from audience_mcp.results.outline import folded
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import named, scalar

Json = Any

# Only these are told: what else a log-in answers may be a secret under a new name.
_SAFE = (
    *("consumer.type", "consumer.name", "consumer.id", "consumer.businessProfileId", "consumer.roles", "mfaMethods"),
    *("status", "conditions", "expiration", "created", "origin", "customId", "realm", "selected"),
)


def tell(view: View) -> Draft | None:
    """Any object, even one from which the caller removed everything."""
    value = view.value
    if not isinstance(value, dict):
        return None
    figures = []
    for name in _SAFE:
        part = field(value, name)
        if isinstance(part, (str, int, float, list, dict)) and part not in ("", [], {}):
            told = folded(part) if isinstance(part, (list, dict)) else scalar(part)
            figures.append(Figure(name, told, path=field_path("$", value, name)))
    return Draft("session", view.says(_headline(value)), figures)


def _headline(value: dict[str, Json]) -> str:
    who = field(value, "consumer.name")
    name = f"logged in as {named(who)}" if isinstance(who, str) and who else "logged in"
    if value.get("mfaMethods"):
        return f"{name}, a second factor is asked: {folded(value['mfaMethods'])}."
    if value.get("conditions"):
        return f"conditions remain to be met: {folded(value['conditions'])}."
    workspace = field(value, "consumer.businessProfileId")
    inside = f", workspace {scalar(workspace)}" if isinstance(workspace, int) else ""
    return f"{name}{inside}."
