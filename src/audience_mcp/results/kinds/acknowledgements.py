"""The answer to a write: done, with the new id where there is one."""

from __future__ import annotations

from typing import Any

from audience_mcp.results.columns import rank
from audience_mcp.results.draft import Draft, View
from audience_mcp.results.kinds.facts import dropped, facts
from audience_mcp.results.locate import first_named, step
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import LONGEST_ID, cut, named, scalar, shown

Json = Any

_IDS = ("id", "uuid", "guid")
_NAMES = ("name", "title")


def tell(view: View) -> Draft | None:
    """An empty answer, a bare id or value, or an object; a list acknowledges nothing."""
    value = view.value
    if value is None:
        accepted = "accepted; " if view.reading.kind == "acknowledgement" else ""
        said = (
            f"{accepted}the provider answered without content."
            if view.media == "empty"
            else f"{accepted}the answer is null."
        )
        return Draft("acknowledgement", view.says(said))
    if view.media == "text" or isinstance(value, list):
        return None
    if isinstance(value, str):
        told = cut(value, LONGEST_ID)
        return Draft("acknowledgement", view.says(f"done, id {shown(told)}."), [Figure("id", told, path="$")])
    if not isinstance(value, dict):
        told = scalar(value)
        return Draft("acknowledgement", view.says(f"answered {shown(told)}."), [Figure("answer", told, path="$")])
    return _object(view, value)


def _object(view: View, value: dict[str, Json]) -> Draft:
    identity, name = first_named(value, _IDS), first_named(value, _NAMES)
    parts = [named(value[name])] if name and isinstance(value[name], str) else []
    figures: list[Figure] = []
    if identity and not isinstance(value[identity], (dict, list)):
        told = scalar(value[identity], LONGEST_ID)
        parts.append(f"id {shown(str(told))}")
        figures.append(Figure(identity, told, path=step("$", identity)))
    order = sorted((part for part in value if part != identity), key=lambda part: rank(part, [value[part]]))
    figures += facts(value, "$", order, view.reading.drop)
    done = f"done, {', '.join(parts)}." if parts else "answered with an empty object." if not value else "answered."
    return Draft("acknowledgement", view.says(done), figures, apart=dropped(value, view.reading.drop))
