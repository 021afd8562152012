"""The four documents under a second OpenAPI library, which judges what crossed the wire."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from audience_mcp.openapi.document import Document, load
from audience_mcp.openapi.operation import Operation
from audience_mcp.openapi.reader import read
from audience_mcp.providers import PROVIDERS


@cache
def document(provider: str) -> Document:
    return load(next(known.document_path for known in PROVIDERS if known.id == provider))


@cache
def judge(provider: str) -> OpenAPI:
    readers: dict[str, Callable[[bytes], Any]] = {"text/csv": bytes.decode}
    return OpenAPI.from_dict(document(provider).raw, config=Config(extra_media_type_deserializers=readers))


def operations(*, internal: bool = False) -> Iterator[Operation]:
    for provider in PROVIDERS:
        for operation in read(document(provider.id), provider.id):
            if internal or not operation.tool.internal:
                yield operation


def template_matches(operation: Operation, path: str) -> bool:
    """Whether a raw request path is this operation's, segment by segment."""
    pattern = re.sub(r"\{[^}]+\}", "[^/]+", operation.path)
    return re.fullmatch(pattern, path) is not None


def host(operation: Operation) -> str:
    for entry in document(operation.provider).entries():
        if entry.node["operationId"] == operation.id:
            return str(entry.servers[0]["url"])
    raise KeyError(operation.id)


def check_request(operation: Operation, exchange: Any) -> None:
    """Raise when the request breaks the document."""
    judge(operation.provider).validate_request(_request(operation, exchange))


def check_answer(operation: Operation, exchange: Any) -> None:
    """Raise when the answer breaks the document."""
    response = MockResponse(
        data=exchange.answer or None,  # type: ignore[arg-type]  # None means no body
        status_code=exchange.status,
        content_type=exchange.answer_type.partition(";")[0] or "application/json",
    )
    judge(operation.provider).validate_response(_request(operation, exchange), response)


def _request(operation: Operation, exchange: Any) -> MockRequest:
    query: dict[str, Any] = {}
    for name, value in parse_qsl(exchange.query, keep_blank_values=True):
        before = query.get(name)
        query[name] = value if before is None else [*before, value] if isinstance(before, list) else [before, value]
    return MockRequest(
        host_url=host(operation),
        method=operation.method.lower(),
        path=unquote(exchange.path) if "%2F" not in exchange.path.upper() else exchange.path,
        args=query,
        headers=exchange.headers,
        data=exchange.body or None,
        content_type=exchange.headers.get("content-type", "application/json"),
    )
