"""Operation + document -> argument schemas: the whole one (to check against) and the listed one (what clients load)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.openapi.document import DATA, NAMED, Document, Entry, Node
from audience_mcp.openapi.operation import Argument, Operation
from audience_mcp.openapi.reader import body_schema, schema_of

INT32_MAX = 2**31 - 1
SCHEMAS = "#/components/schemas/"
# What costs tokens in a listing and helps nobody to call: kept for the check and for describe_argument.
UNSHOWN = frozenset({"title", "example", "examples"})
UNSHOWN_FORMATS = (("format", "int32"), ("format", "int64"))

WORKSPACE = "workspace"
ALL_PAGES = "all_pages"
DRY_RUN = "dry_run"
CONFIRM = "confirm"
OUR_ARGUMENTS = (WORKSPACE, ALL_PAGES, DRY_RUN, CONFIRM)


def our_arguments(operation: Operation) -> dict[str, Node]:
    """The arguments this server adds to an operation's own (DESIGN section 7)."""
    added: dict[str, Node] = {}
    if operation.tool.paging:
        added[ALL_PAGES] = {"type": "boolean"}
    if operation.writes:
        added[DRY_RUN] = {"type": "boolean"}
    if operation.access == "destructive" or operation.tool.destructive_when:
        added[CONFIRM] = {"type": "string"}
    if operation.in_workspace:
        added[WORKSPACE] = {"type": "string"}
    return added


def whole(document: Document, entry: Entry, operation: Operation) -> Node:
    """The complete schema of the tool's arguments, self-contained: references point into its own `$defs`."""
    definitions: dict[str, Node] = {}
    properties: dict[str, Node] = {}
    for argument, part in _parts(document, entry, operation):
        properties[argument.name] = _collected(document, part, definitions)
    for name, part in our_arguments(operation).items():
        if name in properties:
            raise ValueError(f"{operation.name} has an argument named {name!r} of its own")
        properties[name] = part
    schema: Node = _object(operation, properties)
    if definitions:
        schema["$defs"] = dict(sorted(definitions.items()))
    return schema


def listed(document: Document, entry: Entry, operation: Operation) -> Node:
    """The schema clients load: deep arguments shown as one line (`x-shallow`), everything else in full."""
    properties = {
        argument.name: _shown(document, part) for argument, part in _parts(document, entry, operation)
    } | our_arguments(operation)
    return _object(operation, properties)


def _object(operation: Operation, properties: dict[str, Node]) -> Node:
    required = [argument.name for argument in operation.arguments if argument.required]
    ordered = {name: properties[name] for name in required}
    ordered |= {name: part for name, part in properties.items() if name not in ordered}
    schema: Node = {"type": "object", "properties": ordered}
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    return schema


def _parts(document: Document, entry: Entry, operation: Operation) -> Iterator[tuple[Argument, Node]]:
    """Each argument with its own schema node; a parameter's description is kept beside its schema."""
    parameters = {parameter["name"]: parameter for parameter in entry.parameters}
    body, _ = body_schema(document, entry)
    for argument in operation.arguments:
        if argument.place == "body":
            assert body is not None
            yield argument, body if operation.body == "whole" else body["properties"][argument.name]
            continue
        parameter = parameters[argument.name]
        part = dict(schema_of(document, parameter))
        for key in ("description", "x-shallow"):
            if key in parameter:
                part[key] = parameter[key]
        yield argument, part


def _collected(document: Document, node: Any, definitions: dict[str, Node]) -> Any:
    """Copy `node` without extensions, moving what it refers to into `definitions`."""
    if isinstance(node, list):
        return [_collected(document, item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    copy: Node = {}
    for key, value in node.items():
        if key == "$ref":
            name = str(value).removeprefix(SCHEMAS)
            if "/" in name:
                raise ValueError(f"an argument may refer to {SCHEMAS}NAME only, not {value!r}")
            if name not in definitions:
                definitions[name] = {}  # claimed before descending, so that a grammar may refer to itself
                definitions[name] = _collected(document, document.resolve({"$ref": value}), definitions)
            copy[key] = f"#/$defs/{name}"
        elif key in DATA:
            copy[key] = value
        elif key in NAMED:
            copy[key] = {name: _collected(document, part, definitions) for name, part in value.items()}
        elif not key.startswith("x-"):
            copy[key] = _collected(document, value, definitions)
    if copy.get("format") == "int32" and copy.get("type") == "integer":
        copy.setdefault("maximum", INT32_MAX)
    return copy


def _shown(document: Document, node: Any, inside: tuple[str, ...] = ()) -> Any:
    """The listed form of one argument: references inlined, what does not help a model to call left out."""
    if isinstance(node, list):
        return [_shown(document, item, inside) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        if node["$ref"] in inside:
            raise ValueError(f"{node['$ref']} refers to itself: its argument needs an x-shallow line")
        return _shown(document, document.resolve(node), (*inside, node["$ref"]))
    if "x-shallow" in node:
        return {"type": _type_of(document, node), "description": node["x-shallow"]}
    copy: Node = {}
    for key, value in node.items():
        if key in NAMED:
            copy[key] = {name: _shown(document, part, inside) for name, part in value.items()}
        elif key in DATA:
            if key not in UNSHOWN:
                copy[key] = value
        elif not key.startswith("x-") and key not in UNSHOWN and (key, value) not in UNSHOWN_FORMATS:
            copy[key] = _shown(document, value, inside)
    return copy


def _type_of(document: Document, node: Node) -> str:
    """The one JSON type a shallow argument is shown with; a nullable one shows the type it has when it is there."""
    if "type" in node:
        return str(node["type"])
    for branch in node.get("anyOf") or node.get("oneOf") or []:
        resolved = document.resolve(branch)
        if resolved.get("type") != "null":
            return _type_of(document, resolved)
    raise ValueError("an x-shallow argument needs a type")
