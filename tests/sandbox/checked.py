"""A client on a sandbox that checks every answer against the provider's OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator

from audience_mcp.openapi.document import Entry
from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.contract import Contract

HOST = "http://sandbox"


@asynccontextmanager
async def client(sandbox: Sandbox, provider: str, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose base is the provider's mount."""
    transport = CheckedTransport(sandbox, provider)
    async with httpx.AsyncClient(transport=transport, base_url=f"{HOST}/{provider}", **options) as made:
        yield made


class CheckedTransport(httpx.ASGITransport):
    """Fails the test when an answer breaks the response schema of its operation."""

    def __init__(self, sandbox: Sandbox, provider: str) -> None:
        super().__init__(sandbox.app)
        self._provider = provider
        self._contract = sandbox.state.contract(provider)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send, read and check."""
        response = await super().handle_async_request(request)
        await response.aread()
        path = request.url.path.removeprefix(f"/{self._provider}")
        if entry := _entry(self._contract, request.method, path):
            check(self._contract, entry, response)
        return response


def check(contract: Contract, entry: Entry, response: httpx.Response) -> None:
    """Assert that the answer is one the document describes."""
    responses = entry.node["responses"]
    status = str(response.status_code)
    described = responses.get(status) or responses.get(f"{status[0]}XX") or responses.get("default")
    where = f"{entry.method.upper()} {entry.path} -> {response.status_code}"
    assert described is not None, f"{where} is not documented"
    content = contract.document.resolve(described).get("content")
    if content is None:
        return
    media = response.headers["content-type"].split(";")[0]
    if "*/*" in content:  # the provider documents no body for its failures
        return
    assert media in content, f"{where}: {media} is not documented"
    if media == "application/json":
        schemas = contract.document.raw["components"]["schemas"]
        validator = Draft202012Validator(
            {**content[media]["schema"], "components": {"schemas": schemas}}, validate_formats=True
        )
        problems = [
            f"{where} {list(error.instance_path)}: {error.message}"
            for error in validator.iter_errors(json.loads(response.content))
        ]
        assert not problems, "\n".join(problems)


def _entry(contract: Contract, method: str, path: str) -> Entry | None:
    """The documented operation a concrete path belongs to; the one with the fewest parameters wins."""
    fitting = [
        entry
        for entry in contract.document.entries()
        if entry.method.upper() == method and _fits(entry.path.split("/"), path.split("/"))
    ]
    return min(fitting, key=lambda entry: entry.path.count("{"), default=None)


def _fits(template: list[str], path: list[str]) -> bool:
    return len(template) == len(path) and all(
        one == other or one.startswith("{") for one, other in zip(template, path, strict=True)
    )
