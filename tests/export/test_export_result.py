"""export_result as a client calls it: where the file is, what the answer says, and when nothing is written."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import respx
from mcp import Client

from audience_mcp.app import App
from audience_mcp.sandbox import Sandbox
from call.desk import SECRETS, WORKSPACES, courtesies, opened
from e2e.program import connected, error_of, link_of, linked, running, small_shop, text_of, told

pytestmark = pytest.mark.anyio
COHORTS = "posthog_list_cohorts"


@pytest.fixture(scope="module")
def shop() -> Sandbox:
    return small_shop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


@pytest.fixture(scope="module")
async def app(shop: Sandbox, folder: Path) -> AsyncIterator[App]:
    async with running(shop, export_dir=folder) as app:
        yield app


@pytest.fixture(autouse=True)
def emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


async def handle_of(client: Client) -> str:
    return str(link_of(await client.call_tool(COHORTS, {})).name)


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "png"])
async def test_every_format_is_written_privately_and_told_with_its_path_and_size(
    app: App, folder: Path, form: str
) -> None:
    async with connected(app, "auto") as client:
        listed = await client.call_tool(COHORTS, {})
        handle, full = link_of(listed).name, await linked(client, listed)
        result = await client.call_tool("export_result", {"handle": handle, "format": form})
    answer, text = told(result), text_of(result)
    (file,) = folder.iterdir()
    facts = {figure["label"]: figure["value"] for figure in answer["figures"]}
    assert file.name == facts["file"] == f"SANDBOX-list-cohorts-{handle}.{form}"
    assert (facts["folder"], facts["bytes"]) == (str(folder), file.stat().st_size)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert answer["kind"] == "acknowledgement" and answer["provenance"]["handle"] == handle
    assert text.startswith("SANDBOX: List cohorts: ") and "made up" in answer["headline"]
    items = json.loads(full)["results"]
    assert facts.get("rows") == (None if form == "png" else len(items))
    if form == "csv":
        assert [row["name"] for row in csv.DictReader(file.read_text().splitlines())] == [
            item["name"] for item in items
        ]
    else:
        starts = {"json": full.encode(), "parquet": b"PAR1", "png": b"\x89PNG"}
        assert file.read_bytes().startswith(starts[form])


async def test_a_file_is_never_written_over_unasked(app: App, folder: Path) -> None:
    async with connected(app, "legacy") as client:
        call: dict[str, Any] = {"handle": await handle_of(client), "format": "json", "file": "SANDBOX-mine"}
        (folder / "SANDBOX-mine.json").write_text("old")
        refused = error_of(await client.call_tool("export_result", call))
        assert refused["kind"] == "conflict" and "SANDBOX-mine-2.json is free" in refused["remedy"]
        assert (folder / "SANDBOX-mine.json").read_text() == "old" and len(list(folder.iterdir())) == 1
        told(await client.call_tool("export_result", {**call, "overwrite": True}))
        assert (folder / "SANDBOX-mine.json").read_text() != "old"


async def test_of_several_calls_for_one_name_one_writes_it(app: App, folder: Path) -> None:
    kinds: list[str] = []
    async with connected(app, "auto") as client:
        call = {"handle": await handle_of(client), "format": "csv", "file": "one"}

        async def one() -> None:
            result = await client.call_tool("export_result", call)
            kinds.append(error_of(result)["kind"] if result.is_error else "written")

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(one)
    assert sorted(kinds) == ["conflict"] * 4 + ["written"] and len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("file", ["../up", "/tmp/up", "a/../../up", ".profile", "con", "x.json"])
async def test_a_name_that_leads_elsewhere_or_lies_about_the_format_writes_nothing(
    app: App, folder: Path, file: str
) -> None:
    async with connected(app, "auto") as client:
        call = {"handle": await handle_of(client), "format": "csv", "file": file}
        assert error_of(await client.call_tool("export_result", call))["kind"] == "invalid_arguments"
    assert list(folder.iterdir()) == [] and not (folder.parent / "up.csv").exists()


async def test_whenever_it_is_cancelled_the_file_is_whole_or_not_there(app: App, folder: Path) -> None:
    async with connected(app, "auto") as client:
        handle = await handle_of(client)
        body = app.store.get(handle).body
        for steps in range(30):
            async with anyio.create_task_group() as group:
                call = {"handle": handle, "format": "json", "file": f"at-{steps}"}
                group.start_soon(client.call_tool, "export_result", call)
                for _ in range(steps):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
            assert all(path.read_bytes() == body and path.suffix == ".json" for path in folder.iterdir())
        told(await client.call_tool("export_result", {"handle": handle, "format": "json"}))


async def test_without_a_folder_nothing_is_written_and_the_remedy_names_the_setting(shop: Sandbox) -> None:
    async with running(shop) as app, connected(app, "auto") as client:
        assert "export_result" in {tool.name for tool in (await client.list_tools()).tools}
        call = {"handle": await handle_of(client), "format": "csv"}
        refused = error_of(await client.call_tool("export_result", call))
    assert refused["kind"] == "not_offered_by_provider" and "AUDIENCE_MCP_EXPORT_DIR" in refused["remedy"]


async def test_a_read_only_server_neither_lists_nor_writes_exports(shop: Sandbox, folder: Path, era: str) -> None:
    async with running(shop, export_dir=folder, read_only=True) as app, connected(app, era) as client:
        assert "export_result" not in {tool.name for tool in (await client.list_tools()).tools}
        call = {"handle": await handle_of(client), "format": "csv"}
        assert error_of(await client.call_tool("export_result", call))["kind"] == "read_only"
    assert list(folder.iterdir()) == []


async def test_a_result_that_is_gone_is_told_and_writes_nothing(app: App, folder: Path) -> None:
    async with connected(app, "auto") as client:
        call = {"handle": "r_aaaaaaaaaaaaaaaa", "format": "csv"}
        assert error_of(await client.call_tool("export_result", call))["kind"] == "result_expired"
    assert list(folder.iterdir()) == []


async def test_real_data_bears_no_mark_of_the_sandbox(folder: Path) -> None:
    with respx.mock(assert_all_called=False) as edge:
        courtesies(edge)
        edge.get(url__regex="/cohorts/").mock(return_value=httpx.Response(200, json={"results": [{"id": 1}]}))
        desk = opened(edge, SECRETS | WORKSPACES | {"AUDIENCE_MCP_EXPORT_DIR": str(folder)})
        outcome = (await desk.run(COHORTS)).outcome
        assert outcome is not None
        exported = await desk.run("export_result", handle=outcome.handle, format="csv", file="mine")
        await desk.app.close()
    assert exported.text.startswith('List cohorts: 1 row, 1 column written to "mine.csv"') and not exported.is_error
    assert (folder / "mine.csv").read_bytes() == b"id\r\n1\r\n"
