"""Hidden true paths: an operation whose documented path is a guess answers where it really is, and there alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from audience_mcp.openapi.document import Entry
from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.contract import contract_of
from audience_mcp.sandbox.moves import UNCONFIRMED, Place, read_moves, read_paths
from audience_mcp.sandbox.synerise import routes

from .conftest import small
from .synerise_desk import by_key

pytestmark = pytest.mark.anyio
GUESSES = {
    f"synerise_{entry.node['operationId']}": entry
    for entry in contract_of("synerise").document.entries()
    if entry.node["x-tool"]["contract"] in UNCONFIRMED
}
DOCUMENTS = {"synerise": contract_of("synerise").document}
FUNNEL = {"title": "Checkout", "steps": [{"name": "product.addToCart"}, {"name": "transaction.charge"}]}


def elsewhere(name: str, entry: Entry) -> str:
    return f"{entry.method.upper()} /true{entry.path}/{name}"


def shapes(sandbox: Sandbox) -> set[tuple[str, str]]:
    return {(method, one.path) for one in routes(sandbox.state) for method in one.methods or () if method != "HEAD"}


async def test_a_moved_operation_answers_at_its_true_path_and_its_guess_is_unknown() -> None:
    true = "/analytics/profiles/funnels/{funnelId}/recalculation"
    sandbox = small(paths={"synerise_calculate_funnel": f"POST {true}"})
    async with by_key(sandbox) as desk:
        saved = await desk.id_of("funnel", (await desk.get("/analytics/profiles/funnels"))["data"][0]["name"])
        found = await desk.post(f"/analytics/profiles/funnels/{saved}/recalculation", {"variables": []})
        assert found["calculationResult"]
        guess = f"/analytics/analytics/v3/funnels/{saved}/calculate"
        assert (await desk.refused("POST", guess, {"variables": []}))["status"] == 404


async def test_a_constant_may_be_written_out_and_the_documented_check_still_holds() -> None:
    sandbox = small(paths={"synerise_list_trends": "GET /analytics/analytics/v3/trends/all"})
    async with by_key(sandbox) as desk:
        assert (await desk.get("/analytics/analytics/v3/trends/all", limit=2))["meta"]["limit"] == 2
        assert (await desk.refused("GET", "/analytics/analytics/v3/trends/all?limit=many"))["status"] == 400
        # Saved trends are still created at the documented address, so that it exists and takes another method.
        assert (await desk.refused("GET", "/analytics/profiles/trends"))["status"] == 405


async def test_a_true_path_is_found_before_a_parameter_that_would_take_its_last_word() -> None:
    sandbox = small(paths={"synerise_list_trends": "GET /analytics/{namespace}/funnels/trends"})
    async with by_key(sandbox) as desk:
        # The checked client would take the answer for a funnel named "trends", as a wrong order of routes would.
        transport = httpx.ASGITransport(sandbox.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=desk.http.headers) as http:
            assert "data" in (await http.get("/synerise/analytics/profiles/funnels/trends")).json()


async def test_another_method_at_the_same_path_is_a_move_too() -> None:
    sandbox = small(paths={"synerise_update_funnel": "PATCH /analytics/{namespace}/funnels/{funnelId}"})
    async with by_key(sandbox) as desk:
        saved = (await desk.get("/analytics/profiles/funnels"))["data"][0]["id"]
        path = f"/analytics/profiles/funnels/{saved}"
        assert (await desk.refused("PUT", path, {"analysis": FUNNEL}))["status"] == 405
        assert (await desk.http.patch(path, json={"analysis": FUNNEL})).status_code == 200
        assert (await desk.get(path))["name"] == "Checkout"


def test_every_unconfirmed_operation_can_be_moved_and_nothing_else_changes() -> None:
    before = shapes(small())
    after = shapes(small(paths={name: elsewhere(name, entry) for name, entry in GUESSES.items()}))
    guesses = {(entry.method.upper(), entry.path) for entry in GUESSES.values()}
    true = {(entry.method.upper(), f"/true{entry.path}/{name}") for name, entry in GUESSES.items()}
    assert len(guesses) > 40 and after == (before - guesses) | true


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ({"synerise_calculate_funel": "POST /x"}, "'synerise_calculate_funel' is no operation"),
        ({"synerise_get_funnel": "GET /x/{funnelId}"}, "is documented (GET /analytics/{namespace}/funnels/{funnelId})"),
        ({"synerise_preview_funnel": "/x"}, "must be METHOD /path"),
        ({"synerise_preview_funnel": "SEND /x"}, "must be METHOD /path"),
        ({"synerise_preview_funnel": "POST x"}, "must be METHOD /path"),
        ({"synerise_preview_funnel": "POST /x?y=1"}, "must be METHOD /path"),
        ({"synerise_preview_funnel": "POST /x/../y"}, "must be METHOD /path"),
        ({"synerise_preview_funnel": "POST /x/."}, "must be METHOD /path"),
        ({"synerise_preview_funnel": "DELETE /x"}, "synerise_preview_funnel reads, and cannot be a DELETE"),
        ({"synerise_preview_funnel": "POST /x/{id}"}, "has no parameter id; it has none"),
        ({"synerise_calculate_funnel": "POST /x/{id}"}, "has no parameter id; it has funnelId"),
        ({"synerise_calculate_funnel": "POST /x"}, "needs its parameter funnelId in /x"),
        ({"synerise_calculate_funnel": "POST /{funnelId}/{funnelId}"}, "stands twice"),
        (
            {"synerise_preview_funnel": "POST /analytics/profiles/funnels"},
            "it would answer what is sent to synerise_create_funnel",
        ),
        (
            {"synerise_list_trends": "GET /analytics/{namespace}/funnels"},
            "it would answer what is sent to synerise_list_funnels",
        ),
        (
            {"synerise_calculate_funnel": "POST /a/{funnelId}", "synerise_preview_funnel": "POST /a/b"},
            "it would answer what is sent to synerise_preview_funnel",
        ),
    ],
)
def test_paths_that_cannot_be_served_are_refused_with_the_reason(paths: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match="synerise") as refused:
        read_moves(paths, DOCUMENTS)
    assert said in str(refused.value)


def test_two_operations_may_change_places() -> None:
    one, other = GUESSES["synerise_preview_funnel"].path, GUESSES["synerise_preview_trend"].path
    moves = read_moves({"synerise_preview_funnel": f"POST {other}", "synerise_preview_trend": f"POST {one}"}, DOCUMENTS)
    assert moves["synerise", "POST", one] == Place("POST", other)


@pytest.mark.parametrize("write", [json.dumps, lambda paths: "\n".join(f"{k}: {v}" for k, v in paths.items())])
def test_the_file_may_be_json_or_yaml(tmp_path: Path, write: Callable[[Any], str]) -> None:
    paths = {"synerise_calculate_funnel": "POST /f/{funnelId}"}
    file = tmp_path / "true.yaml"
    file.write_text(write(paths))
    assert read_paths(file) == paths


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"- a", "must map tool names"),
        (b"a: [b]", "must map tool names"),
        (b"a: 1", "must map tool names"),
        (b"a: b\nc: {", "is neither YAML nor JSON (line 2)"),
        (b"\xff\xfe\x00", "is neither YAML nor JSON"),
        (b"", "is empty; a line of it is TOOL"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_of_another_form_is_refused_in_one_line(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "true.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=r"true\.yaml") as refused:
        read_paths(file)
    assert said in str(refused.value) and "\n" not in str(refused.value)
