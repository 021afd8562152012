"""Swagger 2.0 document -> described operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.contract.importing.cleaning import Cleaner
from audience_mcp.contract.importing.described import Described, Form, Parameter
from audience_mcp.contract.importing.hosts import Hosts, Server
from audience_mcp.contract.importing.notes import Notes
from audience_mcp.contract.importing.references import References
from audience_mcp.contract.importing.templates import Outside, below
from audience_mcp.openapi.document import METHODS
from audience_mcp.results.wording import named

Node = dict[str, Any]
FORMS: dict[str, Form] = {"multi": "form", "csv": "comma"}


def describe(raw: Node, hosts: Hosts, notes: Notes) -> Iterator[Described]:
    """Every operation that could be one of the provider's; what is passed over is noted."""
    references, cleaner = References(raw, notes), Cleaner(raw, notes)
    server = _server(raw, hosts, notes)
    paths = raw.get("paths")
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        item = references.follow(item)
        for method in METHODS:
            node = item.get(method)
            if not isinstance(node, dict):
                continue
            try:
                whole = below(server.prefix, str(path))
            except Outside as reason:
                notes.add(f"{method.upper()} {named(str(path))} was passed over: {reason}")
                continue
            yield _operation(whole, method, item, node, server, references, cleaner, notes)


def _server(raw: Node, hosts: Hosts, notes: Notes) -> Server:
    host, prefix = raw.get("host"), raw.get("basePath")
    prefix = prefix if isinstance(prefix, str) else ""
    server = hosts.server(f"https://{host}{prefix}" if isinstance(host, str) and host else prefix)
    if server is None:
        notes.add(f"the host {named(str(host))} is not the provider's and was ignored")
    return server or Server(None, "")


def _operation(
    path: str,
    method: str,
    item: Node,
    node: Node,
    server: Server,
    references: References,
    cleaner: Cleaner,
    notes: Notes,
) -> Described:
    merged: dict[tuple[str, str], Node] = {}
    for listed in (item.get("parameters"), node.get("parameters")):
        for one in listed if isinstance(listed, list) else ():
            parameter = references.follow(one)
            if isinstance(parameter.get("name"), str) and isinstance(parameter.get("in"), str):
                merged[(parameter["name"], parameter["in"])] = parameter
    placed: list[Parameter] = []
    body: Node | None = None
    for (name, place), parameter in merged.items():
        required = place == "path" or parameter.get("required") is True
        if place == "body":
            body = parameter
        elif place in ("path", "query", "header"):
            form: Form = "form"
            if place == "query" and parameter.get("type") == "array":
                form = FORMS.get(str(parameter.get("collectionFormat", "csv")), "other")
            # `required` means the parameter here, and would mean fields to a schema
            schema = {key: value for key, value in parameter.items() if key not in ("required", "name", "in")}
            placed.append(Parameter(name, place, required, cleaner.clean(schema), form))  # type: ignore[arg-type]
        elif place == "formData":
            notes.add(f"{method.upper()} {named(path)} is sent as a form, which this server does not do")

    def answer() -> Node | None:
        responses = node.get("responses")
        for status, one in responses.items() if isinstance(responses, dict) else ():
            found = references.follow(one)
            if str(status).startswith("2") and "schema" in found:
                return cleaner.clean(found["schema"])
        return None

    return Described(
        method=method.upper(),
        path=path,
        base=server.base,
        titles=tuple(node[key] for key in ("summary", "operationId") if isinstance(node.get(key), str) and node[key]),
        parameters=tuple(placed),
        read_body=lambda: None if body is None else cleaner.clean(body.get("schema")),
        read_answer=answer,
        body_required=body is not None and body.get("required") is True,
    )
