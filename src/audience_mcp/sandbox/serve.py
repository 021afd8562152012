"""A sandbox -> a real HTTP server on this machine."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import uvicorn

from audience_mcp.sandbox.faults import ConnectionDropped
from audience_mcp.sandbox.sandbox import Sandbox


async def serve(
    sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0, ready: Callable[[str], None] | None = None
) -> None:
    """Serve until the process is told to stop; `ready` is told the base URL. Port 0 takes a free one.

    Raises:
        OSError: The address cannot be bound.
    """
    with listening(host, port) as listener:
        if ready is not None:
            ready(_base(host, listener))  # already listening: what arrives now waits for the server
        await _server(sandbox).serve([listener])


@asynccontextmanager
async def serving(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve while the block runs; gives the base URL. Port 0 takes a free one.

    Raises:
        OSError: The address cannot be bound.
    """
    with listening(host, port) as listener:
        server = _server(sandbox)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [listener])
            try:
                yield _base(host, listener)
            finally:
                server.should_exit = True


def listening(host: str, port: int) -> socket.socket:
    """A socket that connections can come to; what is written to them leaves at once.

    asyncio asks for that only where a socket names its protocol, and these do not: each answer would wait 40 ms for the
    client to acknowledge the one before.

    Raises:
        OSError: The address cannot be bound.
    """
    listener = socket.create_server((host, port), backlog=256)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # those it accepts inherit it
    return listener


def _server(sandbox: Sandbox) -> uvicorn.Server:
    config = uvicorn.Config(sandbox.app, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=2)
    logging.getLogger("uvicorn.error").addFilter(_unasked)
    return uvicorn.Server(config)


def _unasked(record: logging.LogRecord) -> bool:
    """Whether a log record tells of anything but a connection that was dropped on purpose."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionDropped))


def _base(host: str, listener: socket.socket) -> str:
    return f"http://{host}:{listener.getsockname()[1]}"
