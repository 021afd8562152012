"""One value: a metric, an aggregate or expression of a profile, a bare string or number."""

from __future__ import annotations

from typing import Any

from audience_mcp.results.columns import rank
from audience_mcp.results.draft import Draft, View
from audience_mcp.results.kinds.about import about
from audience_mcp.results.kinds.facts import dropped, fact, facts
from audience_mcp.results.kinds.objects import NAMES
from audience_mcp.results.locate import first_named, step
from audience_mcp.results.outline import folded, kind_of, size_of
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import named, scalar, shown

Json = Any

_RESULTS = ("result", "value", "score")


def tell(view: View) -> Draft | None:
    """A plain value, or an object whose `result` is what was asked for; alone or the only item of a list."""
    value, path = view.value, "$"
    if view.media == "text":
        return None
    if isinstance(value, list) and len(value) == 1:
        value, path = value[0], "$[0]"
    if isinstance(value, list):
        hinted = not value and view.reading.kind == "scalar"
        return Draft("scalar", view.says("no value (an empty list)."), rows=0) if hinted else None
    if not isinstance(value, dict):
        return Draft("scalar", view.says(f"{_told(value)}."), [Figure("value", scalar(value), path=path)])
    only = tuple(value) if view.reading.kind == "scalar" and len(value) == 1 else ()
    key = next((name for name in (*_RESULTS, *only) if name in value), None)
    if key is None or (view.reading.kind != "scalar" and isinstance(value[key], (dict, list))):
        return None
    return _result(view, value, path, key)


def _result(view: View, value: dict[str, Json], path: str, key: str) -> Draft:
    result, known = value[key], about(value)
    name = _name(value, view.reading.headline)
    of = f"{named(name)} is " if name else ""
    figure = fact(key, result, step(path, key), view.reading.drop)
    others = [part for part in value if part not in (key, known.key)]
    others.sort(key=lambda part: rank(part, [value[part]]))
    figures = facts(value, path, others, view.reading.drop)
    said = f"{of}{_told(result)}{known.during}."
    left = dropped(value, view.reading.drop)
    return Draft("scalar", view.says(said), [figure, *figures], apart=left, window=known.window, zone=known.zone)


def _name(value: dict[str, Json], hint: str | None) -> str:
    """What the result is the result of: said beside it, or in an object beside it."""
    inner = [part for part in value.values() if isinstance(part, dict)]
    for place in (value, *inner):
        key = hint if hint in place else first_named(place, NAMES)
        if key and isinstance(place[key], str):
            return str(place[key])
    return ""


def _told(value: Json) -> str:
    if value is None:
        return "no value (null)"
    if isinstance(value, (dict, list)):
        return f"a {kind_of(value)} of {size_of(value)}: {folded(value)}"
    if isinstance(value, str):
        return named(value, 160)
    return shown(scalar(value))
