"""Corrections as an overlay file: what is written, what becomes of the catalog, and the way back."""

from __future__ import annotations

import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from audience_mcp.contract import overlays
from audience_mcp.contract.applying import Applied, apply_overlay, fitting
from audience_mcp.contract.correction import Correction, Refused
from audience_mcp.contract.standing import Standing
from audience_mcp.openapi.operation import Operation
from audience_mcp.openapi.overlay import OverlayProblem
from audience_mcp.tools.catalog import Catalog, Offer, Overlaid

TRUE_PATH = "/analytics/{namespace}/v4/funnels/{funnelId}/result"
MOVED = Correction(
    "synerise_calculate_funnel", "imported", "https://ann:pw@developers.synerise.com/api.json?key=k",
    "2026-11-21", TRUE_PATH, "post",
)  # fmt: skip
PROVED = Correction(
    "synerise_calculate_trend", "probed", "https://api.synerise.com",
    "2026-11-22", "/analytics/analytics/v3/trends/{trendId}/calculate", "post",
)  # fmt: skip
PACKAGED = Catalog(Offer(("synerise", "posthog", "faraday", "giosg")))


def operation(applied: Applied, name: str) -> Operation:
    """An operation as it is called once the overlay is applied."""
    return Catalog(Offer(("synerise",)), overlaid={"synerise": applied.overlaid}).operation("synerise", name).operation


def applied(folder: Path) -> Applied:
    overlay = overlays.read("synerise", folder)
    assert overlay is not None
    return apply_overlay("synerise", overlay.actions)


def test_what_is_written_is_an_openapi_overlay_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = overlays.write("synerise", [MOVED, PROVED], tmp_path / "overlays")
    written = yaml.safe_load(path.read_text())
    assert path == tmp_path / "overlays" / "synerise.yaml"
    assert written["overlay"] == "1.0.0" and written["info"].keys() >= {"title", "version"}
    assert written["extends"] == "urn:audience-mcp:document:synerise"
    for action in written["actions"]:
        assert action["target"].startswith("$.") and ("update" in action) != ("remove" in action)
    assert {action["description"] for action in written["actions"]} == {
        "Imported on 2026-11-21 from https://developers.synerise.com/api.json.",
        "Probed on 2026-11-22 from https://api.synerise.com.",
    }
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_moved_operation_is_called_at_its_new_path_and_says_from_where_that_is_known(tmp_path: Path) -> None:
    overlays.write("synerise", [MOVED], tmp_path)
    came = applied(tmp_path)
    moved = operation(came, "calculate_funnel")
    assert (moved.method, moved.path) == ("POST", TRUE_PATH)
    assert moved.tool.contract == "imported" and "developers.synerise.com" in moved.tool.source
    assert {(c.name, c.value) for c in moved.constants} == {("namespace", "profiles")}  # a fixed segment comes along
    assert "Path unconfirmed" not in moved.description
    assert list(came.overlaid.operations) == ["calculate_funnel"] and came.refused == ()
    assert came.overlaid.listed["synerise_calculate_funnel"]["_meta"]["audience-mcp/operation"]["path"] == TRUE_PATH


def test_a_proven_path_changes_how_sure_it_is_and_nothing_else(tmp_path: Path) -> None:
    before = PACKAGED.operation("synerise", "calculate_trend").operation
    overlays.write("synerise", [replace(PROVED, path=before.path)], tmp_path)
    after = operation(applied(tmp_path), "calculate_trend")
    assert (before.tool.contract, after.tool.contract) == ("inferred", "probed")
    same = {"description": after.description, "tool": after.tool}
    assert before.model_copy(update=same) == after


def test_a_corrected_operation_brings_arguments_and_schemas_of_its_own(tmp_path: Path) -> None:
    """Its components may be called like ours: ours stay as they are for everybody else."""
    body = {"$ref": "#/components/schemas/OverrideRequest"}
    node = {
        "parameters": [{"name": "funnelId", "in": "path", "required": True, "schema": {"type": "string"}}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": {"description": "x"}},
    }
    schemas = {
        "OverrideRequest": {
            "type": "object",
            "required": ["steps"],
            "properties": {"steps": {"type": "array", "items": {"$ref": "#/components/schemas/Step"}}},
        },
        "Step": {"type": "object", "properties": {"action": {"type": "string", "enum": ["view", "buy"]}}},
    }
    given_as = replace(MOVED, path="/analytics/v5/{funnelId}", node=node, schemas=schemas)
    overlays.write("synerise", [given_as], tmp_path)
    came = applied(tmp_path)
    assert list(came.overlaid.operations) == ["calculate_funnel"] and came.refused == ()
    tool = Catalog(Offer(("synerise",)), overlaid={"synerise": came.overlaid}).call_target("synerise_calculate_funnel")
    assert list(tool.schema["properties"]) == ["funnelId", "steps", "workspace"]
    assert tool.checker.check({"funnelId": "f", "steps": [{"action": "buy"}]})
    with pytest.raises(Exception, match="steps"):
        tool.checker.check({"funnelId": "f", "steps": [{"action": "sell"}]})


def test_corrections_are_read_back_as_they_were_given(tmp_path: Path) -> None:
    overlays.write("synerise", [MOVED, PROVED], tmp_path)
    overlay = overlays.read("synerise", tmp_path)
    assert overlay is not None
    moved, proved = overlays.corrections(overlay)
    assert replace(moved, node=None) == replace(MOVED, source="https://developers.synerise.com/api.json")
    assert moved.node is not None and moved.node["operationId"] == "calculate_funnel"
    assert replace(proved, node=None) == PROVED


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("/home/ann/Downloads/synerise.json", "synerise.json"),
        (r"C:\Users\Ann\api.yaml", "api.yaml"),
        ("file:///home/ann/api.yaml", "api.yaml"),
        ("https://ann:secret@example.org/api.json?token=t#x", "https://example.org/api.json"),
        ("line\nbreak.json", "linebreak.json"),
    ],
)
def test_a_source_is_kept_without_what_is_personal(tmp_path: Path, source: str, kept: str) -> None:
    path = overlays.write("synerise", [replace(MOVED, source=source)], tmp_path)
    (found,) = overlays.corrections(overlays.read("synerise", tmp_path) or pytest.fail())
    assert found.source == kept
    for personal in ("ann", "Ann", "secret", "token"):
        assert personal not in path.read_text()


def test_the_newest_correction_of_an_operation_counts_and_the_others_stay(tmp_path: Path) -> None:
    overlays.write("synerise", [MOVED, PROVED], tmp_path)
    overlays.write("synerise", [replace(MOVED, status="probed", path="/v9/{funnelId}")], tmp_path)
    came = applied(tmp_path)
    assert operation(came, "calculate_funnel").path == "/v9/{funnelId}"
    assert operation(came, "calculate_funnel").tool.contract == "probed"
    assert operation(came, "calculate_trend").tool.contract == "probed"


def test_what_a_person_wrote_by_hand_stays_and_is_applied_too(tmp_path: Path) -> None:
    own = {"target": "$.paths[*][?@.operationId=='list_funnels']", "update": {"summary": "Our funnels"}}
    text = yaml.safe_dump({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [own]})
    (tmp_path / "synerise.yaml").write_text(text)
    overlays.write("synerise", [MOVED], tmp_path)
    came = applied(tmp_path)
    assert operation(came, "list_funnels").title == "Our funnels"
    assert operation(came, "calculate_funnel").path == TRUE_PATH


def test_a_file_that_is_no_overlay_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "synerise.yaml").write_text("not: an overlay")
    with pytest.raises(OverlayProblem):
        overlays.write("synerise", [MOVED], tmp_path)
    assert (tmp_path / "synerise.yaml").read_text() == "not: an overlay"


def test_undo_goes_back_one_step_and_once(tmp_path: Path) -> None:
    assert overlays.undo("synerise", tmp_path) is False
    path = overlays.write("synerise", [MOVED], tmp_path)
    first = path.read_bytes()
    overlays.write("synerise", [PROVED], tmp_path)
    assert overlays.undo("synerise", tmp_path) and path.read_bytes() == first
    assert overlays.undo("synerise", tmp_path) is False and path.read_bytes() == first


def test_undoing_the_first_change_leaves_no_overlay(tmp_path: Path) -> None:
    overlays.write("synerise", [MOVED], tmp_path)
    assert overlays.undo("synerise", tmp_path)
    assert overlays.read("synerise", tmp_path) is None and not list(tmp_path.iterdir())


def test_of_corrections_those_are_told_that_the_server_would_not_take(tmp_path: Path) -> None:
    away = replace(PROVED, path="//evil.example/{trendId}")
    unknown = replace(MOVED, operation="synerise_no_such")
    fits, refused = fitting("synerise", [MOVED, away, unknown], tmp_path)
    assert fits == [MOVED]
    assert {one.subject: one.reason for one in refused}.keys() == {away.operation, unknown.operation}
    assert not list(tmp_path.iterdir())


def test_an_operation_of_another_host_stays_there_when_it_moves(tmp_path: Path) -> None:
    before = next(o for o in PACKAGED.operations("giosg") if o.base != "api" and not o.arguments)
    overlays.write("giosg", [Correction(before.name, "probed", "x", "2026-11-21", "/api/v9/me", "get")], tmp_path)
    overlay = overlays.read("giosg", tmp_path)
    assert overlay is not None
    came = apply_overlay("giosg", overlay.actions)
    after = Operation.model_validate(came.overlaid.operations[before.id]["operation"])
    assert (after.path, after.base, came.refused) == ("/api/v9/me", before.base, ())


def by_hand(*actions: object) -> str:
    return yaml.safe_dump({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": list(actions)})


def summary(tool: str, text: str) -> dict[str, object]:
    return {"target": f"$.paths[*][?@.operationId=='{tool}']", "update": {"summary": text}}


def test_what_a_person_wrote_about_an_operation_has_the_last_word_over_its_import(tmp_path: Path) -> None:
    (tmp_path / "synerise.yaml").write_text(by_hand(summary("calculate_funnel", "Our own words")))
    overlays.write("synerise", [MOVED], tmp_path)
    overlays.write("synerise", [replace(MOVED, path="/v9/{funnelId}")], tmp_path)
    moved = operation(applied(tmp_path), "calculate_funnel")
    assert (moved.title, moved.path) == ("Our own words", "/v9/{funnelId}")
    assert overlays.by_hand("synerise", tmp_path) == ["synerise_calculate_funnel"]


def test_undo_does_not_take_what_was_written_by_hand_since(tmp_path: Path) -> None:
    path = overlays.write("synerise", [MOVED], tmp_path)
    written = path.read_text()
    path.write_text(written + "# mine\n")
    with pytest.raises(OverlayProblem, match=r"changed by hand since.*delete the file"):
        overlays.undo("synerise", tmp_path)
    assert path.read_text() == written + "# mine\n"
    path.write_text(written)
    assert overlays.undo("synerise", tmp_path) and not path.exists()


def test_an_overlay_that_was_deleted_by_hand_comes_back_as_it_was_before(tmp_path: Path) -> None:
    first = overlays.write("synerise", [MOVED], tmp_path).read_bytes()
    overlays.write("synerise", [PROVED], tmp_path).unlink()
    assert overlays.undo("synerise", tmp_path) and (tmp_path / "synerise.yaml").read_bytes() == first


@pytest.mark.parametrize("text", ["not: an overlay", "actions: [", "\x00", "overlay: 1.0.0\nactions: 5"])
def test_a_file_that_is_no_overlay_is_named_with_what_to_do(tmp_path: Path, text: str) -> None:
    path = tmp_path / "synerise.yaml"
    path.write_text(text)
    with pytest.raises(OverlayProblem) as refused:
        overlays.read("synerise", tmp_path)
    assert str(path) in str(refused.value) and "repair or delete it" in str(refused.value)


def test_a_folder_in_the_files_place_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "synerise.yaml").mkdir()
    with pytest.raises(OverlayProblem, match=r"synerise\.yaml cannot be read .*repair or delete it"):
        overlays.write("synerise", [MOVED], tmp_path)


def test_an_empty_file_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "synerise.yaml").touch()
    overlays.write("synerise", [MOVED], tmp_path)
    assert operation(applied(tmp_path), "calculate_funnel").path == TRUE_PATH


def test_one_item_that_is_no_action_is_refused_alone_and_kept(tmp_path: Path) -> None:
    (tmp_path / "synerise.yaml").write_text(by_hand(5, summary("list_funnels", "Our funnels")))
    overlays.write("synerise", [MOVED], tmp_path)
    came = applied(tmp_path)
    assert operation(came, "list_funnels").title == "Our funnels"
    assert operation(came, "calculate_funnel").path == TRUE_PATH
    (refused,) = came.refused
    assert "(5)" in refused.subject and "is no action" in refused.reason


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (0, "a is not applied: why; see `audience-mcp contract status`"),
        (1, "; 1 more is not applied either: `audience-mcp contract status` lists them"),
        (3, "; 3 more are not applied either: `audience-mcp contract status` lists them"),
    ],
)
def test_a_problem_names_the_first_refusal_and_counts_the_others(others: int, said: str) -> None:
    refused = tuple(Refused(subject, "why.") for subject in "abcd"[: others + 1])
    problem = Standing("synerise", Path("synerise.yaml"), Overlaid({}, {}), refused).problem
    assert problem is not None and problem.endswith(said)


def test_what_a_sandbox_taught_is_no_obstacle_to_what_the_provider_says(tmp_path: Path) -> None:
    overlays.write("synerise", [replace(MOVED, status="probed", path="/v9/{funnelId}", sandbox=True)], tmp_path)
    there = replace(PROVED, path="/v9/{trendId}")
    assert fitting("synerise", [there], tmp_path) == ([there], [])
    (refused,) = fitting("synerise", [replace(there, sandbox=True)], tmp_path)[1]
    assert "is the address of calculate_funnel" in refused.reason
