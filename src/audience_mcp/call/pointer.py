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
    """A copy of `value` with `part` at `pointer`; what is on the way is copied, never changed."""
    if pointer == "":
        return part
    head, _, rest = pointer[1:].partition("/")
    inner = with_value(at(value, f"/{head}"), f"/{rest}" if rest else "", part)
    if isinstance(value, list) and head.isdigit() and int(head) < len(value):
        place = int(head)
        return [*value[:place], inner, *value[place + 1 :]]
    return {**(value if isinstance(value, dict) else {}), head: inner}
