"""ASGI request -> the sandbox's own record of it, taken from the wire before any dialect looks at it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import overload

from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT = 10_000  # requests: a long run must not eat the memory
MARK = (b"x-audience-mcp-sandbox", b"made-up data")  # a client that knows it marks what it shows


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as it arrived, and what came of it.

    `path` is raw (still percent-encoded) and without the mount prefix, `query` the raw text after the question mark,
    `headers` have lower-case names (repeated ones joined by a comma), `workspace` is the key of the workspace the
    request ran in, None when it ran in none. `fault` is the fault that struck it (`faults`); `reached` tells whether
    the provider's code got to see it, so that a write with a lost answer is known to have been carried out or not.
    """

    provider: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int
    workspace: str | None
    fault: str | None = None
    reached: bool = True


@dataclass
class Remarks:
    """What the code behind the witness adds to a request's entry."""

    workspace: str | None = None
    fault: str | None = None
    reached: bool = True


class Journal(Sequence[Entry]):
    """The newest requests, the oldest of them first; `file` gets every one, a line of JSON each.

    Only the last `most` stay in memory; `dropped` counts those that had to make room for them.

    Raises:
        OSError: The file cannot be written.
    """

    def __init__(self, file: Path | None = None, most: int = KEPT) -> None:
        self._entries: deque[Entry] = deque(maxlen=most)
        self._file = file
        self.dropped = 0
        if file is not None:
            file.open("a").close()  # refused at the start, not at the first request

    def add(self, entry: Entry) -> None:
        """Write one request down."""
        self.dropped += len(self._entries) == self._entries.maxlen
        self._entries.append(entry)
        if self._file is not None:
            line = json.dumps({**asdict(entry), "body": entry.body.decode("utf-8", "replace")}, ensure_ascii=False)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._entries)

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> list[Entry]: ...
    def __getitem__(self, place: int | slice) -> Entry | list[Entry]:
        """One of those kept, or some of them."""
        return list(self._entries)[place] if isinstance(place, slice) else self._entries[place]


class Witness:
    """Wraps the sandbox's application and writes every request into its journal."""

    def __init__(self, app: ASGIApp, journal: Journal) -> None:
        self._app = app
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, pass it on, and note the status of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _whole_body(receive)
        given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        status = 500  # what the client is told when no answer was started

        async def replay() -> Message:
            return given.pop() if given else await receive()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), MARK]
                status = message["status"]
            await send(message)

        remarks = Remarks()
        scope.setdefault("state", {})["remarks"] = remarks
        try:
            await self._app(scope, replay, watch)
        finally:
            self._journal.add(_entry(scope, body, status, remarks))


async def _whole_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _entry(scope: Scope, body: bytes, status: int, remarks: Remarks) -> Entry:
    raw = scope.get("raw_path") or scope["path"].encode()
    _, provider, *rest = raw.decode("latin-1").split("/", 2)
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return Entry(
        provider=provider,
        method=scope["method"],
        path="/" + "".join(rest),
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        status=status,
        workspace=remarks.workspace,
        fault=remarks.fault,
        reached=remarks.reached,
    )
