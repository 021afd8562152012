"""What a model sent -> arguments that obey the schema, or an error that says how to mend them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from audience_mcp.errors import InvalidArguments
from audience_mcp.tools.missed import missed

MOST_PROBLEMS = 5
MOST_OPTIONS = 14
MOST_NAME = 160
_AGAIN = "Correct the arguments and call again."
_WHOLE = "describe_argument shows an argument's full grammar."
PARSED_TYPES = frozenset({"integer", "number", "boolean", "array", "object"})


class ArgumentChecker:
    """Checks the arguments of one tool against its whole schema, compiled once."""

    def __init__(self, tool: str, schema: Mapping[str, Any]) -> None:
        import jsonschema_rs  # compiled validator; loaded with the first call, not at start

        self._tool = tool
        self._schema = schema
        self._validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)

    def check(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as they will be used: JSON text parsed where the schema wants something else than text.

        Raises:
            InvalidArguments: Something is missing, unknown, of the wrong type or out of range; every problem is named.
        """
        arguments = self._parsed(sent)
        try:
            json.dumps(arguments, ensure_ascii=False, allow_nan=False).encode()
            errors = list(self._validator.iter_errors(arguments))
        except (TypeError, ValueError, RecursionError):
            raise InvalidArguments(
                f"{self._tool} was not called: its arguments hold what JSON in UTF-8 cannot say (half a character, NaN)"
                " or are nested too deep.",
                "Correct the arguments and call again.",
            ) from None
        problems = list(dict.fromkeys(_printable(line) for error in errors for line in self._told(error)))
        if problems:
            shown = problems[:MOST_PROBLEMS]
            if len(problems) > len(shown):
                shown.append(f"and {len(problems) - len(shown)} more")
            nested = next((error for error in errors if error.instance_path), None)
            grammar = missed(self._schema, arguments, _place(nested)) if nested else None
            raise InvalidArguments(
                f"{self._tool} was not called: " + "; ".join(shown) + ".",
                f"{f'Correct the arguments and call again: {grammar}.' if grammar else _AGAIN} {_WHOLE}",
            )
        return arguments

    def _parsed(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        properties = self._schema["properties"]
        for name, value in sent.items():
            types = set(self._types(properties.get(name, {})))
            if isinstance(value, str) and types & PARSED_TYPES and "string" not in types:
                try:
                    value = json.loads(value)
                except (ValueError, RecursionError):
                    pass  # stays text; the validator says what it should have been
            if isinstance(value, float) and value.is_integer() and "integer" in types:
                value = int(value)
            arguments[name] = value
        return arguments

    def _types(self, node: Mapping[str, Any]) -> Iterable[str]:
        node = self._followed(node)
        if isinstance(node.get("type"), str):
            yield node["type"]
        for branch in [*node.get("anyOf", []), *node.get("oneOf", [])]:
            yield from self._types(branch)

    def _followed(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            node = self._schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        return node

    def _told(self, error: Any) -> list[str]:
        """One validator error as sentences; of alternatives, the branch that was nearest is told."""
        kind = error.kind
        where = _path(error)
        named = f"{_named(where)} " if where else ""
        if kind.name in ("anyOf", "oneOf") and getattr(kind, "context", None):
            branches = [branch for branch in kind.context if branch]
            if marks := _marks(branches):
                expected = [mark.kind.expected_value for mark in marks]
                said = f"must be one of {_options(expected)}, not {_short(marks[0].instance)}"
                return [f"{_named(_path(marks[0]))} {said}"]
            nearest: list[Any] = min(branches, key=_distance, default=[])
            return [line for inner in nearest for line in self._told(inner)]
        match kind.name:
            case "required":
                return [f"{_named(_join(where, kind.property))} is missing"]
            case "additionalProperties":
                return [self._unknown(where, name) for name in kind.unexpected]
            case "enum":
                return [f"{named}must be one of {_options(kind.options)}, not {_short(error.instance)}"]
            case "const":
                return [f"{named}must be {_short(kind.expected_value)}, not {_short(error.instance)}"]
            case "type":
                return [f"{named}must be {_article(kind.types)}, not {_short(error.instance)}"]
            case "format":
                return [f"{named}must be a {kind.format}, not {_short(error.instance)}"]
            case _:
                return [f"{named}{error.message}"[:240]]

    def _unknown(self, where: str, name: str) -> str:
        if where:
            return f"{_named(_join(where, name))} is not known there"
        near = difflib.get_close_matches(name, self._schema["properties"], n=1, cutoff=0.5)
        hint = f"did you mean {_named(near[0])}?" if near else f"known are {_options(list(self._schema['properties']))}"
        return f"there is no argument {_named(name)} ({hint})"


def _distance(errors: list[Any]) -> tuple[int, int, int]:
    """How far a branch is from what was sent: a wrong type or a wrong constant is another branch altogether."""
    other = sum(error.kind.name in ("const", "type") for error in errors)
    deepest = max(len(error.instance_path) for error in errors)
    return other, -deepest, len(errors)


def _marks(branches: list[list[Any]]) -> list[Any]:
    """Where every alternative is told by a constant under one key and none was met: those errors, one a branch."""
    found = [next((error for error in branch if error.kind.name == "const"), None) for branch in branches]
    marks = [error for error in found if error is not None]
    same = len({tuple(error.instance_path) for error in marks}) == 1
    return marks if same and len(marks) == len(branches) else []


def _place(error: Any) -> list[str | int]:
    """Where an error lies; of alternatives, where the nearest one was missed."""
    while error.kind.name in ("anyOf", "oneOf") and getattr(error.kind, "context", None):
        branches = [branch for branch in error.kind.context if branch]
        if not branches or _marks(branches):
            break
        error = min(branches, key=_distance)[0]
    return list(error.instance_path)


def _path(error: Any) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path).lstrip(".")


def _named(where: str) -> str:
    return repr(where if len(where) <= MOST_NAME else f"{where[:MOST_NAME]}...")


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _options(options: list[Any]) -> str:
    shown = ", ".join(json.dumps(option, ensure_ascii=False) for option in options[:MOST_OPTIONS])
    rest = len(options) - MOST_OPTIONS
    return f"{shown} and {rest} more" if rest > 0 else shown


def _article(types: Any) -> str:
    names = [types] if isinstance(types, str) else [str(name) for name in types]
    return " or ".join(("an " if name[0] in "aio" else "a ") + name for name in names)


def _printable(text: str) -> str:
    """What was sent may hold invisible characters and those that steer a terminal: they are told by their number."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
