"""`audience-mcp contract import` as a person runs it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import respx
import yaml

from audience_mcp.cli.main import main

from .made import FUNNEL, FUNNEL_PATHS, INJECTION, openapi, operation

Run = Callable[..., tuple[int, str, str]]
OVERLAY = "synerise.yaml"
REFERENCE = "https://developers.synerise.com/AnalyticsSuite/AnalyticsSuite.html"
COLLECTION = "https://hub.synerise.com/api-reference/postman/analytics-suite.json"


class Typed(io.StringIO):
    """A terminal at which somebody has typed."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's own folders, empty."""
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def document(tmp_path: Path) -> str:
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(openapi(FUNNEL_PATHS)))
    return str(file)


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def running(*arguments: str, typed: str | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO() if typed is None else Typed(typed))
        with ThreadPoolExecutor(1) as own:  # the command has a loop of its own, and so have the tests on this thread
            code = own.submit(main, ["contract", *arguments]).result()
        out, err = capsys.readouterr()
        return code, out, err

    return running


def written(home: Path) -> list[Path]:
    return [path for path in home.rglob(OVERLAY) if path.is_file()]


def test_an_import_shows_the_difference_writes_an_overlay_and_can_be_undone(
    run: Run, home: Path, document: str
) -> None:
    code, out, _ = run("import", "synerise", document, "--yes")
    assert code == 0
    (overlay,) = written(home)
    assert f"becomes POST {FUNNEL.replace('{id}', '{funnelId}')}" in out
    assert f"written to {overlay}; 1 tool changed: synerise_calculate_funnel" in out
    assert "until it is restarted" in out and "contract undo synerise" in out
    text = overlay.read_text()
    assert INJECTION not in text and "openapi.json" in text and str(Path(document).parent) not in text
    code, out, _ = run("status", "--json")
    (told,) = [one for one in json.loads(out)["operations"] if one["tool"] == "synerise_calculate_funnel"]
    assert told["contract"] == "imported" and "openapi.json" in told["source"]
    assert run("undo", "synerise")[0] == 0
    assert not written(home)


def test_what_was_imported_already_is_told_so_and_leaves_the_step_back_as_it_is(
    run: Run, home: Path, document: str
) -> None:
    assert run("import", "synerise", document, "--yes")[0] == 0
    (overlay,) = written(home)
    before = overlay.read_bytes()
    code, out, _ = run("import", "synerise", document, "--yes")
    assert code == 0 and "says all of this already" in out
    assert "becomes" not in out and "0 tools to correct, 1 already as the document says" in out
    assert overlay.read_bytes() == before
    assert run("undo", "synerise")[0] == 0
    assert not written(home)


def test_without_a_terminal_and_without_yes_nothing_is_written(run: Run, home: Path, document: str) -> None:
    code, out, err = run("import", "synerise", document)
    assert code == 1
    assert "becomes POST" in out and "--yes" in err
    assert not written(home)


@pytest.mark.parametrize(("typed", "code", "count"), [("Yes\n", 0, 1), ("\n", 1, 0), ("", 1, 0)])
def test_the_person_is_asked(run: Run, home: Path, document: str, typed: str, code: int, count: int) -> None:
    assert run("import", "synerise", document, typed=typed)[0] == code
    assert len(written(home)) == count


def test_a_dry_run_writes_nothing(run: Run, home: Path, document: str) -> None:
    code, out, _ = run("import", "synerise", document, "--dry-run", "--yes")
    assert (code, written(home)) == (0, [])
    assert "becomes POST" in out and "nothing was written" in out


def test_a_document_of_another_provider_changes_nothing(run: Run, home: Path, document: str) -> None:
    code, _, err = run("import", "faraday", document, "--yes")
    assert code == 1
    assert "is not the provider's" in err and "Next: Give the provider's own document" in err
    assert not list(home.rglob("faraday.yaml"))


def test_a_document_in_which_nothing_is_ours_says_that_it_is_probably_another_ones(
    run: Run, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "invoices.json"
    file.write_text(json.dumps(openapi({"/billing/invoices": {"get": operation("List invoices")}})))
    code, out, err = run("import", "synerise", str(file), "--yes")
    assert code == 1 and not written(home)
    assert "probably the document of another provider" in err
    assert "not among our tools: GET /billing/invoices" in out and "of ours, not found" not in out


def test_a_broken_document_is_told_with_what_to_do(run: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "cut.yaml"
    file.write_text("openapi: 3.0.1\npaths:\n  /a:\n    get: {summary: 'cut o")
    code, _, err = run("import", "synerise", str(file), "--yes")
    assert code == 1
    assert "The YAML is broken" in err and "Next: Download the document again" in err
    assert not written(home)


@respx.mock
def test_without_an_argument_the_published_addresses_are_tried_and_told(run: Run, home: Path) -> None:
    respx.get(REFERENCE).respond(200, html="<html>Moved</html>")
    respx.get(COLLECTION).respond(200, json=openapi(FUNNEL_PATHS))
    code, out, _ = run("import", "synerise", "--yes")
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith("trying ")] == [
        f"trying {REFERENCE}",
        f"trying {COLLECTION}",
    ]
    assert "no: This is a web page" in out and f'read "{COLLECTION}"' in out
    assert written(home)


@respx.mock
def test_addresses_that_give_nothing_are_told_with_the_way_out(run: Run) -> None:
    respx.route().respond(404)
    code, out, err = run("import", "synerise")
    assert code == 1
    assert out.count("no: ") == 2 and "HTTP 404" in out
    assert "none of the 2 published addresses gave one" in err and "contract import synerise FILE" in err


def test_a_provider_that_publishes_nothing_known_says_so(run: Run) -> None:
    code, _, err = run("import", "giosg")
    assert code == 1
    assert "no address of one is known" in err


def test_the_home_of_somebody_unknown_is_told_and_not_a_traceback(run: Run, home: Path) -> None:
    code, out, err = run("import", "synerise", "~nobody-has-this-name/x.json", "--yes")
    assert (code, out) == (1, "") and "~nobody-has-this-name/x.json" in err and "Next: " in err


def test_an_import_names_what_was_written_by_hand_about_a_corrected_tool_and_leaves_it_the_last_word(
    run: Run, home: Path, document: str
) -> None:
    assert run("import", "synerise", document, "--yes")[0] == 0
    (overlay,) = written(home)
    run("undo", "synerise")
    own = {"target": "$.paths[*][?@.operationId=='calculate_funnel']", "update": {"summary": "In our own words"}}
    overlay.write_text(json.dumps({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [own]}))
    code, out, _ = run("import", "synerise", document, "--yes")
    assert code == 0 and "written by hand is kept and has the last word: synerise_calculate_funnel\n" in out
    assert yaml.safe_load(overlay.read_text())["actions"][-1]["update"] == {"summary": "In our own words"}
