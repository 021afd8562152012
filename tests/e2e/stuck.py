"""A PostHog that answers reads and never a write, and the server before it as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.abc
from anyio.streams.buffered import BufferedByteReceiveStream

from .command import Shell

PATIENCE = 30
FULL_DISK = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
COHORT = {"id": 3, "name": "Buyers", "description": "", "is_static": False, "deleted": False, "count": 5}
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "stuck", "version": "1"}}


@dataclass
class Stuck:
    """The provider: `arrived` once a write is there, `dropped` once its connection was closed before the answer."""

    url: str
    arrived: anyio.Event = field(default_factory=anyio.Event)
    dropped: anyio.Event = field(default_factory=anyio.Event)

    async def serve(self, stream: anyio.abc.SocketStream) -> None:
        incoming = BufferedByteReceiveStream(stream)
        async with stream:
            try:
                while True:
                    head = (await incoming.receive_until(b"\r\n\r\n", 65536)).decode()
                    if not head.startswith("GET "):
                        self.arrived.set()
                        while True:
                            await incoming.receive()
                    path = head.split()[1].partition("?")[0]
                    body = json.dumps(_answer(path)).encode()
                    kind = b"Content-Type: application/json\r\nContent-Length: "
                    await stream.send(b"HTTP/1.1 200 OK\r\n" + kind + str(len(body)).encode() + b"\r\n\r\n" + body)
            except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError):
                if self.arrived.is_set():
                    self.dropped.set()


def _answer(path: str) -> Any:
    if path.endswith("/cohorts/"):
        cohorts = [{**COHORT, "id": number, "name": f"Cohort {number}", "count": number} for number in range(3, 9)]
        return {"count": len(cohorts), "next": None, "results": cohorts}
    return COHORT if "/cohorts/" in path else {"id": 7, "name": "Meadow", "timezone": "UTC"}


@asynccontextmanager
async def stuck() -> AsyncIterator[Stuck]:
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        provider = Stuck(f"http://127.0.0.1:{port}")
        tasks.start_soon(listener.serve, provider.serve)
        yield provider
        tasks.cancel_scope.cancel()


class Served:
    """The server's process and its client's end of the pipes."""

    def __init__(self, process: anyio.abc.Process) -> None:
        assert process.stdin and process.stdout
        self.process, self._stdin = process, process.stdin
        self._lines = BufferedByteReceiveStream(process.stdout)
        self._asked = 0

    async def send(self, **message: Any) -> None:
        await self._stdin.send(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    async def begin(self, method: str, **params: Any) -> int:
        """Ask, and do not wait; the id of the request."""
        self._asked += 1
        await self.send(id=self._asked, method=method, params=params)
        return self._asked

    async def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Call a tool and wait for its result."""
        identity = await self.begin("tools/call", name=tool, arguments=arguments)
        return await self.answer(identity)

    async def answer(self, identity: int) -> dict[str, Any]:
        while True:
            frame = json.loads(await self._lines.receive_until(b"\n", 10_000_000))
            if frame.get("id") == identity:
                result: dict[str, Any] = frame["result"]
                return result

    async def close(self) -> None:
        """Close the server's stdin."""
        await self._stdin.aclose()

    async def ended(self) -> int:
        """Wait for the process; its exit code."""
        return await self.process.wait()


@asynccontextmanager
async def served(
    provider: Stuck, shell: Shell, *flags: str, full_disk: bool = False, **settings: str
) -> AsyncIterator[Served]:
    """`audience-mcp serve`, greeted, and killed at the end; on a full disk no file of its can grow, pipes can."""
    command = [*(FULL_DISK if full_disk else ()), sys.executable, "-m", "audience_mcp", "serve", *flags]
    variables = shell.variables(settings_for(provider) | settings)
    with anyio.fail_after(PATIENCE):
        async with await anyio.open_process(command, stderr=subprocess.DEVNULL, env=variables) as process:
            try:
                server = Served(process)
                await server.answer(await server.begin("initialize", **HELLO))
                await server.send(method="notifications/initialized")
                yield server
            finally:
                if process.returncode is None:
                    process.kill()


def settings_for(provider: Stuck) -> dict[str, str]:
    return {
        "POSTHOG_API_KEY": "phx_sandbox5ecret",
        "POSTHOG_BASE_URL": provider.url,
        "POSTHOG_PROJECT_ID": "7",
        "AUDIENCE_MCP_CONFIRM": "never",
    }


async def until(holds: Callable[[], Any]) -> None:
    """Return once something holds; the caller's deadline ends the waiting."""
    while not holds():
        await anyio.sleep(0.01)
