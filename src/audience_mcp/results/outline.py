"""A nested value -> a few words on one line: what is in it, how much, and a little of it."""

from __future__ import annotations

import re
from typing import Any

from audience_mcp.results.wording import Folded, Rounded, Words, counted, cut, scalar, shown

Json = Any

_TEXT, _NAME = 40, 32
_IN_PART = re.compile(r"\.\.\.|~\d|\d (?:item|field)s?[]:}]")
_TYPES = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "text", list: "list"}


def folded(value: Json, drop: tuple[str, ...] = (), room: int = 60) -> Words:
    """A list or object as one short text: as much of it as `room` characters hold; only a `Folded` one is in part."""
    text = outline(value, room, drop)
    return Folded(text) if drop or _IN_PART.search(text) else Words(text)


def outline(value: Json, room: int, drop: tuple[str, ...] = (), depth: int = 3) -> str:
    """Keys with values, nested ones counted, in about `room` characters: `{type: FUNNEL, steps: [4 items], ...}`."""
    if isinstance(value, dict):
        return _outline_object(value, room, drop, depth)
    if isinstance(value, list):
        return _outline_list(value, room, drop, depth)
    return _word(value)


def size_of(value: Json) -> str:
    """`4 items`, `12 fields`, `310 characters`, or an empty text for a value without a size."""
    if isinstance(value, list):
        return counted(len(value), "item")
    if isinstance(value, dict):
        return counted(len(value), "field")
    return counted(len(value), "character") if isinstance(value, str) else ""


def kind_of(value: Json) -> str:
    """The JSON name of a value's type."""
    return _TYPES.get(type(value), "object")


def _outline_object(value: dict[str, Json], room: int, drop: tuple[str, ...], depth: int) -> str:
    if not value:
        return "{}"
    if depth == 0:
        return f"{{{size_of(value)}}}"
    parts: list[str] = []
    for told, (name, part) in enumerate(value.items()):
        if name in drop:
            continue
        key = shown(cut(name, _NAME))
        text = f"{key}: {_inner(part, room - len(key) - 2, drop, depth)}"
        if len(text) > room:
            if not parts:
                return f"{{{size_of(value)}}}"
            parts.append(f"...{len(value) - told} more")
            break
        parts.append(text)
        room -= len(text) + 2
    return f"{{{', '.join(parts)}}}"


def _outline_list(value: list[Json], room: int, drop: tuple[str, ...], depth: int) -> str:
    if not value:
        return "[]"
    count = size_of(value)
    if depth == 0 or room < len(count) + 12:
        return f"[{count}]"
    if all(not isinstance(part, (dict, list)) for part in value[:5]):
        words: list[str] = []
        left = room
        for part in value[:5]:
            word = _word(part)
            left -= len(word) + 2
            if left < 0:
                break
            words.append(word)
        if len(words) == len(value):
            return f"[{', '.join(words)}]"
        return f"[{count}: {', '.join(words)}, ...]" if words else f"[{count}]"
    return f"[{count}: {_inner(value[0], room - len(count) - 8, drop, depth)}{', ...' if len(value) > 1 else ''}]"


def _inner(value: Json, room: int, drop: tuple[str, ...], depth: int) -> str:
    if not isinstance(value, (dict, list)) or not value:
        return outline(value, room, drop, depth)
    short = f"[{size_of(value)}]" if isinstance(value, list) else f"{{{size_of(value)}}}"
    return outline(value, room, drop, depth - 1) if room > len(short) else short


def _word(value: Json) -> str:
    told = scalar(value, _TEXT)
    return "null" if value is None else f"{'~' if isinstance(told, Rounded) else ''}{shown(told)}"
