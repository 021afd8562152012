"""The commands: what they print, and 0 for done, 1 for failed, 2 for wrong use."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audience_mcp import __version__
from audience_mcp.cli.main import COMMANDS
from audience_mcp.openapi.document import load
from audience_mcp.openapi.reader import read
from audience_mcp.providers import PROVIDERS

from .command import Ran, Shell, together

pytestmark = pytest.mark.anyio
Typed = Callable[..., Ran]
TOOLS_JSON = Path(__file__).parents[2] / "tools.json"
LIST = "synerise_list_funnels"


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_every_help_has_examples(typed: Typed, command: str | None) -> None:
    ran = typed(*filter(None, [command]), "--help")
    assert ran.code == 0 and re.search(rf"examples:\n\s+.*audience-mcp {command or ''}", ran.out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frobnicate"], "unrecognized arguments: frobnicate"),
        (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["call"], "required: TOOL"),
        (["call", "posthog_list_cohort", "--sandbox"], "did you mean posthog_list_cohorts"),
        (["call", LIST, '{"limit": ', "--sandbox"], "are not JSON"),
        (["call", LIST, '{"a":' * 100_000, "--sandbox"], "are not JSON"),
        (["call", LIST, "[5]", "--sandbox"], "must be a JSON object"),
        (["call", LIST, '"5"', "--sandbox"], "must be a JSON object"),
        (["call", '{"limit": 5}', "--sandbox"], "follow no tool name"),
        (["call", LIST, "{}", "{}", "--sandbox"], "follow no tool name"),
        (["serve", "--providers", "posthogg"], "there is no provider 'posthogg'"),
        (["serve", "--sandbox", "--toolsets", "posthog.cohort"], "posthog.cohorts"),
        (["serve", "--workspace", "posthog"], "PROVIDER=ID_OR_NAME"),
        (["serve", "--config", "nowhere.toml"], "nowhere.toml does not exist"),
        (["serve", "--log", "LOUD"], "AUDIENCE_MCP_LOG must be one of"),
        (["sandbox", "--port", "70000"], "from 0 to 65535"),
        (["sandbox", "--port", "0", "--export"], "--export needs the --port"),
        (["sandbox", "--today", "tomorrow"], "--today must be a date"),
        (["contract"], "required: VERB"),
        (["contract", "guess"], "invalid choice: 'guess'"),
        (["tools", "--json", "--tokens"], "not allowed with"),
    ],
)
def test_wrong_use_is_told_in_a_line_with_exit_code_2(typed: Typed, arguments: list[str], said: str) -> None:
    ran = typed(*arguments)
    assert (ran.code, ran.out) == (2, "") and said in ran.err and "Traceback" not in ran.err


@pytest.mark.parametrize(
    "words", [["tools"], ["contract", "status"], ["sandbox", "--export"], ["demo"], ["call", "get_session"], ["doctor"]]
)
def test_a_name_that_is_no_setting_stops_every_command(typed: Typed, words: list[str]) -> None:
    ran = typed(*words, AUDIENCE_MCP_PROVIDER="posthog")
    assert ran.code == 2 and "AUDIENCE_MCP_PROVIDER is not a setting" in ran.out + ran.err


async def test_serve_starts_in_spite_of_it_and_tells(shell: Shell) -> None:
    served = await shell.run("serve", AUDIENCE_MCP_PROVIDER="posthog")
    assert (served.code, served.out) == (0, "")
    assert "AUDIENCE_MCP_PROVIDER is not a setting" in served.err


async def test_the_version_is_told_by_the_command_and_by_the_module(shell: Shell) -> None:
    command = str(Path(sys.executable).with_name("audience-mcp"))
    for ran in await together(shell.run("--version"), shell.program(command, "--version")):
        assert (ran.code, ran.out.strip(), ran.err) == (0, f"audience-mcp {__version__}", "")


def test_tools_prints_exactly_tools_json(typed: Typed) -> None:
    listed, table = typed("tools", "--json"), typed("tools", "--tokens")
    assert listed.code == table.code == 0
    assert listed.out == TOOLS_JSON.read_text(encoding="utf-8")
    names = {tool["name"] for tool in json.loads(listed.out)["tools"]}
    rows, counted, totals = table.out.partition(f"\n{len(names)} tools\n")
    assert counted and names == {line.split()[0] for line in rows.splitlines()}
    spent = dict(re.findall(r"^  (\S+) +(\d+)$", totals, re.MULTILINE))
    providers = [int(spent[name]) for name in ("own", *(provider.id for provider in PROVIDERS))]
    assert sum(providers) == sum(int(line.split()[-1]) for line in rows.splitlines())
    assert re.search(rf"serve --tools all +{sum(providers)} of at most", totals)


def test_contract_status_counts_what_the_documents_say(typed: Typed) -> None:
    table, listed = typed("contract", "status"), typed("contract", "status", "--json")
    report = json.loads(listed.out)
    operations = {
        provider.id: [o for o in read(load(provider.document_path), provider.id) if not o.tool.internal]
        for provider in PROVIDERS
    }
    for provider, known in operations.items():
        counted = Counter(operation.tool.contract for operation in known)
        assert report["totals"][provider] == counted
        (row,) = (line.split() for line in table.out.splitlines() if line.startswith(f"{provider} "))
        assert [int(number) for number in row[1:]] == [
            len(known), *(counted[level] for level in ("seed", "public", "sibling", "inferred") if counted[level])
        ]  # fmt: skip
    every = {o.name: o.tool.contract for known in operations.values() for o in known}
    assert {entry["tool"]: entry["contract"] for entry in report["operations"]} == every
    refused = {entry["tool"] for entry in report["operations"] if entry["refused"]}
    assert refused and all(every[name] == "inferred" and f"  {name} " in table.out for name in refused)


def test_calls_of_one_run_share_a_session_and_print_what_a_model_reads(typed: Typed) -> None:
    chosen = '{"workspace": "Meadow & Main Outlet", "provider": "posthog"}'
    words = ["select_workspace", chosen, "call", "synerise_list_workspaces", "{}", "get_session"]
    read = typed("call", *words, "--sandbox")
    assert read.code == 0, read.out
    first, second, third = read.out.strip().split("\n\n")
    assert "Outlet" in first and "Get Workspaces" in second and 'posthog | "(default)"' in third
    assert "Outlet (20482)" in third


def test_a_tool_error_is_exit_code_1_and_the_rest_is_still_called(typed: Typed) -> None:
    ran = typed("call", "synerise_get_funnel", '{"funnelId": "x"}', "get_session", "--sandbox", "--read-only")
    assert ran.code == 1
    assert (
        ran.out.startswith("invalid_arguments: ") and "SANDBOX: 4 of 4 providers" in ran.out and "read-only" in ran.out
    )


def test_a_home_that_cannot_be_written_costs_later_reading_and_nothing_else(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = typed("call", "get_session", "--sandbox", HOME=str(tmp_path / "file"))
    assert ran.code == 0 and ran.out.startswith("SANDBOX: ") and "results end with this run" in ran.err


async def test_a_result_is_read_by_a_later_run_without_any_provider(shell: Shell, tmp_path_factory: Any) -> None:
    listed = await shell.run("call", LIST, "--sandbox")
    asked = json.dumps({"handle": re.findall(r"handle (r_\w+)", listed.out)[0], "path": "$.data[*].name"})
    somebody_else = Shell(tmp_path_factory.mktemp("else"))
    again, elsewhere = await together(
        shell.run("call", "read_result", asked), somebody_else.run("call", "read_result", asked)
    )
    assert again.code == 0 and "Visit to purchase" in again.out
    assert elsewhere.code == 1 and elsewhere.out.startswith("result_expired: ")
    kept = [path for path in shell.home.rglob("*") if path.name.startswith(("r_", "confirm"))]
    assert kept and all(path.stat().st_mode & 0o077 == 0 for path in kept)
