"""A program with overlays: a corrected path is called, checked, listed and told; what may not be is left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audience_mcp.contract.correction import Correction
from audience_mcp.contract.overlays import write
from audience_mcp.sandbox import Sandbox
from audience_mcp.tools.catalog import META_KEY

from .conftest import Opens
from .desk import HOSTS, SECRETS, WORKSPACES, Desk, good
from .sample import UUID, least

pytestmark = pytest.mark.anyio
SYNERISE = HOSTS["synerise"]
SOURCE = "https://developers.synerise.com/api.json"
TRUE_PATH = "/analytics/{namespace}/v4/funnels/{funnelId}/result"
FUNNEL = Correction("synerise_calculate_funnel", "imported", SOURCE, "2026-11-21", TRUE_PATH, "post")
MOVE = Correction("synerise_move_analysis", "imported", SOURCE, "2026-11-21", "/v4/analyses/{analyticId}/folder", "put")
HOSTILE = {"target": "$.servers[0]", "update": {"url": "https://evil.example"}}

Starts = Callable[..., Desk]


@pytest.fixture
def starts(opens: Opens, tmp_path: Path) -> Starts:
    """Starts a program with the overlays and the cache of this test."""

    def start(sandbox: Sandbox | None = None, **flags: Any) -> Desk:
        wiring = {"overlays": tmp_path / "overlays", "overlays_cache": tmp_path / "cache", "sandbox": sandbox}
        settings = SECRETS | WORKSPACES | {"AUDIENCE_MCP_CONFIRM": "never"}
        return opens(settings, wiring=wiring, sandbox=sandbox is not None, **flags)

    return start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write("synerise", [FUNNEL, MOVE], tmp_path / "overlays")
    return tmp_path / "overlays"


def listed(desk: Desk, tool: str) -> dict[str, Any]:
    return next(one for one in desk.app.catalog.listing() if one["name"] == tool)


async def test_the_corrected_path_is_what_is_called(folder: Path, starts: Starts) -> None:
    desk = starts()
    desk.edge.post(f"{SYNERISE}/analytics/profiles/v4/funnels/{UUID}/result").respond(json={"calculationResult": []})
    told = good(await desk.run("synerise_calculate_funnel", **least("synerise_calculate_funnel", funnelId=UUID)))
    assert "path unconfirmed" not in told.text
    assert desk.sent()[-1].url.path == f"/analytics/profiles/v4/funnels/{UUID}/result"


async def test_the_tool_is_listed_with_what_is_known_now_and_the_others_as_before(folder: Path, starts: Starts) -> None:
    desk, plain = starts(), starts(providers="posthog")
    tool = listed(desk, "synerise_calculate_funnel")
    assert tool["_meta"][META_KEY]["path"] == TRUE_PATH and tool["_meta"][META_KEY]["contract"] == "imported"
    assert "Path unconfirmed" not in tool["description"] and tool["inputSchema"]["required"][0] == "funnelId"
    assert listed(desk, "synerise_calculate_trend")["_meta"][META_KEY]["contract"] == "inferred"
    assert listed(desk, "posthog_list_cohorts") == listed(plain, "posthog_list_cohorts")
    assert [one.tools for one in desk.app.overlays] == [("synerise_calculate_funnel", "synerise_move_analysis")]
    assert plain.app.overlays == () and desk.app.settings.problems == ()


async def test_a_write_whose_path_was_imported_is_not_refused_any_more(folder: Path, starts: Starts) -> None:
    desk = starts()
    sent = desk.edge.put(f"{SYNERISE}/v4/analyses/{UUID}/folder").respond(json={})
    good(await desk.run("synerise_move_analysis", **least("synerise_move_analysis", analyticId=UUID)))
    assert sent.call_count == 1


async def test_a_404_of_a_known_path_means_that_the_object_is_not_there(folder: Path, starts: Starts) -> None:
    desk = starts()
    desk.edge.get(f"{SYNERISE}/analytics/profiles/trends/{UUID}").respond(json={"id": UUID})
    desk.edge.route(host="api.synerise.com").respond(404, json={"error": "Not Found"})
    found = await desk.refused("synerise_calculate_funnel", **least("synerise_calculate_funnel", funnelId=UUID))
    assert found["kind"] == "not_found"
    found = await desk.refused("synerise_calculate_trend", **least("synerise_calculate_trend", trendId=UUID))
    assert found["kind"] == "contract_unconfirmed"
    assert "contract import synerise" in found["remedy"] and "contract probe synerise" in found["remedy"]


async def test_imported_arguments_are_checked_and_described(tmp_path: Path, starts: Starts) -> None:
    steps = {"type": "array", "items": {"$ref": "#/components/schemas/Step"}, "x-shallow": "Steps in order"}
    step = {"type": "object", "required": ["action"], "properties": {"action": {"type": "string"}}}
    body = {"type": "object", "required": ["steps"], "properties": {"steps": steps}}
    node = {
        "parameters": [{"name": "funnelId", "in": "path", "required": True, "schema": {"type": "string"}}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": {"description": "x"}},
    }
    correction = replace(FUNNEL, path="/v4/{funnelId}", node=node, schemas={"Step": step})
    write("synerise", [correction], tmp_path / "overlays")
    desk = starts()
    desk.edge.post(f"{SYNERISE}/v4/f").respond(json={})
    refused = await desk.refused("synerise_calculate_funnel", funnelId="f", steps=[{}])
    assert refused["kind"] == "invalid_arguments" and "action" in refused["message"]
    grammar = await desk.run("describe_argument", tool="synerise_calculate_funnel", argument="steps")
    assert '"action"' in good(grammar).text
    good(await desk.run("synerise_calculate_funnel", funnelId="f", steps=[{"action": "buy"}]))
    assert json.loads(desk.sent()[-1].content) == {"steps": [{"action": "buy"}]}


async def test_what_an_overlay_may_not_do_is_told_and_the_rest_of_it_counts(folder: Path, starts: Starts) -> None:
    path = folder / "synerise.yaml"
    overlay = json.dumps(HOSTILE)
    path.write_text(path.read_text() + f"- {overlay}\n")
    desk = starts()
    assert listed(desk, "synerise_calculate_funnel")["_meta"][META_KEY]["path"] == TRUE_PATH
    assert {server.url for server in desk.app.catalog.servers("synerise")} >= {SYNERISE}
    assert not any("evil" in server.url for server in desk.app.catalog.servers("synerise"))
    (problem,) = desk.app.settings.problems
    assert "servers" in problem and "contract status" in problem
    assert problem in desk.app.instructions
    assert problem in good(await desk.run("get_session")).text


@pytest.mark.parametrize("text", ["", "overlay: 1.0.0", "actions: [", "&a [*a]", "\x00\x01"])
async def test_a_broken_overlay_changes_nothing_and_is_told(text: str, tmp_path: Path, starts: Starts) -> None:
    (tmp_path / "overlays").mkdir()
    (tmp_path / "overlays" / "synerise.yaml").write_text(text)
    desk = starts()
    assert listed(desk, "synerise_calculate_funnel")["_meta"][META_KEY]["contract"] == "inferred"
    (problem,) = desk.app.settings.problems
    assert problem.startswith("overlay synerise.yaml: the file is not applied: ")


async def test_the_overlay_of_a_provider_that_is_not_offered_is_not_opened(tmp_path: Path, starts: Starts) -> None:
    (tmp_path / "overlays").mkdir()
    (tmp_path / "overlays" / "synerise.yaml").write_text("broken: [")
    assert starts(providers="posthog").app.settings.problems == ()


async def test_the_sandbox_answers_as_the_packaged_documents_say_so_overlays_do_not_count(
    folder: Path, starts: Starts
) -> None:
    desk = starts(Sandbox(profiles=20, events=100))
    assert desk.app.overlays == ()
    assert listed(desk, "synerise_calculate_funnel")["_meta"][META_KEY]["contract"] == "inferred"


def kept(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "cache").iterdir()
    return file


async def test_what_came_of_an_overlay_is_found_at_the_next_start(folder: Path, tmp_path: Path, starts: Starts) -> None:
    """What is kept is used as it is, so that nothing is parsed again: a sealed change of it shows."""
    starts()
    seal, content = kept(tmp_path).read_bytes().split(b"\n", 1)
    assert hashlib.sha256(content).hexdigest().encode() == seal
    content = content.replace(b"Recalculate funnel with parameter override", b"Found where it was kept")
    kept(tmp_path).write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    assert listed(starts(), "synerise_calculate_funnel")["title"] == "Found where it was kept"


@pytest.mark.parametrize("damage", [lambda b: b[:-40], lambda b: b.replace(b"v4", b"v5"), lambda b: b""])
async def test_what_is_kept_and_damaged_is_worked_out_again(
    folder: Path, tmp_path: Path, starts: Starts, damage: Callable[[bytes], bytes]
) -> None:
    starts()
    whole = kept(tmp_path).read_bytes()
    kept(tmp_path).write_bytes(damage(whole))
    assert listed(starts(), "synerise_calculate_funnel")["_meta"][META_KEY]["path"] == TRUE_PATH
    assert kept(tmp_path).read_bytes() == whole


async def test_another_overlay_is_worked_out_anew_and_takes_the_place_of_the_old_one(
    folder: Path, tmp_path: Path, starts: Starts
) -> None:
    starts()
    before = kept(tmp_path)
    write("synerise", [replace(FUNNEL, path="/v5/{funnelId}")], folder)
    assert listed(starts(), "synerise_calculate_funnel")["_meta"][META_KEY]["path"] == "/v5/{funnelId}"
    assert kept(tmp_path) != before


async def test_a_folder_that_cannot_keep_anything_does_not_keep_the_program_from_starting(
    folder: Path, tmp_path: Path, starts: Starts
) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    assert listed(starts(), "synerise_calculate_funnel")["_meta"][META_KEY]["path"] == TRUE_PATH


LEARNED = replace(FUNNEL, status="probed", source="a harmless request (HTTP 400 of the SANDBOX)", sandbox=True)


async def test_what_a_sandbox_taught_does_not_count_at_the_provider_and_says_so(tmp_path: Path, starts: Starts) -> None:
    write("synerise", [LEARNED, MOVE], tmp_path / "overlays")
    desk = starts()
    assert listed(desk, "synerise_calculate_funnel")["_meta"][META_KEY]["contract"] == "inferred"
    assert listed(desk, "synerise_move_analysis")["_meta"][META_KEY]["contract"] == "imported"
    (problem,) = desk.app.settings.problems
    assert "synerise_calculate_funnel is not applied: a sandbox taught it" in problem
    assert "`audience-mcp contract undo synerise`" in problem


async def test_what_a_sandbox_taught_counts_where_every_base_url_leads_to_this_machine(
    tmp_path: Path, opens: Opens
) -> None:
    write("synerise", [LEARNED], tmp_path / "overlays")
    wiring = {"overlays": tmp_path / "overlays", "overlays_cache": tmp_path / "cache"}
    local = {"SYNERISE_API_KEY": "k", "SYNERISE_BASE_URL": "http://localhost:8080/synerise"}
    outlet = {"SYNERISE_API_KEY__OUTLET": "k"}
    contracts = [
        listed(opens(settings, wiring=wiring), "synerise_calculate_funnel")["_meta"][META_KEY]["contract"]
        for settings in (local, local | outlet, local)
    ]
    assert contracts == ["probed", "inferred", "probed"]
