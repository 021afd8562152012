"""Standard input and output as asyncio pipes: frames in and out with no thread between, for a client on a pipe.

The SDK's own transport hands every message to a worker thread and back; it serves where stdin or stdout is no pipe.
"""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType

import anyio
import mcp_types as t
from mcp.shared.message import SessionMessage

STDIN, STDOUT, STDERR = 0, 1, 2
_CHUNK = 2**16


def usable() -> bool:
    """Whether stdin and stdout are pipes or sockets that asyncio can watch.

    One socket for both is none: asyncio takes what can be read from a socket it writes to for its end.
    """
    if sys.platform == "win32":
        return False
    try:
        ends = [os.fstat(fd) for fd in (STDIN, STDOUT)]
    except OSError:
        return False
    watched = all(stat.S_ISFIFO(end.st_mode) or stat.S_ISSOCK(end.st_mode) for end in ends)
    return watched and not os.path.samestat(*ends)


class FramesIn:
    """The client's frames, one a line; what is no frame comes as the exception that says so."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._rest = bytearray()

    async def receive(self) -> SessionMessage | Exception:
        """The next frame.

        Raises:
            anyio.EndOfStream: The client closed the pipe.
        """
        line = await self._line()
        try:
            text = line.decode("utf-8", "replace")
            return SessionMessage(t.jsonrpc_message_adapter.validate_json(text, by_name=False))
        except Exception as error:  # whatever a client sends is answered or logged by the session, never fatal
            return error

    async def _line(self) -> bytes:
        searched = 0
        while (end := self._rest.find(b"\n", searched)) < 0:
            searched = len(self._rest)
            chunk = await self._reader.read(_CHUNK)
            if not chunk:
                if not self._rest.strip():
                    raise anyio.EndOfStream
                end = len(self._rest)
                break
            self._rest += chunk
        line = bytes(self._rest[:end])
        del self._rest[: end + 1]
        return line

    async def aclose(self) -> None:
        """Nothing to close: the pipe is closed by whoever opened it."""

    def __aiter__(self) -> FramesIn:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> FramesIn:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class FramesOut:
    """Our frames, each written whole before the next; a client that is gone ends the stream."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._lock = anyio.Lock()

    async def send(self, item: SessionMessage, /) -> None:
        """Write one frame and wait until the pipe has taken it.

        Raises:
            anyio.BrokenResourceError: The client is gone.
        """
        frame = item.message.model_dump_json(by_alias=True, exclude_unset=True).encode()
        async with self._lock:
            try:
                self._writer.write(frame + b"\n")
                await self._writer.drain()
            except OSError as error:
                raise anyio.BrokenResourceError from error

    async def aclose(self) -> None:
        """Nothing to close: the pipe is closed by whoever opened it."""

    async def __aenter__(self) -> FramesOut:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


@asynccontextmanager
async def pipe_server() -> AsyncIterator[tuple[FramesIn, FramesOut]]:
    """Both directions of the wire, while stray output of this process goes to stderr and stray input finds nothing.

    Raises:
        OSError: The descriptors cannot be taken; nothing was changed.
    """
    wires = [_taken(STDIN, os.open(os.devnull, os.O_RDONLY)), _taken(STDOUT, os.dup(STDERR))]
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(_CHUNK)
    incoming, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(wires[0]), "rb", buffering=0)
    )
    outgoing, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(os.dup(wires[1]), "wb", buffering=0)
    )
    outgoing.set_write_buffer_limits(high=0)
    try:
        yield FramesIn(reader), FramesOut(asyncio.StreamWriter(outgoing, protocol, None, loop))
    finally:
        incoming.close()
        outgoing.close()
        for fd, wire in zip((STDIN, STDOUT), wires, strict=True):
            os.set_blocking(wire, True)
            os.dup2(wire, fd)
            os.close(wire)


def _taken(fd: int, instead: int) -> int:
    """A private duplicate of `fd`, which from now on is `instead`."""
    wire = os.dup(fd)
    os.dup2(instead, fd)
    os.close(instead)
    return wire
