"""One OpenAPI file -> its entries, with local references followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

METHODS = ("get", "put", "post", "delete", "patch")
# Inside a schema: the keys whose value maps names to schemas, and those whose value is data and no schema.
NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
DATA = frozenset({"const", "default", "enum", "example", "examples"})
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation of a document: where it stands and what it says, its parameters resolved and merged."""

    path: str
    method: str
    node: Node
    parameters: tuple[Node, ...]
    servers: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed OpenAPI document; references stay in place until they are asked for."""

    raw: Node

    def resolve(self, node: Mapping[str, Any]) -> Node:
        """Follow the reference of `node`, if it is one, to what it names.

        Raises:
            ValueError: The reference leaves the document or leads back to itself.
            KeyError: It names nothing.
        """
        found: Any = node
        followed: set[str] = set()
        while "$ref" in found:
            reference = str(found["$ref"])
            if not reference.startswith("#/"):
                raise ValueError(f"only references inside the document are followed, not {reference!r}")
            if reference in followed:
                raise ValueError(f"the reference {reference!r} leads back to itself")
            followed.add(reference)
            target: Any = self.raw
            for part in reference[2:].split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            beside = {key: value for key, value in found.items() if key != "$ref"}
            found = {**target, **beside}
        return dict(found)

    def entries(self) -> Iterator[Entry]:
        """Every operation, in the document's order."""
        for path, item in self.raw["paths"].items():
            shared = item.get("parameters", [])
            for method in METHODS:
                if method not in item:
                    continue
                node = item[method]
                merged = {
                    (parameter["name"], parameter["in"]): parameter
                    for parameter in map(self.resolve, [*shared, *node.get("parameters", [])])
                }
                servers = node.get("servers") or item.get("servers") or self.raw.get("servers", [])
                yield Entry(path, method, node, tuple(merged.values()), tuple(servers))


def load(path: Path) -> Document:
    """Read a YAML or JSON document (YAML is a superset) from `path`.

    Raises:
        OSError: The file cannot be read.
        yaml.YAMLError: It is not YAML.
    """
    import yaml  # only the compiler, the sandbox and the contract commands parse documents

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        return Document(yaml.load(file, Loader=loader))  # noqa: S506 - both are safe loaders
