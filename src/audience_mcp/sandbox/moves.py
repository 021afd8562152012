"""Tool name -> "METHOD /path": where the sandbox serves operations whose documented path is only our guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audience_mcp.openapi.document import METHODS, Document, Entry

UNCONFIRMED = ("inferred", "sibling")
_READING = ("GET", "POST")
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"(/(?!\.{1,2}(?:/|$))([A-Za-z0-9_.~-]+|\{[A-Za-z0-9_]+\}))+/?")


@dataclass(frozen=True, slots=True)
class Place:
    """A method and a path template."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def takes_all_of(self, other: Place) -> bool:
        """Whether whatever is sent to `other` would be answered here as well."""
        mine, theirs = self.path.split("/"), other.path.split("/")
        if self.method != other.method or len(mine) != len(theirs):
            return False
        return all(_PARAMETER.fullmatch(own) or own == part for own, part in zip(mine, theirs, strict=True))


Moves = Mapping[tuple[str, str, str], Place]
"""Provider, documented method and documented path -> where the operation is served instead."""


def read_moves(paths: Mapping[str, str], documents: Mapping[str, Document]) -> Moves:
    """Check true paths by tool name against the documents; parameters keep their names, constants may be written out.

    Raises:
        ValueError: A tool is unknown or its path documented, a parameter is missing or unknown, or two operations would
            answer the same request.
    """
    entries = {
        f"{provider}_{entry.node['operationId']}": (provider, entry)
        for provider, document in documents.items()
        for entry in document.entries()
    }
    moves: dict[tuple[str, str, str], Place] = {}
    served = {name: Place(entry.method.upper(), entry.path) for name, (_, entry) in entries.items()}
    for name, text in paths.items():
        if name not in entries:
            raise ValueError(f"{name!r} is no operation; `audience-mcp tools` lists them")
        provider, entry = entries[name]
        contract = entry.node.get("x-tool", {}).get("contract")
        if contract not in UNCONFIRMED:
            raise ValueError(f"the path of {name} is documented ({served[name]}) and cannot be another one")
        served[name] = moves[provider, entry.method.upper(), entry.path] = _place(name, text, entry)
    sent = {name: _settled(place, entries[name][1]) for name, place in served.items()}
    for name in paths:
        for other, place in sent.items():
            if other != name and entries[other][0] == entries[name][0] and sent[name].takes_all_of(place):
                raise ValueError(
                    f"{name} cannot be at {served[name]}: it would answer what is sent to {other} ({served[other]})"
                )
    return moves


def read_paths(path: Path) -> dict[str, str]:
    """The true paths of a YAML or JSON file, tool name -> "METHOD /path".

    Raises:
        ValueError: It cannot be read, or is no mapping of texts; the text names it.
    """
    import yaml

    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"{path} is neither YAML nor JSON" + (f" (line {mark.line + 1})" if mark else "")) from None
    if content is None:
        raise ValueError(f'{path} is empty; a line of it is TOOL: "METHOD /path"')
    if not isinstance(content, dict) or not all(isinstance(part, str) for pair in content.items() for part in pair):
        raise ValueError(f'{path} must map tool names to "METHOD /path"')
    return content


def constants(entry: Entry | None) -> dict[str, Any]:
    """The path parameters of an operation that have only one value."""
    parameters = entry.parameters if entry else ()
    return {
        one["name"]: one["schema"]["const"]
        for one in parameters
        if one["in"] == "path" and "const" in one.get("schema", {})
    }


def _place(name: str, text: str, entry: Entry) -> Place:
    method, _, path = text.strip().partition(" ")
    path = path.strip()
    if method.lower() not in METHODS or not _PATH.fullmatch(path):
        known = ", ".join(verb.upper() for verb in METHODS)
        raise ValueError(f"{name}: {text!r} must be METHOD /path ({known}; segments or {{parameters}} in the path)")
    if entry.node.get("x-tool", {}).get("access") == "read" and method.upper() not in _READING:
        raise ValueError(f"{name} reads, and cannot be a {method.upper()}; it is served by {' or '.join(_READING)}")
    given = _PARAMETER.findall(path)
    known_names = set(_PARAMETER.findall(entry.path))
    if unknown := set(given) - known_names:
        raise ValueError(f"{name} has no parameter {', '.join(sorted(unknown))}; it has {_listed(known_names)}")
    if missing := known_names - set(given) - set(constants(entry)):
        raise ValueError(f"{name} needs its parameter {', '.join(sorted(missing))} in {path}")
    if len(given) != len(set(given)):
        raise ValueError(f"{name}: a parameter stands twice in {path}")
    return Place(method.upper(), path)


def _settled(place: Place, entry: Entry) -> Place:
    """The place with its constants written out, as requests name it."""
    path = place.path
    for name, value in constants(entry).items():
        path = path.replace(f"{{{name}}}", str(value))
    return Place(place.method, path)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
