"""The path that a document teaches is the one the server calls, and the sandbox that hid it answers there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from audience_mcp.app import build_app, read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.contract.overlays import undo, write
from audience_mcp.sandbox import Sandbox
from audience_mcp.server.dispatch import Told

from .made import FUNNEL, FUNNEL_PATHS, FUNNEL_TITLE, OVERRIDES, Node, examined, openapi

pytestmark = pytest.mark.anyio
BASE = "https://shop.example"
HIDDEN = FUNNEL.replace("{id}", "{funnelId}")
CALCULATE = "synerise_calculate_funnel"
SWAGGER: Node = {
    "swagger": "2.0",
    "host": "api.synerise.com",
    "basePath": "/analytics",
    "paths": {
        FUNNEL.removeprefix("/analytics"): {
            "post": {
                "summary": FUNNEL_TITLE,
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "type": "string"},
                    {"name": "body", "in": "body", "schema": OVERRIDES},
                ],
                "responses": {},
            }
        }
    },
}
POSTMAN: Node = {
    "info": {"name": "Analytics", "_postman_id": "1"},
    "item": [
        {
            "name": FUNNEL_TITLE,
            "request": {
                "method": "POST",
                "url": {"raw": "{{base}}" + FUNNEL.replace("{id}", ":id")},
                "body": {"mode": "raw", "raw": '{"variables": [{"key": "brand", "value": "Acme"}]}'},
            },
        }
    ],
}


@pytest.fixture(scope="module")
def shop() -> Sandbox:
    """A sandbox that calculates funnels only where the provider's own document says."""
    return Sandbox(profiles=100, events=1500, paths={CALCULATE: f"POST {HIDDEN}"})


@pytest.fixture
def network(shop: Sandbox) -> Iterator[None]:
    transport = httpx.ASGITransport(shop.app)

    async def answer(request: httpx.Request) -> httpx.Response:
        reply = await transport.handle_async_request(request)
        return httpx.Response(reply.status_code, headers=reply.headers, content=await reply.aread())

    with respx.mock:
        respx.route(host="shop.example").mock(side_effect=answer)
        yield


async def calculated(shop: Sandbox, overlays: Path) -> Told:
    """What the model would read of the first funnel's figures."""
    flags = {"providers": "synerise", "workspace": [f"synerise={shop.state.world.workspaces[0].name}"]}
    app = build_app(read_settings(flags, shop.environment(BASE)), overlays=overlays)
    try:
        listed = await app.dispatcher.run("synerise_list_funnels", {"limit": 1}, NoAsker())
        assert listed.outcome is not None and listed.outcome.handle is not None, listed.text
        (funnel,) = json.loads(app.store.get(listed.outcome.handle).body)["data"]
        arguments: dict[str, Any] = {"funnelId": funnel["id"], "variables": [], "dateFilter": {}, "aggregateDataBy": {}}
        return await app.dispatcher.run(CALCULATE, arguments, NoAsker())
    finally:
        await app.close()


async def test_a_call_that_was_unconfirmed_succeeds_after_the_import_until_it_is_undone(
    shop: Sandbox, network: None, tmp_path: Path
) -> None:
    before = await calculated(shop, tmp_path)
    assert before.structured["error"]["kind"] == "contract_unconfirmed"
    write("synerise", examined(openapi(FUNNEL_PATHS), folder=tmp_path).corrections, tmp_path)
    after = await calculated(shop, tmp_path)
    assert not after.is_error, after.text
    assert undo("synerise", tmp_path)
    assert (await calculated(shop, tmp_path)).structured["error"]["kind"] == "contract_unconfirmed"


@pytest.mark.parametrize("document", [SWAGGER, POSTMAN], ids=["swagger", "postman"])
async def test_the_other_kinds_of_document_teach_the_same_path(
    document: Node, shop: Sandbox, network: None, tmp_path: Path
) -> None:
    write("synerise", examined(document, folder=tmp_path).corrections, tmp_path)
    after = await calculated(shop, tmp_path)
    assert not after.is_error, after.text
