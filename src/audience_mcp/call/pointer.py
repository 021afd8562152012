"""JSON pointers into answers: read a place, or put a value there."""

from __future__ import annotations

from typing import Any


def at(value: Any, pointer: str | None) -> Any:
    """What stands at `pointer` ("" is the whole value); None where there is nothing."""
    if pointer is None:
        return None
    for part in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def with_value(value: Any, pointer: str, part: Any) -> Any:
    """A copy of `value` with `part` at `pointer`; objects on the way are copied, never changed."""
    if pointer == "":
        return part
    head, _, rest = pointer[1:].partition("/")
    inner = value.get(head) if isinstance(value, dict) else None
    return {**(value if isinstance(value, dict) else {}), head: with_value(inner, f"/{rest}" if rest else "", part)}
