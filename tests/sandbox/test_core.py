"""The sandbox as an application: its journal, its clock, and a real server."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from audience_mcp.cli.main import main
from audience_mcp.sandbox import Sandbox, serving

from .checked import client
from .conftest import small

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


@pytest.mark.parametrize(
    "flags",
    [["--faults", "teapot:1"], ["--limits", "-1"], ["--withhold", "FLY"], ["--speed", "0"], ["--file", __file__]],
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


async def test_the_sandbox_is_a_real_http_server_too(sandbox: Sandbox) -> None:
    async with serving(sandbox) as base, httpx.AsyncClient(base_url=f"{base}/synerise", trust_env=False) as synerise:
        key = sandbox.environment(base)["SYNERISE_API_KEY"]
        token = (await synerise.post("/uauth/v2/auth/login/profile", json={"apiKey": key})).json()["token"]
        answer = await synerise.get("/analytics/profiles/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert sandbox.journal[-1].path == "/analytics/profiles/metrics"
