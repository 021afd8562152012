"""OpenAPI 3.0 or 3.1 document -> described operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.contract.importing.cleaning import Cleaner
from audience_mcp.contract.importing.described import Described, Form, Parameter
from audience_mcp.contract.importing.hosts import Hosts, Server
from audience_mcp.contract.importing.notes import Notes
from audience_mcp.contract.importing.operations import operations, parameters_by_place, titles
from audience_mcp.contract.importing.paths import placed
from audience_mcp.contract.importing.references import References
from audience_mcp.openapi.document import Node
from audience_mcp.results.wording import named

PLACES = ("path", "query", "header")


def describe(raw: Node, hosts: Hosts, notes: Notes) -> Iterator[Described]:
    """Every operation that could be one of the provider's; what is passed over is noted."""
    return _Reader(raw, hosts, notes).operations()


class _Reader:
    def __init__(self, raw: Node, hosts: Hosts, notes: Notes) -> None:
        self._raw, self._hosts, self._notes = raw, hosts, notes
        self._references, self._cleaner = References(raw, notes), Cleaner(raw, notes)

    def operations(self) -> Iterator[Described]:
        general = self._server(self._raw)  # None: written for other hosts alone, so nothing in it is the provider's
        for path, method, item, node in operations(self._raw, self._references):
            found = self._operation(path, method, item, node, general)
            if found is not None:
                yield found

    def _operation(self, path: str, method: str, item: Node, node: Node, general: Server | None) -> Described | None:
        own = node if isinstance(node.get("servers"), list) else item if isinstance(item.get("servers"), list) else None
        server = self._server(own) if own and own["servers"] else general
        whole = placed(server, method, path, self._notes) if server else None
        if server is None or whole is None:
            return None
        body = self._references.follow(node.get("requestBody"))
        content, is_json = self._content(body)
        return Described(
            method=method.upper(),
            path=whole,
            base=server.base,
            titles=titles(node),
            parameters=tuple(self._parameters(item, node)),
            read_body=lambda: self._cleaner.clean(content) if is_json else None,
            read_answer=lambda: self._answer(node),
        )

    def _server(self, holder: Node) -> Server | None:
        listed = holder.get("servers")
        servers = [server for server in listed if isinstance(server, dict)] if isinstance(listed, list) else []
        urls = [_spelled(server) for server in servers if isinstance(server.get("url"), str)]
        found = [server for url in urls if (server := self._hosts.server(url)) is not None]
        for url in urls:
            if self._hosts.server(url) is None:
                self._notes.add(f"the server {named(url)} is not the provider's and was ignored")
        if not urls:
            return Server(None, "")
        return min(found, key=lambda server: server.base is None, default=None)

    def _parameters(self, item: Node, node: Node) -> Iterator[Parameter]:
        for (name, place), parameter in parameters_by_place(item, node, self._references).items():
            if place in PLACES:
                form, schema = self._written(parameter)
                required = place == "path" or parameter.get("required") is True
                yield Parameter(name, place, required, self._cleaner.clean(schema), form)  # type: ignore[arg-type]
            elif parameter.get("required") is True:
                self._notes.add(f"the required {place} parameter {named(name)} is not sent")

    def _written(self, parameter: Node) -> tuple[Form, Any]:
        content, is_json = self._content(parameter)
        if is_json:
            return "json", content
        style, explode = parameter.get("style", "form"), parameter.get("explode", True)
        if parameter["in"] == "query" and style != "form":
            return "other", parameter.get("schema")
        return ("form" if explode is not False else "comma"), parameter.get("schema")

    def _content(self, holder: Node) -> tuple[Any, bool]:
        """The JSON schema among the media types, and whether there is one."""
        content = holder.get("content")
        for media, part in content.items() if isinstance(content, dict) else ():
            kind = str(media).partition(";")[0].strip().casefold()
            if (kind == "application/json" or kind.endswith("+json") or kind == "*/*") and isinstance(part, dict):
                return part.get("schema", {}), True
        return None, False

    def _answer(self, node: Node) -> Node | None:
        responses = node.get("responses")
        for status, answer in responses.items() if isinstance(responses, dict) else ():
            if str(status).startswith("2"):
                schema, is_json = self._content(self._references.follow(answer))
                if is_json:
                    return self._cleaner.clean(schema)
        return None


def _spelled(server: Node) -> str:
    """The address of a server with the defaults of its variables."""
    url: str = server["url"]
    variables = server.get("variables")
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        default = variable.get("default") if isinstance(variable, dict) else None
        if isinstance(default, str):
            url = url.replace(f"{{{name}}}", default)
    return url
