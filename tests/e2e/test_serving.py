"""Commands against the sandbox as a real HTTP server, configured as a person would configure them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from audience_mcp.sandbox import Sandbox

from .command import Ran, Shell, together
from .program import secrets_of

pytestmark = pytest.mark.anyio
Typed = Callable[..., Ran]
PLACE = json.dumps({"workspace": "Meadow & Main"})


async def test_the_export_lines_reach_the_sandbox_that_is_served(shell: Shell, base: str) -> None:
    exported = await shell.run("sandbox", "--export", "--port", base.rpartition(":")[2])
    assert exported.code == 0
    lines = [shlex.split(line) for line in exported.out.splitlines()]
    assert {line[0] for line in lines} == {"export"} and {len(line) for line in lines} == {2}
    settings = dict(line[1].split("=", 1) for line in lines)
    words = ("synerise_list_funnels", PLACE, "giosg_list_workflows", PLACE, "faraday_list_accounts", PLACE)
    called = await shell.run("call", *words, **settings)
    assert called.code == 0, called.out + called.err
    assert "Visit to purchase" in called.out and "Checkout journey" in called.out
    assert called.out.count("SANDBOX: ") == 3  # over HTTP it says so too


def test_the_sandbox_tells_a_person_what_no_setting_says_as_comments_on_stderr(typed: Typed) -> None:
    exported, remarks = typed("sandbox", "--export"), Sandbox().remarks
    assert "second factor" in " ".join(remarks)
    assert exported.err.splitlines() == [f"# {remark}" for remark in remarks]


async def test_without_a_workspace_of_its_own_a_call_is_refused_and_says_which_there_are(
    shell: Shell, shop: Sandbox, base: str
) -> None:
    keys = {name: value for name, value in shop.environment(base).items() if name.startswith("POSTHOG")}
    new = json.dumps({"name": "Mine", "is_static": True})
    chosen = json.dumps({"workspace": "20482"})
    ran = await shell.run("call", "posthog_list_cohorts", "select_workspace", chosen,
                          "posthog_list_cohorts", "posthog_create_cohort", new, **keys)  # fmt: skip
    refused, selected, read, write = ran.out.strip().split("\n\n")
    assert ran.code == 1
    assert refused.startswith("workspace_not_selected: ") and "Meadow & Main Outlet (20482)" in refused
    assert selected.startswith("Reads of posthog now run in") and "Outlet (20482)" in read
    assert write.startswith("workspace_not_selected: ") and "selection serves reads only" in write


def test_doctor_without_settings_says_what_to_set(typed: Typed) -> None:
    ran = typed("doctor")
    assert ran.code == 1 and ran.err == ""
    for name in ("SYNERISE_API_KEY", "POSTHOG_API_KEY", "FARADAY_API_KEY", "GIOSG_API_TOKEN"):
        assert name in ran.out


def test_doctor_finds_everything_well_in_the_sandbox(typed: Typed) -> None:
    ran = typed("doctor", "--json", "--sandbox")
    report = json.loads(ran.out)
    assert ran.code == 0 and set(report) == {"config_file", "problems", "corrected", "providers"}
    for found in report["providers"].values():
        assert (found["state"], found["wrong"]) == ("ok", [])
        assert any("Meadow & Main Outlet" in workspace for workspace in found["workspaces"])
        assert {where for fields in found["configured"].values() for where in fields.values()} == {"sandbox"}
    assert not [secret for secret in secrets_of(Sandbox()) if secret in ran.out]


async def test_doctor_tells_a_wrong_key_a_wrong_workspace_and_a_dead_address_apart(
    shell: Shell, shop: Sandbox, base: str
) -> None:
    settings = shop.environment(base) | {
        "POSTHOG_API_KEY": "phx_mistyped",
        "AUDIENCE_MCP_WORKSPACE": "faraday=Nowhere",
        "GIOSG_SERVICE_URL": "http://127.0.0.1:9",
    }
    ran, told = await together(
        shell.run("doctor", "--json", **settings), shell.run("doctor", "--providers", "posthog", **settings)
    )
    found = json.loads(ran.out)["providers"]
    assert ran.code == 1 and found["synerise"]["state"] == "ok"
    for provider, kind in (
        ("posthog", "credentials_rejected"),
        ("faraday", "workspace_unknown"),
        ("giosg", "provider_unavailable"),
    ):
        assert found[provider]["state"] == "wrong"
        assert kind in [wrong["kind"] for wrong in found[provider]["wrong"]]
        assert all(wrong["message"] and wrong["remedy"] for wrong in found[provider]["wrong"])
    assert found["posthog"]["configured"] == {"(default)": {"api_key": "environment", "base_url": "environment"}}
    assert told.code == 1 and "credentials_rejected" in told.out and "giosg" not in told.out
    for secret in ("phx_mistyped", *secrets_of(shop)):
        assert secret not in ran.out + ran.err + told.out + told.err


async def test_a_configuration_file_and_a_secret_in_a_file_serve_as_well(
    shell: Shell, shop: Sandbox, base: str, tmp_path: Path
) -> None:
    keys = shop.environment(base)
    (tmp_path / "key").write_text(keys["POSTHOG_API_KEY"] + "\n")
    (tmp_path / "mine.toml").write_text(
        f'POSTHOG_BASE_URL = "{keys["POSTHOG_BASE_URL"]}"\n'
        f'POSTHOG_API_KEY_FILE = "{tmp_path / "key"}"\n'
        'AUDIENCE_MCP_WORKSPACE = ["posthog=Meadow & Main Outlet"]\n'
        "AUDIENCE_MCP_READ_ONLY = true\n"
    )
    mine = ("--config", str(tmp_path / "mine.toml"))
    words = ("call", "posthog_list_cohorts", "posthog_create_cohort", '{"name": "n"}')
    ran, checked = await together(shell.run(*words, *mine), shell.run("doctor", "--providers", "posthog", *mine))
    read, write = ran.out.strip().split("\n\n")
    assert 'workspace "Meadow & Main Outlet (20482)"' in read and write.startswith("read_only: ")
    assert checked.code == 0 and "api_key (POSTHOG_API_KEY_FILE), base_url (file)" in checked.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('POSTHOG_API_KEYS = "x"', "unknown settings: POSTHOG_API_KEYS"),
        ("POSTHOG_API_KEY = ", "cannot be used"),
        ('POSTHOG_API_KEY_FILE = "/nowhere/key"', "POSTHOG_API_KEY_FILE cannot be read"),
        ("AUDIENCE_MCP_READ_ONLY = 3", "must be true or false"),
    ],
)
def test_a_configuration_file_that_cannot_be_used_is_wrong_use(
    typed: Typed, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "mine.toml").write_text(text)
    ran = typed("call", "get_session", "--config", str(tmp_path / "mine.toml"))
    assert (ran.code, ran.out) == (2, "") and said in ran.err and "Traceback" not in ran.err
