"""The wire itself: pipes, sockets and files as stdin and stdout, whatever the size of a frame and whoever hangs up."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "audience_mcp", "serve"]
PATIENCE = 60
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "wire", "version": "1"}}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}

# Takes the wire with no file left to open, then with one, until there are enough; says how often it was refused.
SHORT_OF_FILES = """
import asyncio, os, resource, sys
from audience_mcp.server.pipes import pipe_server

async def taken(files):
    lowest = os.dup(0)
    os.close(lowest)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + files, hard))
    try:
        async with pipe_server():
            return True
    except OSError:
        return False
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

async def main():
    before = [os.fstat(0), os.fstat(1)]
    files = 0
    while not await taken(files):
        files += 1
        if not all(map(os.path.samestat, before, [os.fstat(0), os.fstat(1)])):
            sys.exit(f"with {files - 1} files left, the standard streams are others now")
    print(files, sys.stdin.read())

asyncio.run(main())
"""


def request(identity: int, method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identity, "method": method, "params": params}


def wire(*messages: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


ASKED = wire(request(1, "initialize", **HELLO), READY, request(2, "tools/call", name="get_session", arguments={}))


def answers(output: bytes) -> dict[int, dict[str, Any]]:
    """Every frame by its id; a line that is no frame fails."""
    return {message["id"]: message for message in map(json.loads, output.splitlines())}


def test_a_session_over_pipes_is_answered_and_ends_when_stdin_closes() -> None:
    done = subprocess.run(COMMAND, input=ASKED, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 0
    assert set(answers(done.stdout)) == {1, 2}


def test_a_session_from_a_file_to_a_file_is_answered_too(tmp_path: Path) -> None:
    asked, answered = tmp_path / "asked", tmp_path / "answered"
    asked.write_bytes(ASKED)
    with asked.open("rb") as stdin, answered.open("wb") as stdout:
        assert subprocess.run(COMMAND, stdin=stdin, stdout=stdout, timeout=PATIENCE).returncode == 0
    assert 1 in answers(answered.read_bytes())


@pytest.mark.skipif(sys.platform == "win32", reason="a socket is no standard stream there")
@pytest.mark.parametrize("pairs", [1, 2])
def test_a_session_over_sockets_is_answered_too_be_it_one_for_both_or_as_node_opens_them(pairs: int) -> None:
    opened = [socket.socketpair() for _ in range(pairs)]
    (to_server, stdin), (from_server, stdout) = opened[0], opened[-1]
    with subprocess.Popen(COMMAND, stdin=stdin.fileno(), stdout=stdout.fileno()) as server:
        for _, theirs in opened:
            theirs.close()
        from_server.settimeout(PATIENCE)
        to_server.sendall(ASKED)
        output = b""
        while output.count(b"\n") < 2:
            heard = from_server.recv(65536)
            assert heard, "the server is gone"
            output += heard
        to_server.shutdown(socket.SHUT_WR)
        assert server.wait(PATIENCE) == 0
    for ours, _ in opened:
        ours.close()
    assert set(answers(output)) == {1, 2}


def test_a_frame_of_many_megabytes_is_read_whole_and_the_next_one_too() -> None:
    large = request(3, "tools/call", name="get_session", arguments={"surplus": "x" * 12_000_000})
    done = subprocess.run(COMMAND, input=ASKED + wire(large, request(4, "ping")), capture_output=True, timeout=PATIENCE)
    told = answers(done.stdout)
    assert told[3]["result"]["isError"] is True
    assert told[4]["result"] == {}


def test_the_last_frame_needs_no_line_end_and_windows_line_ends_are_read() -> None:
    asked = ASKED.replace(b"\n", b"\r\n") + b"\r\n\r\n" + wire(request(5, "ping")).rstrip(b"\n")
    done = subprocess.run(COMMAND, input=asked, capture_output=True, timeout=PATIENCE)
    assert set(answers(done.stdout)) == {1, 2, 5}


@pytest.mark.skipif(sys.platform == "win32", reason="there the SDK's own transport serves")
def test_standard_streams_that_cannot_be_taken_are_left_as_they_were() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHORT_OF_FILES], input=b"still here", capture_output=True, timeout=PATIENCE
    )
    assert done.stderr == b""
    refused, said = done.stdout.split(maxsplit=1)
    assert int(refused) >= 4 and said.strip() == b"still here"


def test_a_client_that_closes_our_output_ends_the_server_without_a_word_on_stdout() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdin and server.stdout
        server.stdout.close()
        try:
            server.stdin.write(ASKED * 50)
            server.stdin.close()
        except BrokenPipeError:
            pass
        assert server.wait(PATIENCE) is not None
