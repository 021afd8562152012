"""The real process over pipes: what a client of either era gets, and that stdout carries frames and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import pytest
from anyio.streams.buffered import BufferedByteReceiveStream
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client

from audience_mcp import __version__

from .program import error_of, linked, secrets_of, small_shop, text_of, told

pytestmark = pytest.mark.anyio
TOOLS_JSON = Path(__file__).parents[2] / "tools.json"
COMMAND = [sys.executable, "-m", "audience_mcp", "serve", "--sandbox", "--log", "DEBUG"]
PATIENCE = 30
PROTOCOLS = {"auto": "2026-07-28", "legacy": "2025-11-25"}
GARBAGE = [
    *(b"", b"   ", b"{", b"garbage", b"\xff\xfe\x00", b"[]", b"42", b"null", b'"x"', b"{}"),
    *(b'{"jsonrpc":"1.0"}', b'{"jsonrpc":"2.0","method":"no/such/notification"}'),
    *(b"[" * 100_000, b'{"a":' * 5000, b"x" * 1_000_000),
]
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "pipe", "version": "1"}}


@pytest.mark.parametrize("era", PROTOCOLS)
async def test_a_client_over_stdio_is_served_as_in_memory(era: str, tmp_path: Path) -> None:
    log = tmp_path / "stderr"
    said: list[str] = []
    with log.open("w") as stderr, anyio.fail_after(PATIENCE):
        server = stdio_client(StdioServerParameters(command=COMMAND[0], args=COMMAND[1:]), errlog=stderr)
        async with Client(server, mode=era) as client:
            assert client.protocol_version == PROTOCOLS[era]
            assert client.server_info and client.server_info.version == __version__
            listed = [
                tool.model_dump(mode="json", by_alias=True, exclude_none=True)
                for tool in (await client.list_tools()).tools
            ]
            assert listed == json.loads(TOOLS_JSON.read_text(encoding="utf-8"))["tools"]
            for tool in ("synerise_list_funnels", "giosg_list_workflows", "synerise_log_in_user", "list_workspaces"):
                result = await client.call_tool(tool, {})
                said += [text_of(result), json.dumps(told(result))]
                if len(result.content) > 1:
                    said.append(await linked(client, result))
            gone = error_of(await client.call_tool("synerise_get_funnel", {"funnelId": "x"}))
            assert gone["kind"] == "invalid_arguments"
            with pytest.raises(MCPError):
                await client.call_tool("no_such_tool", {})
            for uri in ("audience://results/r_aaaaaaaaaaaaaaaa", "file:///etc/passwd", "audience://results/../../x"):
                with pytest.raises(MCPError):
                    await client.read_resource(uri)
    said.append(log.read_text())
    assert said[-1]  # it does log at DEBUG
    for secret in secrets_of(small_shop()):
        assert not any(secret in text for text in said)
    assert not any("eyJ" in text for text in said)


class Pipe:
    """The server's own pipes, without any client in between."""

    def __init__(self, process: anyio.abc.Process) -> None:
        assert process.stdin and process.stdout
        self.process, self._stdin = process, process.stdin
        self._lines = BufferedByteReceiveStream(process.stdout)
        self._requests = 0
        self.seen = b""

    async def write(self, line: bytes) -> None:
        await self._stdin.send(line + b"\n")

    async def frame(self) -> dict[str, Any]:
        """The next line of stdout, which must be a JSON-RPC frame."""
        line = await self._lines.receive_until(b"\n", 10_000_000)
        self.seen += line
        frame: dict[str, Any] = json.loads(line)
        assert frame["jsonrpc"] == "2.0" and {"result", "error", "method"} & set(frame)
        return frame

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a request and pass over whatever is not its answer."""
        self._requests += 1
        request = {"jsonrpc": "2.0", "id": self._requests, "method": method, "params": params}
        await self.write(json.dumps(request).encode())
        while (frame := await self.frame()).get("id") != self._requests:
            pass
        return frame

    async def close(self) -> tuple[int, bytes]:
        """Close stdin; the exit code, and what stdout still held."""
        await self._stdin.aclose()
        rest = b""
        try:
            while True:
                rest += await self._lines.receive()
        except anyio.EndOfStream:
            return await self.process.wait(), rest


@asynccontextmanager
async def piped(log: Path) -> AsyncIterator[Pipe]:
    with log.open("wb") as stderr, anyio.fail_after(PATIENCE):
        async with await anyio.open_process(COMMAND, stderr=stderr) as process:
            yield Pipe(process)


async def test_garbage_on_stdin_is_survived_and_stdout_stays_clean(tmp_path: Path) -> None:
    async with piped(tmp_path / "stderr") as pipe:
        hello = await pipe.ask("initialize", HELLO)
        assert hello["result"]["serverInfo"]["name"] == "audience-mcp"
        await pipe.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
        for line in GARBAGE:
            await pipe.write(line)
            assert "result" in await pipe.ask("ping", {}), line[:40]
        assert (await pipe.ask("no/such/method", {}))["error"]["code"] == -32601
        assert (await pipe.ask("tools/call", {"name": "no_such_tool", "arguments": {}}))["error"]["code"] == -32602
        assert "error" in await pipe.ask("tools/call", {"name": "get_session", "arguments": "none"})
        assert "error" in await pipe.ask("tools/call", {"arguments": {}})
        told_session = await pipe.ask("tools/call", {"name": "get_session", "arguments": {}})
        assert told_session["result"]["content"][0]["text"].startswith("SANDBOX: ")
        for tool in ("synerise_log_in_user", "list_workspaces"):
            assert not (await pipe.ask("tools/call", {"name": tool}))["result"]["isError"]
        code, rest = await pipe.close()
    assert (code, rest) == (0, b"")
    log = (tmp_path / "stderr").read_text()
    assert "Traceback" not in log
    for secret in (*secrets_of(small_shop()), "eyJ"):
        assert secret.encode() not in pipe.seen and secret not in log


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals to open there")
async def test_on_a_terminal_it_says_what_it_waits_for_and_ctrl_c_ends_it() -> None:
    here, terminal = os.openpty()
    try:
        with anyio.fail_after(PATIENCE):
            async with await anyio.open_process(COMMAND, stdin=terminal, stderr=subprocess.PIPE) as process:
                assert process.stderr
                assert b"waiting for an MCP client" in await process.stderr.receive()
                process.send_signal(signal.SIGINT)
                assert await process.wait() == 130
    finally:
        os.close(here)
        os.close(terminal)
