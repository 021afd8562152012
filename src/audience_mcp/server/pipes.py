"""Standard input and output as asyncio pipes: frames in and out with no thread between, for a client on a pipe.

The SDK's own transport hands every message to a worker thread and back; it serves where stdin or stdout is no pipe.
"""

from __future__ import annotations

import asyncio
import os
import select
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from types import TracebackType

import anyio
import mcp_types as t
from mcp.shared.message import SessionMessage

from audience_mcp.server.framing import LONGEST_FRAME, Unreadable, message, too_long

STDIN, STDOUT, STDERR = 0, 1, 2
MOST_WAITING = 16 * 2**20
"""Bytes of answers that may wait for a client that does not read; until it does, nothing more is read from it."""
_FRAME_COST = 4096  # bytes that an answer costs while it waits, however short it is
_GLANCE_SECONDS = 1.0  # between two looks whether a client that does not read is still there
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
    """The client's messages, one a line; a line that is none is answered with the error that says so, and passed over.

    `out` takes those errors. While a client leaves too much of our output unread, nothing more is read from it; `left`
    tells whether it has closed its end meanwhile.
    """

    def __init__(self, reader: asyncio.StreamReader, out: FramesOut, left: Callable[[], bool]) -> None:
        self._reader, self._out, self._left = reader, out, left
        self._rest = bytearray()

    async def receive(self) -> SessionMessage:
        """The next message.

        Raises:
            anyio.EndOfStream: The client closed the pipe.
        """
        while True:
            await self._room()
            line = await self._line()
            try:
                if line is None:
                    raise Unreadable(too_long())
                return SessionMessage(message(line))
            except Unreadable as error:
                if error.answer is not None:
                    await self._answer(error.answer)

    async def _answer(self, error: t.JSONRPCError) -> None:
        try:
            await self._out.send(SessionMessage(error))
        except anyio.BrokenResourceError:
            raise anyio.EndOfStream from None

    async def _room(self) -> None:
        """Return once the client has read enough of what it was sent; it may leave while it does not."""
        while not await self._out.has_room(_GLANCE_SECONDS):
            if self._left():
                raise anyio.EndOfStream

    async def _line(self) -> bytes | None:
        """The next line, None in place of one that is too long to be kept."""
        searched = dropped = 0
        while (end := self._rest.find(b"\n", searched)) < 0:
            if len(self._rest) > LONGEST_FRAME:
                dropped += len(self._rest)
                self._rest.clear()
            searched = len(self._rest)
            chunk = await self._reader.read(_CHUNK)
            if not chunk:
                if not dropped and not self._rest.strip():
                    raise anyio.EndOfStream
                end = len(self._rest)
                break
            self._rest += chunk
        line = None if dropped + end > LONGEST_FRAME else bytes(self._rest[:end])
        del self._rest[: end + 1]
        return line

    async def aclose(self) -> None:
        """Nothing to close: the pipe is closed by whoever opened it."""

    def __aiter__(self) -> FramesIn:
        return self

    async def __anext__(self) -> SessionMessage:
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
        self._waiting = 0
        self._read = anyio.Event()

    async def has_room(self, seconds: float) -> bool:
        """Whether the client has read enough of what it was sent, or does so within some seconds."""
        if self._waiting <= MOST_WAITING:
            return True  # as a rule; a scope with a deadline costs more
        with anyio.move_on_after(seconds):
            while self._waiting > MOST_WAITING:
                self._read = anyio.Event()
                await self._read.wait()
        return self._waiting <= MOST_WAITING

    async def send(self, item: SessionMessage, /) -> None:
        """Write one frame and wait until the pipe has taken it.

        Raises:
            anyio.BrokenResourceError: The client is gone.
        """
        frame = item.message.model_dump_json(by_alias=True, exclude_unset=True).encode()
        cost = len(frame) + _FRAME_COST
        self._waiting += cost
        try:
            async with self._lock:
                self._writer.write(frame + b"\n")
                await self._writer.drain()
        except OSError as error:
            raise anyio.BrokenResourceError from error
        finally:
            self._waiting -= cost
            self._read.set()

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
        OSError: The descriptors cannot be taken; they are what they were, and nothing was read.
    """
    with ExitStack() as given_back:
        wire_in = given_back.enter_context(_taken(STDIN, os.open(os.devnull, os.O_RDONLY)))
        wire_out = given_back.enter_context(_taken(STDOUT, os.dup(STDERR)))
        loop = asyncio.get_running_loop()
        outgoing, protocol = await loop.connect_write_pipe(
            asyncio.streams.FlowControlMixin, os.fdopen(os.dup(wire_out), "wb", buffering=0)
        )
        given_back.callback(outgoing.close)
        outgoing.set_write_buffer_limits(high=0)
        reader = asyncio.StreamReader(_CHUNK)
        # The last step that may fail: from here on what the client says is read.
        incoming, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(wire_in), "rb", buffering=0)
        )
        given_back.callback(incoming.close)
        frames_out = FramesOut(asyncio.StreamWriter(outgoing, protocol, None, loop))
        yield FramesIn(reader, frames_out, lambda: _left(wire_in)), frames_out


def _left(fd: int) -> bool:
    """Whether the other end of a pipe is closed, be there something left to read or not."""
    poll = select.poll()
    poll.register(fd, 0)
    return bool(poll.poll(0))


@contextmanager
def _taken(fd: int, instead: int) -> Iterator[int]:
    """A private duplicate of `fd`, which meanwhile is `instead`."""
    try:
        wire = os.dup(fd)
        os.dup2(instead, fd)
    finally:
        os.close(instead)
    try:
        yield wire
    finally:
        os.set_blocking(wire, True)
        os.dup2(wire, fd)
        os.close(wire)
