"""However a run ends, and whatever fails while it lasts: nothing is left running, and nothing is left half written."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from audience_mcp.changes.change import Change
from audience_mcp.changes.journal import Journal

from .command import Shell
from .stuck import PATIENCE, Served, Stuck, served, settings_for, stuck, until

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and limits")]
UPDATE, RENAMED = "posthog_update_cohort", {"id": 3, "name": "Renamed"}
ENDLESS = "SELECT count(*) FROM {handle}, range(10000000) a, range(10000000) b"


@pytest.fixture
async def provider() -> AsyncIterator[Stuck]:
    async with stuck() as provider:
        yield provider


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    return tmp_path / "calls.jsonl"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def outcomes(path: Path) -> list[str]:
    return [line["outcome"] for line in lines(path)]


def the_change(home: Path) -> Change:
    """The one change in the journal of this home; every line of every journal is whole."""
    (folder,) = home.rglob("changes")
    for path in folder.glob("*.jsonl"):
        assert lines(path)
    (change,) = Journal(folder).changes("posthog")
    return change


def check_nothing_is_half_written(home: Path) -> None:
    assert not [path for path in home.rglob("*") if ".part" in path.name or path.name.endswith(".new")]


async def begun(server: Served, provider: Stuck) -> int:
    """A write that has reached the provider and waits there."""
    identity = await server.begin("tools/call", name=UPDATE, arguments=RENAMED)
    await provider.arrived.wait()
    return identity


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_a_signal_in_the_midst_of_a_write_ends_it_at_once_and_leaves_its_trace(
    provider: Stuck, shell: Shell, audit: Path, number: signal.Signals
) -> None:
    async with served(provider, shell, "--audit", str(audit)) as server:
        await begun(server, provider)
        server.process.send_signal(number)
        code = await server.ended()
        await provider.dropped.wait()
    assert code == (-9 if number == signal.SIGKILL else 128 + number)
    change = the_change(shell.home)
    assert (change.outcome, change.before["name"]) == ("unknown", "Buyers")
    assert outcomes(audit) == ["begun"] and lines(audit)[0]["changes"] == [change.id]
    check_nothing_is_half_written(shell.home)


async def test_a_client_that_closes_stdin_in_the_midst_of_a_write_ends_it(
    provider: Stuck, shell: Shell, audit: Path
) -> None:
    async with served(provider, shell, "--audit", str(audit)) as server:
        await begun(server, provider)
        await server.close()
        assert await server.ended() == 0
        await provider.dropped.wait()
    assert the_change(shell.home).outcome == "unknown"
    assert outcomes(audit) == ["begun", "cancelled"]


async def test_a_write_that_its_client_cancels_is_dropped_and_kept_as_unknown(
    provider: Stuck, shell: Shell, audit: Path
) -> None:
    async with served(provider, shell, "--audit", str(audit)) as server:
        identity = await begun(server, provider)
        await server.send(method="notifications/cancelled", params={"requestId": identity})
        await provider.dropped.wait()
        listed = await server.call("list_changes", provider="posthog")
        assert "outcome unknown: name" in listed["content"][0]["text"]
        assert not (await server.call("posthog_list_cohorts"))["isError"]
    assert outcomes(audit)[:2] == ["begun", "cancelled"]


async def test_ctrl_c_ends_a_command_without_a_traceback(provider: Stuck, shell: Shell) -> None:
    words = [sys.executable, "-m", "audience_mcp", "call", UPDATE, json.dumps(RENAMED)]
    variables = shell.variables(settings_for(provider))
    with anyio.fail_after(PATIENCE):
        async with await anyio.open_process(words, env=variables) as process:
            await provider.arrived.wait()
            process.send_signal(signal.SIGINT)
            assert process.stderr and b"".join([part async for part in process.stderr]) == b""
            assert await process.wait() == 130
        await provider.dropped.wait()
    assert the_change(shell.home).outcome == "unknown"
    check_nothing_is_half_written(shell.home)


def children(pid: int, word: str) -> list[int]:
    """The processes that `pid` started with `word` in their command line."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if word in _read(f"/proc/{child}/cmdline")]


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def is_gone(pid: int) -> bool:
    status = _read(f"/proc/{pid}/stat")
    return not status or status.rpartition(") ")[2].startswith("Z")  # ended, and nobody has asked for its code yet


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_no_process_of_ours_outlives_the_server(provider: Stuck, shell: Shell, number: signal.Signals) -> None:
    async with served(provider, shell) as server:
        listed = await server.call("posthog_list_cohorts")
        handle, pid = listed["structuredContent"]["provenance"]["handle"], server.process.pid
        if number == signal.SIGKILL:
            assert not (await server.call("chart_result", handle=handle))["isError"]
        drawing = children(pid, "anyio.to_process")
        assert bool(drawing) == (number == signal.SIGKILL)
        await server.begin("tools/call", name="query_results", arguments={"sql": ENDLESS.format(handle=handle)})
        querying: list[int] = []
        while not querying:
            querying = [
                child
                for child in children(pid, "query.worker")
                if "Max open files            0"
                in _read(f"/proc/{child}/limits")  # it is past reading what it was sent
            ]
            await anyio.sleep(0.01)
        server.process.send_signal(number)
        await server.ended()
        await until(lambda: all(map(is_gone, drawing + querying)))


async def test_on_a_full_disk_reads_go_on_and_what_could_not_be_kept_is_refused(
    provider: Stuck, shell: Shell, audit: Path
) -> None:
    settings = {"AUDIENCE_MCP_EXPORT_DIR": str(shell.home), "AUDIENCE_MCP_CONFIRM": "auto"}
    async with served(provider, shell, full_disk=True, **settings) as server:
        listed = await server.call("posthog_list_cohorts")
        handle = listed["structuredContent"]["provenance"]["handle"]
        read = await server.call("read_result", handle=handle, path="$.results[0].name")
        assert not read["isError"] and "Cohort 3" in read["content"][0]["text"]
        exported = await server.call("export_result", handle=handle, format="csv")
        assert exported["structuredContent"]["error"]["kind"] == "permission_denied"
        kept_out = await server.call(UPDATE, **RENAMED)
        error = kept_out["structuredContent"]["error"]
        assert error["kind"] == "internal" and "journal of changes cannot be written" in error["message"]
    assert not provider.arrived.is_set()
    assert not list(shell.home.glob("*.csv"))
    check_nothing_is_half_written(shell.home)


async def test_on_a_full_disk_an_audited_write_is_refused_and_a_read_is_not(
    provider: Stuck, shell: Shell, audit: Path
) -> None:
    async with served(provider, shell, "--audit", str(audit), full_disk=True) as server:
        assert not (await server.call("posthog_list_cohorts"))["isError"]
        refused = await server.call("posthog_create_cohort", name="Mine", is_static=True)
        error = refused["structuredContent"]["error"]
        assert "audit file cannot be written" in error["message"] and "frees space" in error["remedy"]
    assert not provider.arrived.is_set() and audit.stat().st_size == 0
