"""Swagger 2.0 document -> described operations."""

from __future__ import annotations

from collections.abc import Iterator

from audience_mcp.contract.importing.cleaning import Cleaner
from audience_mcp.contract.importing.described import Described, Form, Parameter
from audience_mcp.contract.importing.hosts import Hosts, Server
from audience_mcp.contract.importing.notes import Notes
from audience_mcp.contract.importing.operations import operations, parameters_by_place, titles
from audience_mcp.contract.importing.paths import placed
from audience_mcp.contract.importing.references import References
from audience_mcp.openapi.document import Node
from audience_mcp.results.wording import named

FORMS: dict[str, Form] = {"multi": "form", "csv": "comma"}


def describe(raw: Node, hosts: Hosts, notes: Notes) -> Iterator[Described]:
    """Every operation that could be one of the provider's; what is passed over is noted."""
    references, cleaner = References(raw, notes), Cleaner(raw, notes)
    server = _server(raw, hosts, notes)
    if server is None:
        return
    for path, method, item, node in operations(raw, references):
        whole = placed(server, method, path, notes)
        if whole is not None:
            yield _operation(whole, method, item, node, server, references, cleaner, notes)


def _server(raw: Node, hosts: Hosts, notes: Notes) -> Server | None:
    host, prefix = raw.get("host"), raw.get("basePath")
    prefix = prefix if isinstance(prefix, str) else ""
    server = hosts.server(f"https://{host}{prefix}" if isinstance(host, str) and host else prefix)
    if server is None:
        notes.add(f"the host {named(str(host))} is not the provider's and was ignored")
    return server


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
    parameters: list[Parameter] = []
    body: Node | None = None
    for (name, place), parameter in parameters_by_place(item, node, references).items():
        required = place == "path" or parameter.get("required") is True
        if place == "body":
            body = parameter
        elif place in ("path", "query", "header"):
            form: Form = "form"
            if place == "query" and parameter.get("type") == "array":
                form = FORMS.get(str(parameter.get("collectionFormat", "csv")), "other")
            # `required` means the parameter here, and would mean fields to a schema
            schema = {key: value for key, value in parameter.items() if key not in ("required", "name", "in")}
            parameters.append(Parameter(name, place, required, cleaner.clean(schema), form))  # type: ignore[arg-type]
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
        titles=titles(node),
        parameters=tuple(parameters),
        read_body=lambda: None if body is None else cleaner.clean(body.get("schema")),
        read_answer=answer,
    )
