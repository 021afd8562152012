"""`contract probe` as a person runs it, against a served sandbox that hides where two operations are."""

from __future__ import annotations

import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from audience_mcp.sandbox import Sandbox, serving

from .command import Ran, Shell

pytestmark = pytest.mark.anyio
Typed = Callable[..., Ran]
PROBE = ("contract", "probe", "synerise")
NOWHERE = {"SYNERISE_API_KEY": "a-key", "SYNERISE_BASE_URL": "http://127.0.0.1:1"}  # no server listens there
V3, NAMED = "/analytics/analytics/v3/funnels", "/analytics/profiles/funnels"
TRUE = {
    "synerise_preview_funnel": f"POST {NAMED}/preview",
    "synerise_calculate_funnel": f"POST {NAMED}/{{funnelId}}/calculate",
}
PREVIEW = ("synerise_preview_funnel", '{"analysis": {"title": "T", "steps": [{"name": "page.visit"}, {"name": "x"}]}}')


@dataclass(frozen=True)
class Hidden:
    """A served sandbox and the settings that reach it."""

    sandbox: Sandbox
    settings: dict[str, str]


@pytest.fixture
async def hidden() -> AsyncIterator[Hidden]:
    sandbox = Sandbox(profiles=60, events=1200, paths=TRUE)
    async with serving(sandbox) as base:
        yield Hidden(sandbox, {**sandbox.environment(base), "AUDIENCE_MCP_WORKSPACE": "synerise=Meadow & Main"})


def kept(shell: Shell) -> list[Path]:
    return list(shell.home.rglob("overlays/synerise.yaml"))


async def test_a_call_that_failed_for_its_path_succeeds_after_a_probe(shell: Shell, hidden: Hidden) -> None:
    failed = await shell.run("call", *PREVIEW, **hidden.settings)
    assert failed.code == 1 and failed.out.startswith("contract_unconfirmed: ")
    assert "`audience-mcp contract probe synerise`" in failed.out

    before = len(hidden.sandbox.journal)
    probed = await shell.run("contract", "probe", "synerise", "--yes", **hidden.settings)
    assert probed.code == 0, probed.out + probed.err
    assert f"synerise_preview_funnel: {TRUE['synerise_preview_funnel']} (ours was POST {V3}/preview)" in probed.out
    assert "SANDBOX" in probed.out and "restarted" in probed.out and "audience-mcp contract undo synerise" in probed.out
    assert [str(path) in probed.out for path in kept(shell)] == [True]
    asked = [entry for entry in hidden.sandbox.journal[before:] if not entry.path.startswith("/uauth/")]
    assert 0 < len(asked) <= 40
    for entry in asked:
        assert entry.method in ("GET", "POST", "OPTIONS")
        assert entry.method != "POST" or (entry.body == b"{}" and entry.status >= 400), entry

    called = await shell.run("call", *PREVIEW, **hidden.settings)
    assert called.code == 0 and "unconfirmed" not in called.out, called.out

    # The provider itself is not known any better.
    listed = await shell.run(*PROBE, "--dry-run", SYNERISE_API_KEY="a-key")
    assert "a sandbox taught it" in listed.out and f"POST {V3}/preview {{}}   our guess" in listed.out


def test_a_dry_run_and_nobody_to_ask_send_nothing(typed: Typed) -> None:
    listed = typed(*PROBE, "--dry-run", "--most", "9", **NOWHERE)
    assert listed.code == 0 and f"POST {V3}/preview {{}}" in listed.out and "At most 9" in listed.out
    assert "A dry run: nothing was sent." in listed.out
    unasked = typed(*PROBE, **NOWHERE)
    assert unasked.code == 1 and "audience-mcp contract probe synerise --yes" in unasked.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("synerise_get_funnel: GET /x/{funnelId}", "is documented"),
        ("synerise_preview_funnels: POST /x", "is no operation"),
        ("- a list", "must map tool names"),
    ],
)
def test_a_file_of_hidden_paths_that_cannot_be_used_ends_the_sandbox(
    typed: Typed, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "true.yaml").write_text(content)
    ran = typed("sandbox", "--paths", str(tmp_path / "true.yaml"), "--export")
    assert (ran.code, ran.out) == (2, "") and said in ran.err
    missing = typed("sandbox", "--paths", str(tmp_path / "nowhere.yaml"), "--export")
    assert missing.code == 2 and "nowhere.yaml" in missing.err


def test_what_writes_is_listed_as_not_probed_with_what_to_do_instead(typed: Typed) -> None:
    listed = typed(*PROBE, "--dry-run").out
    _, _, left_out = listed.partition("not probed: it changes something")
    assert "synerise_create_funnel" in left_out and "synerise_delete_analyses" in left_out
    assert "`audience-mcp contract import synerise`" in left_out


@pytest.mark.parametrize(
    ("words", "settings", "code", "said"),
    [
        ([*PROBE, "--yes"], {}, 1, "synerise is not configured"),
        ([*PROBE, "--yes"], {"AUDIENCE_MCP_SANDBOX": "true"}, 2, "unset AUDIENCE_MCP_SANDBOX"),
        (["contract", "probe", "posthog", "--yes"], {}, 0, "posthog has no unconfirmed path"),
    ],
)
def test_where_nothing_can_be_probed_it_says_why(
    typed: Typed, tmp_path: Path, words: list[str], settings: dict[str, str], code: int, said: str
) -> None:
    ran = typed(*words, **settings)
    assert (ran.code, said in ran.out + ran.err) == (code, True), ran.out + ran.err
    assert not list(tmp_path.rglob("synerise.yaml"))


def test_without_a_credential_no_plan_is_listed(typed: Typed) -> None:
    ran = typed(*PROBE, "--yes")
    assert (ran.code, ran.out) == (1, "") and "synerise is not configured" in ran.err


@pytest.mark.parametrize("content", [None, "broken: ["])
def test_nothing_is_sent_where_what_it_proves_could_not_be_kept(
    typed: Typed, tmp_path: Path, content: str | None
) -> None:
    place = tmp_path / "audience-mcp" / "overlays"
    place.parent.mkdir()
    if content is None:
        place.write_text("a file in the folder's place")
    else:
        place.mkdir()
        (place / "synerise.yaml").write_text(content)
    ran = typed(*PROBE, "--yes", XDG_CONFIG_HOME=str(tmp_path), **NOWHERE)
    assert ran.code == 1 and "sent" not in ran.out and str(place) in ran.err


def test_a_provider_that_is_not_reached_is_told_once_with_what_to_do(typed: Typed) -> None:
    told = typed(*PROBE, "--yes", **NOWHERE).out.partition("0 requests answered. ")[2]
    stopped, following, _, end = told.splitlines()
    assert end == "Nothing was written."
    assert stopped.startswith("Stopped: 127.0.0.1:1 could not be reached") and not stopped.endswith("..")
    assert following.startswith("Next: ") and told.count("could not be reached") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent Ctrl-C alone there")
async def test_what_was_proven_before_ctrl_c_is_kept(shell: Shell, hidden: Hidden) -> None:
    variables = shell.variables(hidden.settings)
    words = (sys.executable, "-m", "audience_mcp", *PROBE, "--yes")
    told = ""
    with anyio.fail_after(60):
        async with await anyio.open_process(words, env=variables, cwd=shell.home) as process:
            assert process.stdout is not None
            async for chunk in process.stdout:
                told += chunk.decode()
                if "proven: " in told and process.returncode is None:
                    process.send_signal(signal.SIGINT)
                    break
            async for chunk in process.stdout:
                told += chunk.decode()
            await process.wait()
    assert process.returncode == 130 and "Stopped: you ended it." in told, told
    assert [str(path) in told for path in kept(shell)] == [True]
