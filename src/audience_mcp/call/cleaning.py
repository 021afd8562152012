"""An answer -> the same answer without its secret fields, so that nothing later can show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def cleaned(value: Any, secrets: Iterable[str] = (), allow: Iterable[str] = ()) -> Any:
    """`value` without fields named in `secrets` at any depth; with `allow`, top-level objects keep only those.

    Where only some fields are allowed, what is no object (or list of objects) has none of them and becomes None.
    """
    hidden, kept = frozenset(secrets), frozenset(allow)
    if kept:
        value = [_only(item, kept) for item in value] if isinstance(value, list) else _only(value, kept)
    return _without(value, hidden) if hidden else value


def _only(value: Any, kept: frozenset[str]) -> Any:
    return {name: part for name, part in value.items() if name in kept} if isinstance(value, dict) else None


def _without(value: Any, hidden: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(part, hidden) for name, part in value.items() if name not in hidden}
    if isinstance(value, list):
        return [_without(item, hidden) for item in value]
    return value
