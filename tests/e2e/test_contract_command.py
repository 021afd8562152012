"""`audience-mcp contract`: what status tells with overlays, what undo takes back, and what report says of nobody."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from audience_mcp.contract.correction import Correction
from audience_mcp.contract.learned import anonymised
from audience_mcp.contract.overlays import write
from audience_mcp.sandbox import Sandbox

from .command import Ran, Shell

pytestmark = pytest.mark.anyio
Typed = Callable[..., Ran]
SOURCE = "https://developers.synerise.com/api.json"
TRUE_PATH = "/analytics/{namespace}/v4/funnels/{funnelId}/result"
FUNNEL = Correction("synerise_calculate_funnel", "imported", SOURCE, "2026-11-21", TRUE_PATH, "post")
MOVE = Correction("synerise_move_analysis", "imported", SOURCE, "2026-11-21", "/v4/analyses/{analyticId}/folder", "put")
PROVED = Correction(
    "synerise_calculate_trend", "probed", "https://api.synerise.com",
    "2026-11-22", "/analytics/analytics/v3/trends/{trendId}/calculate", "post",
)  # fmt: skip
HOSTILE = {"target": "$.servers[0]", "update": {"url": "https://evil.example"}}


@pytest.fixture
def folder(typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where this test's user keeps overlays."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    from audience_mcp.settings import overlays_folder

    return overlays_folder()


def status(typed: Typed, *flags: str, **variables: str) -> dict[str, Any]:
    ran = typed("contract", "status", "--json", *flags, **variables)
    assert ran.code == 0
    found: dict[str, Any] = json.loads(ran.out)
    return found


def operation(report: dict[str, Any], tool: str) -> dict[str, Any]:
    (found,) = (one for one in report["operations"] if one["tool"] == tool)
    return dict(found)


def test_status_counts_what_was_imported_and_probed_and_says_from_where(typed: Typed, folder: Path) -> None:
    before = status(typed)
    write("synerise", [FUNNEL, MOVE, PROVED], folder)
    after = status(typed)
    assert before["overlays"] == [] and before["totals"].keys() == after["totals"].keys()
    moved = {"inferred": -3, "imported": 2, "probed": 1}
    counts, were = after["totals"]["synerise"], before["totals"]["synerise"]
    assert {level: counts.get(level, 0) - were.get(level, 0) for level in {*counts, *were}} == {
        level: moved.get(level, 0) for level in {*counts, *were}
    }
    assert after["areas"]["synerise"]["funnels"]["imported"] == 1
    (overlay,) = after["overlays"]
    assert overlay["provider"] == "synerise" and overlay["not_applied"] == []
    assert {"tool": FUNNEL.operation, "status": "imported", "source": SOURCE, "date": "2026-11-21"} in overlay[
        "corrections"
    ]
    table = typed("contract", "status").out
    assert f"imported 2026-11-21 from {SOURCE}" in table and "probed 2026-11-22 from" in table
    assert str(folder / "synerise.yaml") in table


def test_status_tells_what_is_refused_now_and_why(typed: Typed, folder: Path) -> None:
    before = operation(status(typed), "synerise_move_analysis")
    assert before["refused"] and "writes" in before["why"]
    allowed = operation(status(typed, AUDIENCE_MCP_UNCONFIRMED="allow"), "synerise_move_analysis")
    assert not allowed["refused"]
    write("synerise", [MOVE], folder)
    after = operation(status(typed, AUDIENCE_MCP_UNCONFIRMED="refuse"), "synerise_move_analysis")
    assert not after["refused"] and after["why"] is None and SOURCE in after["source"]
    refused = typed("contract", "status").out.partition("\nrefused unless")[2]
    assert "synerise_move_analysis" not in refused and "synerise_log_in_profile_from_server" in refused
    assert "it carries a credential" in refused and "it deletes" in refused


def test_status_tells_which_action_of_an_overlay_is_not_applied_and_why(typed: Typed, folder: Path) -> None:
    path = write("synerise", [FUNNEL], folder)
    path.write_text(path.read_text() + f"- {json.dumps(HOSTILE)}\n")
    (overlay,) = status(typed)["overlays"]
    (refused,) = overlay["not_applied"]
    assert "$.servers[0]" in refused["subject"] and "servers" in refused["reason"]
    assert overlay["tools"] == ["synerise_calculate_funnel"]
    assert f"! not applied: {refused['subject']}" in typed("contract", "status").out


def test_undo_tells_what_is_as_it_was(typed: Typed, folder: Path) -> None:
    write("synerise", [MOVE], folder)
    write("synerise", [FUNNEL], folder)
    undone = typed("contract", "undo", "synerise")
    assert undone.code == 0
    (line,) = (line for line in undone.out.splitlines() if line.startswith("synerise_"))
    assert line.startswith(f"synerise_calculate_funnel: POST {TRUE_PATH} (imported) -> POST /analytics/")
    assert line.endswith("(inferred)")
    assert "1 tool is as before it" in undone.out
    assert operation(status(typed), "synerise_move_analysis")["contract"] == "imported"


@pytest.mark.parametrize("provider", ["synerise", "giosg"])
def test_with_nothing_to_undo_a_sentence_says_so(typed: Typed, folder: Path, provider: str) -> None:
    ran = typed("contract", "undo", provider)
    assert (ran.code, ran.out) == (1, "") and provider in ran.err and "Traceback" not in ran.err


def test_a_provider_that_is_none_is_wrong_use(typed: Typed) -> None:
    ran = typed("contract", "undo", "acme")
    assert ran.code == 2 and "known are synerise, posthog, faraday, giosg" in ran.err


@pytest.mark.parametrize("verb", ["status", "import", "probe", "undo", "report"])
def test_every_verb_has_help_with_examples(typed: Typed, verb: str) -> None:
    ran = typed("contract", verb, "--help")
    assert ran.code == 0 and f"audience-mcp contract {verb}" in ran.out.partition("examples:")[2]
    assert "--config" in ran.out and "--log" in ran.out


def personal() -> Correction:
    """What an import of a document from somebody's own gateway could bring."""
    step = {
        "type": "object",
        "description": "Steps as Ann of Acme defined them",
        "title": "Acme step",
        "required": ["action", "customer_5f0c9a1be2d34455"],
        "properties": {
            "action": {"type": "string", "enum": ["page.visit", "buy"], "example": "ann@acme.example"},
            "mode": {"type": "string", "enum": ["ordered", "any order"], "default": "ordered"},
            "shop": {"type": "string", "default": "shop.acme.example", "pattern": "^acme-[0-9]+$"},
            "account": {"type": "integer", "format": "int32", "const": 48112233, "maximum": 50},
            "customer_5f0c9a1be2d34455": {"type": "string"},
        },
        "examples": [{"action": "secret campaign"}],
        "additionalProperties": False,
    }
    body = {
        "type": "object",
        "properties": {"steps": {"type": "array", "items": {"$ref": "#/components/schemas/Step"}}},
    }
    answer = {"$ref": "#/components/schemas/Step"}
    node = {
        "summary": "Acme funnel",
        "parameters": [
            {
                "name": "funnelId", "in": "path", "required": True, "description": "of Acme",
                "schema": {"type": "string", "example": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body, "example": {"a": "Acme"}}}},
        "responses": {
            "200": {"description": "Acme's", "content": {"application/json": {"schema": answer}}},
            "403": {"description": "Ask ann@acme.example"},
        },
    }  # fmt: skip
    return Correction(
        "synerise_calculate_funnel", "imported", "https://gateway.acme.example/tenants/991/api.json", "2026-11-21",
        "/analytics/991122/funnels/{funnelId}", "post", node, {"Step": step},
    )  # fmt: skip


def test_a_report_holds_methods_paths_and_schemas_and_nothing_of_anybody(typed: Typed, folder: Path) -> None:
    write("synerise", [personal(), PROVED], folder)
    ran = typed("contract", "report")
    assert ran.code == 0 and "the project's issue tracker" in " ".join(ran.err.split())
    for private in (
        "acme",
        "ann",
        "991",
        "5f0c9a1b",
        "48112233",
        "secret",
        "6f9619ff",
        "2026",
        "page.visit",
        str(folder),
    ):
        assert private not in ran.out.lower(), private
    funnel, trend = yaml.safe_load(ran.out)["learned"]["synerise"]
    assert (funnel["method"], funnel["path"]) == ("POST", "/analytics/{id}/funnels/{funnelId}")
    assert funnel["source"] == "another address" and trend["source"] == "probe"
    step = funnel["schemas"]["Step"]
    assert step == {
        "type": "object",
        "required": ["action"],
        "properties": {
            "action": {"type": "string"},
            "mode": {"type": "string", "enum": ["ordered", "any order"], "default": "ordered"},
            "shop": {"type": "string"},
            "account": {"type": "integer", "format": "int32", "maximum": 50},
        },
        "additionalProperties": False,
    }
    assert funnel["body"]["properties"]["steps"]["items"] == {"$ref": "#/components/schemas/Step"}
    assert funnel["answers"] == {"200": {"$ref": "#/components/schemas/Step"}}


@pytest.mark.parametrize(
    ("source", "kind"),
    [(SOURCE, "provider's published address"), ("/home/ann/api.yaml", "local file")],
)
def test_a_report_says_only_what_kind_of_source_it_was(typed: Typed, folder: Path, source: str, kind: str) -> None:
    write("synerise", [Correction(FUNNEL.operation, "imported", source, "2026-11-21", TRUE_PATH, "post")], folder)
    (told,) = yaml.safe_load(typed("contract", "report").out)["learned"]["synerise"]
    assert told["source"] == kind


def test_a_report_is_written_to_a_new_file_and_over_none(typed: Typed, folder: Path, tmp_path: Path) -> None:
    write("synerise", [FUNNEL], folder)
    file = tmp_path / "learned.yaml"
    first = typed("contract", "report", "--output", str(file))
    assert first.code == 0 and "issue tracker" in first.out
    assert yaml.safe_load(file.read_text())["learned"]["synerise"][0]["path"] == TRUE_PATH
    file.write_text("mine")
    assert typed("contract", "report", "--output", str(file)).code == 1
    assert file.read_text() == "mine"


def test_a_report_below_the_home_of_somebody_unknown_is_told_and_not_a_traceback(typed: Typed, folder: Path) -> None:
    write("synerise", [FUNNEL], folder)
    ran = typed("contract", "report", "--output", "~nobody-has-this-name/learned.yaml")
    assert (ran.code, ran.out) == (1, "") and "~nobody-has-this-name" in ran.err and "Next: " in ran.err


GATEWAY = "/analytics/acme-outlet-warsaw/v4/funnels/{funnelId}/{annaKowalska}/result"
OWN_NAMES: dict[str, Any] = {
    "summary": "A funnel",
    "parameters": [
        {"name": "funnelId", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "annaKowalska", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "outletOfAnna", "in": "query", "schema": {"type": "string"}},
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
    ],
}


@pytest.mark.parametrize("source", ["/home/ann/api.yaml", "https://gateway.acme.example/api.json"])
def test_a_report_keeps_only_words_of_the_packaged_paths_where_a_document_may_be_somebodys_own(
    source: str,
) -> None:
    own = Correction(FUNNEL.operation, "imported", source, "2026-11-21", GATEWAY, "post", OWN_NAMES)
    (told,) = anonymised("synerise", [own])
    assert told["path"] == "/analytics/{literal}/v4/funnels/{funnelId}/{parameter}/{literal}"
    assert [part["name"] for part in told["parameters"]] == ["funnelId", "{parameter}", "{parameter}", "limit"]


def test_a_report_keeps_new_words_that_the_provider_itself_published() -> None:
    public = Correction(FUNNEL.operation, "imported", SOURCE, "2026-11-21", GATEWAY, "post", OWN_NAMES)
    (told,) = anonymised("synerise", [public])
    assert told["path"] == GATEWAY
    assert [part["name"] for part in told["parameters"]] == ["funnelId", "annaKowalska", "outletOfAnna", "limit"]


def test_a_report_keeps_the_path_that_a_probe_put_together_from_the_packaged_ones() -> None:
    path = "/analytics/analytics/v3/trends/{trendId}/calculations"
    probed = Correction(PROVED.operation, "probed", "https://api.synerise.com", "2026-11-22", path, "post")
    assert anonymised("synerise", [probed])[0]["path"] == path


def test_with_nothing_learned_there_is_no_report(typed: Typed, folder: Path) -> None:
    ran = typed("contract", "report")
    assert (ran.code, ran.out) == (1, "") and "nothing to report" in ran.err


async def test_doctor_names_what_is_corrected_and_what_is_not_applied(
    shell: Shell, shop: Sandbox, base: str, tmp_path: Path
) -> None:
    path = write("synerise", [FUNNEL], tmp_path / "audience-mcp" / "overlays")
    path.write_text(path.read_text() + f"- {json.dumps(HOSTILE)}\n")
    variables = {**shop.environment(base), "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    ran = await shell.run("doctor", "--json", "--providers", "synerise", **variables)
    report = json.loads(ran.out)
    assert report["providers"]["synerise"]["state"] == "ok" and ran.code == 1
    assert report["corrected"] == {"synerise": ["synerise_calculate_funnel"]}
    assert "servers" in report["problems"][0]


def test_the_compiled_files_do_not_depend_on_whose_overlays_are_there(typed: Typed, folder: Path) -> None:
    write("synerise", [FUNNEL], folder)
    listed = json.loads(typed("tools", "--json").out)["tools"]
    (tool,) = (tool for tool in listed if tool["name"] == FUNNEL.operation)
    assert tool["_meta"]["audience-mcp/operation"]["contract"] == "inferred"
    assert "stale" not in typed("tools", "--check").err


async def test_serving_names_the_corrected_tools_at_start_and_what_is_not_applied(shell: Shell, tmp_path: Path) -> None:
    config = tmp_path / "config"
    path = write("synerise", [FUNNEL], config / "audience-mcp" / "overlays")
    path.write_text(path.read_text() + f"- {json.dumps(HOSTILE)}\n")
    ran = await shell.run("serve", SYNERISE_API_KEY="k", XDG_CONFIG_HOME=str(config), XDG_STATE_HOME=str(tmp_path))
    assert ran.code == 0 and ran.out == ""
    assert "corrected by the overlay synerise.yaml: synerise_calculate_funnel" in ran.err
    assert "overlay synerise.yaml: action" in ran.err


LOADED = """
import sys
from audience_mcp.app import build_app, read_settings
from audience_mcp.settings import overlays_cache, overlays_folder
build_app(read_settings({}), overlays=overlays_folder(), overlays_cache=overlays_cache())
print(*(name for name in ("audience_mcp.contract", "yaml", "jsonpath") if name in sys.modules))
"""


async def test_without_overlays_nothing_more_is_loaded_and_with_known_ones_no_yaml(
    shell: Shell, tmp_path: Path
) -> None:
    variables = {"SYNERISE_API_KEY": "k", "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    ran = await shell.program(sys.executable, "-c", LOADED, **variables)
    assert (ran.code, ran.out.split()) == (0, [])
    write("synerise", [FUNNEL], tmp_path / "audience-mcp" / "overlays")
    first = await shell.program(sys.executable, "-c", LOADED, **variables)
    assert first.out.split() == ["audience_mcp.contract", "yaml", "jsonpath"]
    second = await shell.program(sys.executable, "-c", LOADED, **variables)
    assert second.out.split() == ["audience_mcp.contract"]


def test_undo_leaves_what_was_written_by_hand_since_and_says_what_to_do(typed: Typed, folder: Path) -> None:
    path = write("synerise", [MOVE], folder)
    path.write_text(path.read_text() + "# mine\n")
    ran = typed("contract", "undo", "synerise")
    assert (ran.code, ran.out) == (1, "") and f"{path} was changed by hand since" in ran.err and "delete" in ran.err
    assert path.read_text().endswith("# mine\n")


def test_status_names_a_file_that_is_called_after_no_provider(typed: Typed, folder: Path) -> None:
    write("synerise", [FUNNEL], folder)
    for name in ("synerize.yaml", "Posthog.yml", "notes.txt"):
        (folder / name).touch()
    assert status(typed)["not_read"] == [str(folder / "Posthog.yml"), str(folder / "synerize.yaml")]
    assert f"not read: {folder / 'synerize.yaml'}: an overlay is called after" in typed("contract", "status").out


def test_status_tells_a_folder_in_the_files_place(typed: Typed, folder: Path) -> None:
    (folder / "synerise.yaml").mkdir(parents=True)
    (overlay,) = status(typed)["overlays"]
    assert "cannot be read" in overlay["not_applied"][0]["reason"]


def test_what_a_sandbox_taught_is_told_apart_and_is_in_no_report(typed: Typed, folder: Path) -> None:
    write("synerise", [replace(FUNNEL, status="probed", sandbox=True)], folder)
    (overlay,) = status(typed)["overlays"]
    assert overlay["tools"] == [] and "a sandbox taught it" in overlay["not_applied"][0]["reason"]
    assert typed("contract", "report").code == 1
    here = {"SYNERISE_API_KEY": "k", "SYNERISE_BASE_URL": "http://127.0.0.1:8080/synerise"}
    (overlay,) = status(typed, **here)["overlays"]
    assert overlay["tools"] == [FUNNEL.operation] and overlay["not_applied"] == []
    assert typed("contract", "report", **here).code == 1


def test_a_report_holds_everything_that_it_refers_to() -> None:
    body = {"$ref": "#/components/schemas/OverrideRequest"}
    node = {
        "parameters": [{"$ref": "#/components/parameters/Namespace"}],
        "requestBody": {"content": {"application/json": {"schema": body}}},
    }
    (told,) = anonymised("synerise", [replace(FUNNEL, node=node)])
    assert told["parameters"][0]["name"] == "namespace"
    referred = set(re.findall(r"#/components/schemas/([^'\"]+)", json.dumps(told)))
    assert {"OverrideRequest", "AbsoluteDateFilter"} <= referred <= told["schemas"].keys()


async def test_a_call_names_the_tools_of_it_that_are_corrected_on_stderr(shell: Shell, tmp_path: Path) -> None:
    config = tmp_path / "config"
    write("synerise", [FUNNEL, MOVE], config / "audience-mcp" / "overlays")
    ran = await shell.run(
        "call", FUNNEL.operation, SYNERISE_API_KEY="k", XDG_CONFIG_HOME=str(config), XDG_STATE_HOME=str(tmp_path)
    )
    assert ran.err.strip() == f"corrected by the overlay synerise.yaml: {FUNNEL.operation}"
