"""A server process and its pipes: JSON-RPC by blocking reads and writes, so that the client itself costs little.

An answer's time ends when its last byte has arrived; nothing is parsed while the clock runs.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Literal, Self

Era = Literal["2025-11-25", "2026-07-28"]

PATIENCE_SECONDS = 120
_CLIENT = {"name": "audience-mcp-bench", "version": "1"}
_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": _CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
}


class Broken(Exception):
    """A server did not start, did not answer, or answered with an error."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server to be measured. `arguments` are what its tool takes besides the number of items."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)


class Connection:
    """One running server, spoken to in one protocol era."""

    def __init__(self, contestant: Contestant, era: Era = "2025-11-25") -> None:
        self.contestant, self._modern = contestant, era == "2026-07-28"
        self._buffer, self._sought, self._requests = bytearray(), 0, 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 closed with the connection
        # An empty home: neither a user's settings nor their credentials take part.
        self._home = tempfile.TemporaryDirectory()
        environment = {"PATH": os.environ["PATH"], "HOME": self._home.name, **contestant.environment}
        self._began = perf_counter()
        self._process = subprocess.Popen(
            contestant.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            cwd=self._home.name,
            bufsize=0,
        )
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def handshake(self) -> float:
        """Greet the server; seconds from the start of its process to its first answer."""
        if self._modern:
            self.ask("server/discover")
            return perf_counter() - self._began
        self.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": _CLIENT})
        started = perf_counter() - self._began
        self._write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        return started

    def ask(self, method: str, params: dict[str, Any] | None = None) -> tuple[float, bytes]:
        """Send one request; seconds until its answer has arrived, and the answer.

        Raises:
            Broken: There is no answer, or it is an error.
        """
        request = self._request(method, params)
        began = perf_counter()
        self._write(request)
        end = self._arrival()
        seconds = perf_counter() - began
        return seconds, self._checked(self._take(end))

    def call(self, tool: str, arguments: dict[str, Any]) -> tuple[float, bytes]:
        """Call a tool; as `ask`."""
        return self.ask("tools/call", self._call(tool, arguments))

    def keep_in_flight(self, tool: str, arguments: dict[str, Any], *, width: int, total: int) -> float:
        """Make `total` calls with `width` of them under way at any time; calls per second."""
        began = perf_counter()
        for number in range(total + width):
            if number >= width:
                self._checked(self._take(self._arrival()))
            if number < total:
                self._write(self._request("tools/call", self._call(tool, arguments)))
        return total / (perf_counter() - began)

    def close(self) -> None:
        """Close its stdin, wait for it to end, and let go of what it left."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()
        self._home.cleanup()

    def _call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"name": tool, "arguments": {**self.contestant.arguments, **arguments}}

    def _request(self, method: str, params: dict[str, Any] | None) -> bytes:
        self._requests += 1
        params = {**(params or {}), **({"_meta": _META} if self._modern else {})}
        return json.dumps({"jsonrpc": "2.0", "id": self._requests, "method": method, "params": params}).encode() + b"\n"

    def _write(self, line: bytes) -> None:
        os.write(self._in, line)  # a request is far smaller than a pipe

    def _arrival(self) -> int:
        """Wait for the next answer; where its line ends in the buffer. Notifications are dropped."""
        while True:
            end = self._buffer.find(b"\n", self._sought)
            if end < 0:
                self._sought = len(self._buffer)
                if not select.select([self._out], [], [], PATIENCE_SECONDS)[0]:
                    raise self._broken(f"no answer within {PATIENCE_SECONDS} s")
                read = os.read(self._out, 1 << 20)
                if not read:
                    raise self._broken("it ended")
                self._buffer += read
            elif b'"method":' in self._buffer[: min(end, 100)]:
                self._take(end)
            else:
                return end

    def _take(self, end: int) -> bytes:
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._sought = 0
        return line

    def _checked(self, answer: bytes) -> bytes:
        if (
            b'"result":' not in answer[:100]
            or b'"isError":true' in answer[-2000:]
            or b'"isError":true' in answer[:2000]
        ):
            raise self._broken(answer[:500].decode("utf-8", "replace"))
        return answer

    def _broken(self, why: str) -> Broken:
        self._errors.seek(0)
        said = self._errors.read()[-2000:].decode("utf-8", "replace")
        return Broken(f"{self.contestant.name}: {why}\n{said}")
