"""The sandbox as an application: its journal, its clock, and a real server."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from audience_mcp.cli.main import main
from audience_mcp.sandbox import Entry, Journal, Sandbox, serving
from audience_mcp.sandbox.journal import KEPT, Witness
from audience_mcp.sandbox.serve import listening

from .checked import client
from .conftest import small
from .synerise_desk import by_key

pytestmark = pytest.mark.anyio


async def test_the_journal_keeps_each_request_as_it_was_sent(sandbox: Sandbox) -> None:
    async with client(sandbox, "synerise") as synerise:
        await synerise.get("/analytics/profiles/funnels%2Fa?search=caf%C3%A9&search=b", headers={"X-Sent": "yes"})
        await synerise.post("/uauth/v2/auth/login/profile", content=b'{"apiKey": "wrong"}')
    first, second = sandbox.journal
    assert (first.provider, first.method, first.status) == ("synerise", "GET", 401)
    assert first.path == "/analytics/profiles/funnels%2Fa"
    assert first.query == "search=caf%C3%A9&search=b"
    assert first.headers["x-sent"] == "yes"
    assert second.body == b'{"apiKey": "wrong"}'
    assert second.workspace is None


async def test_the_journal_names_the_workspace_a_request_ran_in(sandbox: Sandbox) -> None:
    environment = sandbox.environment("http://x")
    async with client(sandbox, "synerise") as synerise:
        for name in ("SYNERISE_API_KEY", "SYNERISE_API_KEY__OUTLET"):
            await synerise.post("/uauth/v2/auth/login/profile", json={"apiKey": environment[name]})
    assert [entry.workspace for entry in sandbox.journal] == ["main", "outlet"]


async def test_the_journal_can_be_read_from_a_file_while_the_sandbox_runs(tmp_path: Path) -> None:
    sandbox = small(journal=tmp_path / "journal.jsonl")
    async with client(sandbox, "synerise") as synerise:
        await synerise.post("/uauth/v2/auth/login/profile", json={"apiKey": "wröng"})
        await synerise.get("/analytics/profiles/funnels")
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["method"], line["status"], line["reached"]) for line in lines] == [
        ("POST", 401, True),
        ("GET", 401, True),
    ]
    assert json.loads(lines[0]["body"]) == {"apiKey": "wröng"}


async def test_a_long_run_forgets_its_oldest_requests_and_counts_them_while_the_file_keeps_all(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", most=3)
    app = Witness(PlainTextResponse("seen"), journal)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as http:
        for number in range(3):
            await http.get(f"/synerise/{number}")
        assert (len(journal), journal.dropped) == (3, 0)
        for number in range(3, 5):
            await http.get(f"/synerise/{number}")
    assert [entry.path for entry in journal] == ["/2", "/3", "/4"]
    assert (journal[-1].path, journal[1:][0].path, journal.dropped) == ("/4", "/3", 2)
    lines = (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["path"] for line in lines] == [f"/{number}" for number in range(5)]


def test_the_journal_of_a_sandbox_is_bounded(sandbox: Sandbox) -> None:
    entry = Entry("synerise", "GET", "/", "", {}, b"", 200, None)
    for _ in range(KEPT + 1):
        sandbox.journal.add(entry)
    assert (len(sandbox.journal), sandbox.journal.dropped) == (KEPT, 1)


@pytest.mark.parametrize(
    "flags",
    [
        ["--faults", "teapot:1"],
        ["--limits", "-1"],
        ["--withhold", "FLY"],
        ["--speed", "0"],
        ["--file", __file__],
        ["--journal", "/"],
    ],
)
def test_a_flag_that_cannot_be_used_is_told_in_a_line(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--export", *flags]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_data_can_be_left_in_a_file_for_other_tools(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import duckdb

    assert main(["sandbox", "--export", "--file", str(tmp_path / "world.duckdb"), "--today", "2026-11-20"]) == 0
    with duckdb.connect(str(tmp_path / "world.duckdb")) as database:
        assert database.execute("SELECT count(*) FROM events").fetchall() == [(400_000,)]
    assert "SYNERISE_API_KEY" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["/analytics/profiles/metrics/a%0Ab", "/nowhere/%0A", "/analytics/%0A/metrics"])
async def test_a_line_break_in_a_path_is_refused_in_the_providers_words(sandbox: Sandbox, path: str) -> None:
    async with client(sandbox, "synerise") as synerise:
        answer = await synerise.get(path)
    assert answer.status_code in (401, 404)
    assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(
    "body",
    [b'{"apiKey": NaN}', b'{"apiKey": "\\ud800"}', b'{"apiKey": "\xff"}', b"[" * 100_000, b"[" * 200 + b"]" * 200],
)
async def test_a_body_that_is_hardly_json_is_refused(sandbox: Sandbox, body: bytes) -> None:
    async with client(sandbox, "synerise") as synerise:
        path, headers = "/uauth/v2/auth/login/profile", {"Content-Type": "application/json"}
        answer = await synerise.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (400, "the body is not JSON")


@pytest.mark.parametrize("page", ["%EF%BC%91", "9" * 5000, "1.0", "%00", "true"])
async def test_a_number_that_is_none_is_refused(sandbox: Sandbox, page: str) -> None:
    async with by_key(sandbox) as desk:
        answer = await desk.http.get(f"/analytics/profiles/metrics?page={page}")
    assert answer.status_code == 400


async def test_an_address_of_no_provider_says_which_there_are(sandbox: Sandbox) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), base_url="http://sandbox") as http:
        answers = [await http.get(path) for path in ("/", "/nobody/x")]
    assert all(answer.status_code == 404 and "/posthog" in answer.text for answer in answers)


async def test_settings_point_to_where_the_sandbox_is(sandbox: Sandbox) -> None:
    environment = sandbox.environment("http://127.0.0.1:9/")
    assert environment["SYNERISE_BASE_URL"] == "http://127.0.0.1:9/synerise"
    assert environment == sandbox.environment("http://127.0.0.1:9")


async def test_every_credential_is_kept_on_the_sandbox(sandbox: Sandbox) -> None:
    environment = sandbox.environment("http://127.0.0.1:9")
    labels = {name.partition("__")[2] for name in environment if name.startswith("SYNERISE_")}
    assert labels == {"", "OUTLET"}
    assert environment["SYNERISE_BASE_URL__OUTLET"] == environment["SYNERISE_BASE_URL"]


async def test_a_world_is_not_built_for_what_does_not_need_it() -> None:
    sandbox = Sandbox(events=10**12)  # building this would never end
    async with client(sandbox, "synerise") as synerise:
        key = sandbox.environment("http://x")["SYNERISE_API_KEY"]
        answer = await synerise.post("/uauth/v2/auth/login/profile", json={"apiKey": key})
    assert answer.status_code == 200


def test_what_the_server_writes_leaves_at_once() -> None:
    with listening("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_the_sandbox_is_a_real_http_server_too(sandbox: Sandbox) -> None:
    async with serving(sandbox) as base, httpx.AsyncClient(base_url=f"{base}/synerise", trust_env=False) as synerise:
        key = sandbox.environment(base)["SYNERISE_API_KEY"]
        token = (await synerise.post("/uauth/v2/auth/login/profile", json={"apiKey": key})).json()["token"]
        answer = await synerise.get("/analytics/profiles/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert sandbox.journal[-1].path == "/analytics/profiles/metrics"
