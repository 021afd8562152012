"""Where an argument was refused -> the part of its grammar that was missed, with an example that works."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Node = Mapping[str, Any]

_KINDS: dict[str, type] = {"object": dict, "array": list, "string": str, "null": type(None)}
_MOST_GRAMMAR, _MOST_EXAMPLE, _MOST_OPTIONS, _MOST_NESTED = 700, 400, 24, 60


class Part(NamedTuple):
    """An object inside an argument: the path to it, and the schemas that apply there, the outermost first."""

    path: tuple[str | int, ...]
    nodes: list[Node]


def missed(schema: Node, arguments: Mapping[str, Any], path: Sequence[str | int]) -> str | None:
    """The grammar of the nearest object around `path`, and the nearest example that holds it.

    None where the problem lies at the top, which the tool list shows in full, or where nothing is known of the part.
    """
    parts = list(_parts(schema, arguments, path))
    told = next((part for part in reversed(parts) if any("properties" in node for node in part.nodes)), None)
    if told is None:
        return None
    text = f"{_name(told.path)} is {_cut(_grammar(schema, told.nodes), _MOST_GRAMMAR)}"
    for part in reversed(parts):
        example = next((node["examples"][0] for node in reversed(part.nodes) if node.get("examples")), None)
        if example is not None:
            shown = json.dumps(example, ensure_ascii=False)
            return f"{text}; for example {_name(part.path)} = {shown}" if len(shown) <= _MOST_EXAMPLE else text
    return text


def _parts(schema: Node, arguments: Mapping[str, Any], path: Sequence[str | int]) -> Iterator[Part]:
    """The schemas met on the way down to `path`, one part for each step below the arguments themselves."""
    nodes, value = [schema], arguments
    for depth, step in enumerate(path, 1):
        children = [child for node in nodes if (child := _child(node, step)) is not None]
        try:
            value = value[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return
        nodes = [met for child in children for met in _applying(schema, child, value)]
        yield Part(tuple(path[:depth]), nodes)


def _child(node: Node, step: str | int) -> Node | None:
    child = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
    return child if isinstance(child, Mapping) else None


def _applying(schema: Node, node: Node, value: Any) -> Iterator[Node]:
    """The node itself and, where it offers alternatives, those that `value` has not ruled out."""
    node = _followed(schema, node)
    yield node
    for keyword in ("anyOf", "oneOf"):
        branches = [_followed(schema, branch) for branch in node.get(keyword, [])]
        fitting = [branch for branch in branches if _fits(branch, value)]
        for branch in fitting if len(fitting) == 1 else []:
            yield from _applying(schema, branch, value)


def _fits(branch: Node, value: Any) -> bool:
    """Whether a value may mean this branch: of its type, and against none of its constants."""
    kind = _KINDS.get(str(branch.get("type", "")))
    if kind is not None and not isinstance(value, kind):
        return False
    if "const" in branch and branch["const"] != value:
        return False
    told = value if isinstance(value, dict) else {}
    marks = {name: part["const"] for name, part in branch.get("properties", {}).items() if "const" in part}
    return all(told[name] == mark for name, mark in marks.items() if name in told) and (
        not marks or any(name in told for name in marks)
    )


def _followed(schema: Node, node: Node) -> Node:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return node


def _grammar(schema: Node, nodes: list[Node]) -> str:
    """The keys an object may have, `*` after those it needs, with their types in words."""
    required = {name for node in nodes for name in node.get("required", [])}
    keys: dict[str, Node] = {}
    for node in nodes:
        keys |= {name: part for name, part in node.get("properties", {}).items() if "const" in part or name not in keys}
    parts = [f"{name}{'*' if name in required else ''}: {_type(schema, part)}" for name, part in keys.items()]
    return f"{{{', '.join(parts)}}} (* needed)"


def _type(schema: Node, node: Node, depth: int = 1) -> str:
    node = _followed(schema, node)
    if "const" in node:
        return json.dumps(node["const"])
    if "enum" in node:
        options = [json.dumps(option) for option in node["enum"]]
        rest = len(options) - _MOST_OPTIONS
        return " | ".join(options[:_MOST_OPTIONS]) + (f" | {rest} more" if rest > 0 else "")
    branches = [*node.get("anyOf", []), *node.get("oneOf", [])]
    if branches and "properties" not in node:
        return " | ".join(dict.fromkeys(_cut(_type(schema, branch, depth), _MOST_NESTED) for branch in branches))
    kind = str(node.get("type", "any"))
    if kind == "array":
        return f"[{_cut(_type(schema, node.get('items', {}), depth), _MOST_NESTED)}, ...]"
    if kind == "object" and depth and node.get("properties"):
        return f"{{{', '.join(node['properties'])}}}"
    return str(node.get("format", kind))


def _name(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
