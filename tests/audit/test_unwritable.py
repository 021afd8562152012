"""An audit file that fails: writes are refused before they are sent, reads go on and the log says so."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from audience_mcp.sandbox import Sandbox

from .audited import Audited, audited, lines_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(shop: Sandbox, tmp_path: Path) -> AsyncIterator[Audited]:
    (tmp_path / "audit").mkdir()
    async with audited(shop, tmp_path / "audit" / "calls.jsonl", export_dir=tmp_path, confirm="never") as desk:
        yield desk


async def test_writes_and_exports_are_refused_and_reads_are_logged(
    desk: Audited, shop: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    listed = await desk.run("posthog_list_cohorts")
    shutil.rmtree(desk.path.parent)
    sent = len(shop.journal)
    for tool, arguments in (
        ("posthog_create_cohort", {"name": "Mine", "is_static": True}),
        ("export_result", {"handle": listed.outcome and listed.outcome.handle, "format": "csv"}),
    ):
        told = await desk.run(tool, **arguments)
        assert told.is_error, told.text
        error = told.structured["error"]
        assert error["kind"] == "internal" and str(desk.path) in error["message"]
        assert "makes that file writable" in error["remedy"]
    assert not [entry for entry in list(shop.journal)[sent:] if entry.method != "GET"]
    assert [path.name for path in tmp_path.iterdir()] == []
    caplog.clear()
    assert not (await desk.run("posthog_list_cohorts")).is_error
    (record,) = caplog.records
    assert str(desk.path) in record.getMessage() and "posthog_list_cohorts" in record.getMessage()


async def test_a_refused_write_is_kept_as_none_and_works_once_the_file_does(desk: Audited) -> None:
    shutil.rmtree(desk.path.parent)
    assert (await desk.run("posthog_create_cohort", name="Mine", is_static=True)).is_error
    assert "posthog_create_cohort" not in (await desk.run("list_changes", provider="posthog")).text
    desk.path.parent.mkdir()
    assert not (await desk.run("posthog_create_cohort", name="Mine", is_static=True)).is_error
    assert [line["outcome"] for line in desk.lines()][-2:] == ["begun", "ok"]


@pytest.mark.parametrize("words", [["serve"], ["call", "get_session"]], ids=lambda words: words[0])
def test_a_file_that_cannot_be_used_is_wrong_use(words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "missing" / "calls.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "audience_mcp", *words, "--sandbox", "--audit", str(path)],
        input="",
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(tmp_path), "PATH": ""},
    )
    assert (done.returncode, done.stdout) == (2, "") and "Traceback" not in done.stderr
    assert str(path) in done.stderr and "AUDIENCE_MCP_AUDIT" in done.stderr


def test_without_the_setting_nothing_of_it_is_loaded() -> None:
    probe = (
        "import sys; from audience_mcp.app import build_app; from audience_mcp.settings import Settings;"
        "build_app(Settings(sandbox=False)); print([name for name in sys.modules if 'audience_mcp.audit' in name])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


async def test_lines_of_two_programs_stand_in_one_file(shop: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "both.jsonl"
    async with audited(shop, path) as one, audited(shop, path) as other:
        await one.run("get_session")
        await other.run("posthog_list_cohorts")
    assert [line["tool"] for line in lines_of(path)] == ["get_session", "posthog_list_cohorts"]
