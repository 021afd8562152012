"""Document entry -> Operation: parameters and body fields become arguments, constants, or what the session supplies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from audience_mcp.openapi.document import DATA, NAMED, Document, Entry, Node
from audience_mcp.openapi.operation import Argument, Constant, Instructions, Operation, Place, Supplied

KNOWN_EXTENSIONS = frozenset(
    {
        "x-tool",
        "x-workspace",
        "x-credential",
        "x-session",
        "x-sent-with",
        "x-shallow",
        "x-region",
        "x-base",
    }
)
# Outside schemas, the parts of a document whose keys are names, not keywords.
COLLECTIONS = NAMED | {"headers", "parameters", "paths", "requestBodies", "responses", "schemas", "securitySchemes"}


def read(document: Document, provider: str) -> Iterator[Operation]:
    """Every operation of `document`, in its order.

    Raises:
        ValueError: An entry breaks the vocabulary; the message names it.
    """
    unknown = set(_extensions(document.raw)) - KNOWN_EXTENSIONS
    if unknown:
        raise ValueError(f"{provider}: unknown extensions {', '.join(sorted(unknown))}")
    for entry in document.entries():
        try:
            operation = _operation(document, provider, entry)
            _check(operation)
        except (KeyError, ValueError) as error:
            raise ValueError(f"{provider}: {entry.method.upper()} {entry.path}: {error}") from error
        yield operation


def body_schema(document: Document, entry: Entry) -> tuple[Node | None, bool]:
    """The schema of the JSON request body and whether a body is required; None where there is no body."""
    if "requestBody" not in entry.node:
        return None, False
    body = document.resolve(entry.node["requestBody"])
    return document.resolve(body["content"]["application/json"]["schema"]), bool(body.get("required"))


def schema_of(document: Document, parameter: Node) -> Node:
    """The schema of a parameter, whether it is plain or JSON text."""
    if "content" in parameter:
        return dict(parameter["content"]["application/json"]["schema"])
    return dict(parameter["schema"])


def _operation(document: Document, provider: str, entry: Entry) -> Operation:
    node = entry.node
    instructions = Instructions.model_validate(node["x-tool"])
    arguments: list[Argument] = []
    constants: list[Constant] = []
    supplied: list[Supplied] = []
    workspace_parameter = None

    def place(name: str, where: Place, holder: Node, schema: Node, required: bool, style: str = "form") -> None:
        """Decide who supplies one value: nobody (constant), the session, or the model."""
        if "const" in schema:
            constants.append(
                Constant(name=name, place=where, value=schema["const"], sent_with=holder.get("x-sent-with"))
            )
        elif "x-credential" in holder:
            supplied.append(Supplied(name=name, place=where, field=holder["x-credential"], required=required))
        else:
            arguments.append(
                Argument.model_validate(
                    {
                        "name": name,
                        "place": where,
                        "required": required and "x-session" not in holder,
                        "style": style,
                        "session": holder.get("x-session"),
                        "default": schema.get("default"),
                    }
                )
            )

    for parameter in entry.parameters:
        if parameter.get("x-workspace"):
            workspace_parameter = parameter["name"]
            continue
        schema = document.resolve(schema_of(document, parameter))
        place(
            parameter["name"],
            parameter["in"],
            {**schema, **parameter},
            schema,
            bool(parameter.get("required")),
            _style(parameter, schema),
        )

    body, body_required = body_schema(document, entry)
    if instructions.body_argument and body is not None:
        arguments.append(Argument(name=instructions.body_argument, place="body", required=body_required))
    elif body is not None:
        if body.get("type") != "object":
            raise ValueError("a body that is no object of fields needs x-tool.body-argument")
        needed = set(body.get("required", []))
        for name, part in body.get("properties", {}).items():
            resolved = document.resolve(part)
            place(name, "body", resolved, resolved, name in needed)

    (toolset,) = node["tags"]
    return Operation(
        id=node["operationId"],
        provider=provider,
        toolset=toolset,
        title=node["summary"],
        description=" ".join(node["description"].split()),
        method=entry.method.upper(),
        path=entry.path,
        base=str(entry.servers[0].get("x-base", "api")) if entry.servers else "api",
        arguments=tuple(arguments),
        constants=tuple(constants),
        supplied=tuple(supplied),
        workspace_parameter=workspace_parameter,
        body="none" if body is None else "whole" if instructions.body_argument else "fields",
        deprecated=bool(node.get("deprecated")),
        tool=instructions,
    )


def _style(parameter: Node, schema: dict[str, Any]) -> str:
    if "content" in parameter:
        return "json"
    if schema.get("type") == "array":
        return "repeat" if parameter.get("explode", True) else "comma"
    return "form"


def _check(operation: Operation) -> None:
    """Refuse an operation that could not be called, or not without showing a secret in an address."""
    placed: list[Argument | Constant | Supplied] = [*operation.arguments, *operation.constants, *operation.supplied]
    twice = [name for name, count in Counter(part.name for part in placed).items() if count > 1]
    if twice:
        raise ValueError(f"{', '.join(twice)} stands in two places, and arguments are flat")
    filled = {part.name for part in placed if part.place == "path"}
    if operation.workspace_parameter:
        filled.add(operation.workspace_parameter)
    named = set(re.findall(r"{([^}]*)}", operation.path))
    if filled != named:
        raise ValueError(f"path parameters differ from the path: {', '.join(sorted(filled ^ named))}")
    for value in operation.supplied:
        if value.place != "body":
            raise ValueError(f"{value.name} is a secret, and secrets travel in bodies only")
    fields = {part.name for part in placed if part.place == "body"}
    for constant in operation.constants:
        if constant.sent_with is not None and (constant.place != "body" or constant.sent_with not in fields):
            raise ValueError(f"{constant.name} is to be sent with {constant.sent_with!r}, which is no body field")


def _extensions(node: Any, *, names: bool = False) -> Iterator[str]:
    """Every extension key in a document; `names` says that the keys of `node` are names."""
    if isinstance(node, list):
        for item in node:
            yield from _extensions(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if not names and str(key).startswith("x-"):
                yield key
            elif names or key not in DATA:
                yield from _extensions(value, names=not names and key in COLLECTIONS)
