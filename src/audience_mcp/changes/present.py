"""An object as the provider reads it -> what of it people made, and whether it is still the one it was."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from audience_mcp.changes.difference import same
from audience_mcp.openapi.operation import ObjectHint
from audience_mcp.results.locate import point

Json = Any


def made(value: Json, hint: ObjectHint) -> Json:
    """The object without what the provider computes (`ObjectHint.computed`)."""
    top = {name[1:] for name in hint.computed if name.startswith("/")}
    anywhere = frozenset(name for name in hint.computed if not name.startswith("/"))
    if isinstance(value, dict):
        value = {name: part for name, part in value.items() if name not in top}
    return _without(value, anywhere) if anywhere else value


def version(value: Json, hint: ObjectHint) -> str:
    """What changes with the object: its version field, else a digest of the whole without what the provider computes.

    A count that is being worked out must not void a code that was given out a moment ago.
    """
    told = _versioned(value, hint)
    text = json.dumps(made(value, hint) if told is None else told, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def is_still(left: Json, now: Json, hint: ObjectHint) -> bool:
    """Whether `now` is the object that was `left`: of the same version, or the same in all that people made."""
    told = _versioned(left, hint)
    return (told is not None and told == _versioned(now, hint)) or same(made(left, hint), made(now, hint))


def _versioned(value: Json, hint: ObjectHint) -> Json:
    found = point(value, hint.version)
    return found.value if found else None


def _without(value: Json, hidden: frozenset[str]) -> Json:
    if isinstance(value, dict):
        return {name: _without(part, hidden) for name, part in value.items() if name not in hidden}
    if isinstance(value, list):
        return [_without(item, hidden) for item in value]
    return value
