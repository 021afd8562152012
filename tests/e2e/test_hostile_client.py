"""A client that breaks the protocol, over real pipes: it gets the errors JSON-RPC has for it, and the server stays."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there the SDK's own transport serves")
COMMAND = [sys.executable, "-m", "audience_mcp", "serve"]
PATIENCE = 60
STALLED_SECONDS = 0.4
MIB = 2**20
PARSE_ERROR, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "hostile", "version": "1"}}
READY = b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n'


def request(identity: Any, method: str, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": identity, "method": method, "params": params}).encode() + b"\n"


def session(identity: int) -> bytes:
    return request(identity, "tools/call", name="get_session", arguments={})


def cancel(identity: Any) -> bytes:
    params = {"requestId": identity, "reason": "no more"}
    return json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}).encode() + b"\n"


class Peer:
    """The other end of the pipes; every line it hears must be a JSON-RPC frame."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin and process.stdout
        self.process, self._stdin, self._stdout = process, process.stdin, process.stdout

    def say(self, data: bytes) -> None:
        self._stdin.write(data)
        self._stdin.flush()

    def say_meanwhile(self, data: bytes) -> threading.Thread:
        """Write without waiting: more than the pipes hold would stop whoever writes and reads in turn."""
        thread = threading.Thread(target=self.say, args=(data,))
        thread.start()
        return thread

    def say_as_much_as_is_taken(self, data: bytes) -> bytes:
        """Write until the server reads no more; what is left."""
        out = self._stdin.fileno()
        os.set_blocking(out, False)
        left = memoryview(data)
        while left and select.select([], [out], [], STALLED_SECONDS)[1]:
            left = left[os.write(out, left) :]
        os.set_blocking(out, True)
        return bytes(left)

    def hear(self) -> dict[str, Any]:
        line = self._stdout.readline()
        assert line, "the server is gone"
        frame: dict[str, Any] = json.loads(line)
        assert frame["jsonrpc"] == "2.0" and {"result", "error", "method"} & set(frame)
        return frame

    def answers(self, count: int) -> list[dict[str, Any]]:
        return [self.hear() for _ in range(count)]

    def begin(self) -> None:
        self.say(request(0, "initialize", **HELLO))
        assert self.hear()["result"]["serverInfo"]["name"] == "audience-mcp"
        self.say(READY)

    def close(self) -> bytes:
        """Close the server's stdin; what it still says before it ends well."""
        self._stdin.close()
        rest = self._stdout.read()
        assert self.process.wait(PATIENCE) == 0
        return rest

    def memory(self) -> int:
        """Bytes of the most memory that the server ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@contextmanager
def peer(log: Path, *, begun: bool = True, patience: float = PATIENCE) -> Iterator[Peer]:
    with (
        log.open("wb") as stderr,
        subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr) as process,
    ):
        watch = threading.Timer(patience, process.kill)
        watch.start()
        try:
            one = Peer(process)
            if begun:
                one.begin()
            yield one
        finally:
            watch.cancel()
            process.kill()
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """One server for all that it must survive; in the end it has nothing more to say."""
    with peer(tmp_path_factory.mktemp("hostile") / "log", patience=10 * PATIENCE) as one:
        yield one
        assert one.close() == b""


NO_MESSAGES: list[tuple[bytes, int | str | None, int]] = [
    (b"garbage", None, PARSE_ERROR),
    (b"{", None, PARSE_ERROR),
    (b"\x00\x01\x02\xff\xfe", None, PARSE_ERROR),
    (b"\x1b[2J\x1b]0;owned\x07", None, PARSE_ERROR),
    (b"Content-Length: 40", None, PARSE_ERROR),
    (b"[" * 100_000 + b"]" * 100_000, None, PARSE_ERROR),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b'{"a":' * 100_000, None, PARSE_ERROR),
    (b'{"jsonrpc":"2.0","id":' + b"9" * 5000 + b',"method":"ping"}', None, PARSE_ERROR),
    (b'{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":' + b"9" * 5000 + b"}}", 7, PARSE_ERROR),
    (b'{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"get_\xff"}}', 8, PARSE_ERROR),
    (b'{"jsonrpc":"2.0","id":"nine","method":"ping","params":{"a":"\\ud800"}}', "nine", PARSE_ERROR),
    (b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}', None, PARSE_ERROR),
    (b"[]", None, INVALID_REQUEST),
    (b"[" + request(1, "ping").strip() + b"]", None, INVALID_REQUEST),
    (b"42", None, INVALID_REQUEST),
    (b"true", None, INVALID_REQUEST),
    (b"null", None, INVALID_REQUEST),
    (b'"x"', None, INVALID_REQUEST),
    (b"{}", None, INVALID_REQUEST),
    (b'{"jsonrpc":"1.0","id":11,"method":"ping"}', 11, INVALID_REQUEST),
    (b'{"id":12,"method":"ping"}', 12, INVALID_REQUEST),
    (b'{"jsonrpc":"2.0","id":13,"method":5}', 13, INVALID_REQUEST),
    (b'{"jsonrpc":"2.0","id":14,"method":"ping","params":[1]}', 14, INVALID_REQUEST),
    (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', None, INVALID_REQUEST),
    (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', None, INVALID_REQUEST),
    (b'{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', None, INVALID_REQUEST),
]
UNANSWERED = [
    *(b"", b"  \t\r", b'{"jsonrpc":"2.0","method":"no/such/notification"}', cancel(99).strip(), cancel({}).strip()),
    *(b'{"jsonrpc":"2.0","id":5,"result":{}}', b'{"jsonrpc":"2.0","id":5,"result":[]}', b'{"error":{},"id":1}'),
    b'{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":"x"}}',
]

LOUD = [request("x" * 16_000 + str(number), "ping") for number in range(1500)]  # each answer as long as its request


def test_what_is_no_message_is_answered_as_json_rpc_has_it_and_what_wants_no_answer_gets_none(one: Peer) -> None:
    for line, identity, code in NO_MESSAGES:
        one.say(line + b"\n")
        frame = one.hear()
        assert (frame["id"], frame["error"]["code"]) == (identity, code), line[:60]
        assert frame["error"]["message"].isprintable() and len(frame["error"]["message"]) < 100
    for line in UNANSWERED:
        one.say(line + b"\n" + request("next", "ping"))
        assert one.hear() == {"jsonrpc": "2.0", "id": "next", "result": {}}, line[:60]


def test_a_request_that_cannot_be_carried_out_is_told_by_its_id(one: Peer) -> None:
    wrong = [
        (request(1, "no/such/method"), NO_METHOD),
        (request(2, "../../etc/passwd"), NO_METHOD),
        (request(3, "tools/call", name="no_such_tool", arguments={}), INVALID_PARAMS),
        (request(4, "tools/call", name={"a": 1}), INVALID_PARAMS),
        (request(5, "tools/call", name="get_session", arguments=[1]), INVALID_PARAMS),
        (request(6, "tools/call"), INVALID_PARAMS),
        (request(7, "resources/read", uri="file:///etc/passwd"), INVALID_PARAMS),
        (request(8, "completion/complete", ref={"type": "ref/none"}, argument={}), INVALID_PARAMS),
        (request(9, "prompts/get", name="\u202e"), INVALID_PARAMS),
    ]
    for identity, (line, code) in enumerate(wrong, 1):
        one.say(line)
        frame = one.hear()
        assert (frame["id"], frame["error"]["code"]) == (identity, code), line


def test_requests_before_the_greeting_and_a_second_greeting_break_nothing(tmp_path: Path) -> None:
    with peer(tmp_path / "log", begun=False) as one:
        for number in range(5):
            one.say(session(number))
            assert one.hear()["error"]["code"] in (INVALID_REQUEST, INVALID_PARAMS)
        one.begin()
        one.say(request(5, "initialize", **HELLO))
        assert one.hear()["id"] == 5
        one.say(request(3, "initialize", protocolVersion=5))
        assert one.hear()["error"]["code"] == INVALID_PARAMS
        one.say(session(4))
        assert not one.hear()["result"]["isError"]
        assert one.close() == b""


def test_ids_that_are_cancelled_twice_too_late_or_without_need_break_nothing(one: Peer) -> None:
    one.say(session(1) + session(1) + request("1", "ping"))
    assert Counter(frame["id"] for frame in one.answers(3)) == {1: 2, "1": 1}
    one.say(cancel(1) * 2 + cancel("never") + cancel(None) + cancel(True))
    one.say(b"".join(session(number) + cancel(number) * 2 for number in range(2, 200)) + request("end", "ping"))
    heard: list[Any] = []
    while "end" not in heard:
        heard.append(one.hear()["id"])
    assert max(Counter(heard).values()) == 1
    one.say(session(500))
    assert one.hear()["id"] == 500


def test_two_thousand_calls_at_once_and_a_flood_of_notifications_are_all_dealt_with(one: Peer) -> None:
    noise = READY + cancel("nobody")
    writing = one.say_meanwhile(b"".join(session(number) + noise for number in range(1, 2001)))
    assert Counter(frame["id"] for frame in one.answers(2000)) == Counter(range(1, 2001))
    writing.join()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the most memory a process had is told by Linux")
def test_a_line_of_any_length_takes_no_more_memory_than_the_limit_allows(tmp_path: Path) -> None:
    with peer(tmp_path / "log") as one:
        before = one.memory()
        giants = [
            b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"' + b"x" * (50 * MIB) + b'"}}',
            b"\xff" * 17 * MIB,
        ]
        for giant in giants:
            writing = one.say_meanwhile(giant + b"\n")
            frame = one.hear()
            assert frame["id"] is None and frame["error"]["code"] == PARSE_ERROR
            assert "16 MiB" in frame["error"]["message"]
            writing.join()
            one.say(request(2, "ping"))
            assert one.hear()["id"] == 2
        assert one.memory() - before < 40 * MIB
        one.say_meanwhile(giants[0]).join()  # and one without an end
        assert json.loads(one.close())["error"]["code"] == PARSE_ERROR


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the most memory a process had is told by Linux")
def test_a_client_that_does_not_read_is_not_read_either_until_it_does(tmp_path: Path) -> None:
    with peer(tmp_path / "log") as one:
        before = one.memory()
        left = one.say_as_much_as_is_taken(b"".join(LOUD))
        assert len(left) > 4 * MIB, "it was read, though nothing was taken"
        assert one.memory() - before < 100 * MIB
        writing = one.say_meanwhile(left)
        assert len({frame["id"] for frame in one.answers(len(LOUD))}) == len(LOUD)
        writing.join()
        assert one.close() == b""


def test_a_client_that_leaves_in_the_midst_ends_the_server_well(tmp_path: Path) -> None:
    with peer(tmp_path / "log") as one:
        one.say(b"".join(session(number) for number in range(300)) + b'{"jsonrpc":"2.0","id":')
        one.close()


@pytest.mark.parametrize("end", ["stdin", "stdout"])
def test_a_client_that_does_not_read_and_closes_an_end_ends_the_server_too(tmp_path: Path, end: str) -> None:
    with peer(tmp_path / "log") as one:
        assert one.say_as_much_as_is_taken(b"".join(LOUD))
        getattr(one.process, end).close()
        if end == "stdout":
            assert one.process.stdin
            one.process.stdin.close()
        assert one.process.wait(PATIENCE) == 0
