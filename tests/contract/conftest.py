"""A small sandbox with a recorder in front of it, and a program that is answered by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.sandbox import Sandbox
from audience_mcp.settings import Settings

from .documents import operations
from .samples import Samples

Message = MutableMapping[str, Any]


@dataclass
class Exchange:
    """One request and its answer, as they crossed the wire."""

    provider: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""
    status: int = 0
    answer_type: str = ""
    answer: bytes = b""


@dataclass
class Recorder:
    """An ASGI application that keeps what passes through it."""

    inner: Any
    exchanges: list[Exchange] = field(default_factory=list)

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        raw = scope["raw_path"].decode() if scope.get("raw_path") else scope["path"]
        provider, _, path = raw.lstrip("/").partition("/")
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        exchange = Exchange(provider, scope["method"], f"/{path}", scope["query_string"].decode(), headers)
        self.exchanges.append(exchange)

        async def receiving() -> Message:
            message: Message = await receive()
            exchange.body += message.get("body", b"")
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.answer_type = dict(message["headers"]).get(b"content-type", b"").decode()
            elif message["type"] == "http.response.body":
                exchange.answer += message.get("body", b"")
            await send(message)

        await self.inner(scope, receiving, sending)


class RecordedSandbox(Sandbox):
    """A small sandbox behind a recorder."""

    app: Recorder

    def __init__(self, withheld: Collection[str] = ()) -> None:
        super().__init__(today=date(2026, 11, 20), profiles=200, events=4000, withheld=withheld)
        self.app = Recorder(self.app)


@pytest.fixture(scope="session")
def sandbox() -> RecordedSandbox:
    return RecordedSandbox()


@pytest.fixture(scope="session")
def unseen() -> RecordedSandbox:
    """The same world, in which no credential may read a saved object: a write to an id made up is sent all the same."""
    known = {operation.name: operation for operation in operations()}
    reads = [known[f"{o.provider}_{o.tool.object.operation}"] for o in known.values() if o.writes and o.tool.object]
    return RecordedSandbox({name for read in reads for name in (*read.tool.permissions, *read.tool.scopes)})


@pytest.fixture
def recorder(sandbox: RecordedSandbox) -> Recorder:
    return sandbox.app


@pytest.fixture(scope="session")
def open_settings() -> Settings:
    """Nothing held back: no confirmations, unconfirmed paths sent."""
    return replace(read_settings({"sandbox": True}, {}), confirm="never", unconfirmed="allow")


@pytest.fixture
async def app(sandbox: RecordedSandbox, open_settings: Settings) -> AsyncIterator[App]:
    """A program over the small sandbox."""
    made = build_app(open_settings, sandbox=sandbox)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def samples() -> Samples:
    """Arguments with which each operation succeeds."""
    return Samples()
