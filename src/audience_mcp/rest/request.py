"""Operation + checked arguments -> the exact HTTP request (pure: nothing is sent, nothing is read)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from audience_mcp.errors import CredentialsMissing, InvalidArguments
from audience_mcp.openapi.operation import Argument, Operation

JSON = "application/json"
NOTHING: Any = object()


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent: `url` is complete, `headers` hide their values, `body` is the JSON value."""

    method: str
    url: str
    headers: Mapping[str, SecretStr] = field(default_factory=dict)
    body: Any = None
    has_body: bool = False
    secret_fields: frozenset[str] = frozenset()

    @property
    def content(self) -> bytes | None:
        """The bytes of the body."""
        return json.dumps(self._revealed(), ensure_ascii=False).encode() if self.has_body else None

    def shown(self) -> dict[str, Any]:
        """The request as a person may read it: no header values, secret body fields as stars."""
        told: dict[str, Any] = {"method": self.method, "url": self.url}
        if self.has_body:
            told["body"] = (
                {name: "***" if name in self.secret_fields else value for name, value in self.body.items()}
                if isinstance(self.body, dict)
                else self.body
            )
        return told

    def _revealed(self) -> Any:
        if not isinstance(self.body, dict):
            return self.body
        return {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in self.body.items()
        }


def build(
    operation: Operation,
    arguments: Mapping[str, Any],
    *,
    base_url: str,
    workspace: str | None = None,
    secrets: Mapping[str, SecretStr] | None = None,
    headers: Mapping[str, SecretStr] | None = None,
) -> Request:
    """The request of one call.

    `workspace` fills the path parameter that names the workspace; `secrets` are the log-in values by field name.

    Raises:
        InvalidArguments: A path argument would leave its segment.
        CredentialsMissing: The operation sends a secret that is not configured.
    """
    path: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    body: dict[str, Any] = {}
    whole: Any = NOTHING

    for constant in operation.constants:
        if constant.sent_with is None:
            _put(constant.place, constant.name, constant.value, path, query, body)
    if operation.workspace_parameter:
        path[operation.workspace_parameter] = _segment(operation.workspace_parameter, workspace)
    for argument in operation.arguments:
        if argument.name not in arguments:
            continue
        value = arguments[argument.name]
        if argument.place == "path":
            path[argument.name] = _segment(argument.name, value)
        elif argument.place == "query":
            query += _query(argument, value)
        elif operation.body == "whole":
            whole = value
        else:
            body[argument.name] = value
    secret_fields = _supply(operation, secrets or {}, body)
    for constant in operation.constants:
        if constant.sent_with is not None and constant.sent_with in body:
            body[constant.name] = constant.value

    sends = operation.tool.sends
    method = sends.method if sends else operation.method
    if sends and sends.body is not None:
        body |= sends.body
    has_body = operation.body == "fields" or whole is not NOTHING or bool(sends and sends.body is not None)
    target = operation.path.format(**path)
    return Request(
        method=method,
        url=base_url.rstrip("/") + target + (f"?{urlencode(query)}" if query else ""),
        headers={"Accept": SecretStr(JSON), **(headers or {})},
        body=body if whole is NOTHING else whole,
        has_body=has_body,
        secret_fields=secret_fields,
    )


def _supply(operation: Operation, secrets: Mapping[str, SecretStr], body: dict[str, Any]) -> frozenset[str]:
    names = set()
    for supplied in operation.supplied:
        secret = secrets.get(supplied.field)
        if secret is not None:
            body[supplied.name] = secret
            names.add(supplied.name)
        elif supplied.required:
            raise CredentialsMissing(
                f"{operation.title} sends {supplied.name!r}, which is not configured.",
                f"The user configures it (setting {operation.provider.upper()}_{supplied.field.upper()}) and restarts"
                " the server; it is never passed as an argument.",
                provider=operation.provider,
            )
    return frozenset(names)


def _segment(name: str, value: Any) -> str:
    """`value` as one path segment.

    An HTTP client would resolve dots, and many a server decodes an escaped slash before it routes: both would climb out
    of the workspace, or turn a read into another operation. No id holds either.
    """
    text = _text(value)
    segment = quote(text, safe="")
    if segment in ("", ".", "..") or value is None or {"/", "\\"} & set(text):
        raise InvalidArguments(
            f"{name!r} must name one object, not {str(value)!r}.", "Pass the object's id, as a list operation shows it."
        )
    return segment


def _query(argument: Argument, value: Any) -> list[tuple[str, str]]:
    if argument.style == "json":
        return [(argument.name, json.dumps(value, ensure_ascii=False, separators=(",", ":")))]
    if isinstance(value, list):
        if argument.style == "comma":
            return [(argument.name, ",".join(map(_text, value)))] if value else []
        return [(argument.name, _text(item)) for item in value]
    return [] if value is None else [(argument.name, _text(value))]


def _put(
    place: str, name: str, value: Any, path: dict[str, str], query: list[tuple[str, str]], body: dict[str, Any]
) -> None:
    if place == "path":
        path[name] = _segment(name, value)
    elif place == "query":
        query.append((name, _text(value)))
    else:
        body[name] = value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
