"""A small shop, the program over it wired as `serve --sandbox` wires it, and clients of both protocol eras."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio.lowlevel
import mcp_types as t
from mcp import Client
from mcp.client.extension import ClientExtension

from audience_mcp.app import App, build_app
from audience_mcp.sandbox import Sandbox
from audience_mcp.server.adapter import build_server
from audience_mcp.settings import Settings

ERAS = ("auto", "legacy")
ERROR_KEYS = {"kind", "message", "remedy", "provider", "workspace", "status", "retry_after_s"}


def small_shop() -> Sandbox:
    return Sandbox(profiles=200, events=4000)


async def at_once(seconds: float) -> None:
    """How the program waits before it repeats a request: it does not."""
    await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def running(
    sandbox: Sandbox | None = None, *, clock: Callable[[], float] = time.time, **settings: Any
) -> AsyncIterator[App]:
    """The program; without a sandbox nothing is configured."""
    app = build_app(Settings(sandbox=sandbox is not None, **settings), sandbox=sandbox, clock=clock, sleep=at_once)
    try:
        yield app
    finally:
        await app.close()


def secrets_of(sandbox: Sandbox) -> list[str]:
    """What must never be shown: the keys, passwords and tokens that reach the shop."""
    settings = sandbox.environment("http://shop")
    return [value for name, value in settings.items() if any(word in name for word in ("KEY", "PASSWORD", "TOKEN"))]


def connected(
    app: App,
    era: str,
    answer: Callable[[str], t.ElicitResult] | None = None,
    extensions: Sequence[ClientExtension] = (),
) -> Client:
    """A client in this process; with `answer` it can ask its user, who answers a question's message."""
    server = build_server(app.dispatcher, app.store, app.instructions, app.prompts, app.suggestions)
    if answer is None:
        return Client(server, mode=era, extensions=extensions)

    async def asked(context: Any, params: Any) -> t.ElicitResult:
        return answer(params.message)

    return Client(server, mode=era, elicitation_callback=asked)


def text_of(result: t.CallToolResult) -> str:
    block = result.content[0]
    assert isinstance(block, t.TextContent)
    return block.text


def told(result: t.CallToolResult) -> dict[str, Any]:
    """The structured form of an answer."""
    assert not result.is_error, text_of(result)
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def error_of(result: t.CallToolResult) -> dict[str, Any]:
    """The structured form of an error, which has every key and says the same as the text."""
    assert result.is_error, text_of(result)
    assert isinstance(result.structured_content, dict)
    error: dict[str, Any] = result.structured_content["error"]
    assert set(result.structured_content) == {"error"} and set(error) == ERROR_KEYS
    assert text_of(result).startswith(f"{error['kind']}: {error['message']}")
    assert text_of(result).endswith(f"\nNext: {error['remedy']}")
    return error


def link_of(result: t.CallToolResult) -> t.ResourceLink:
    (link,) = (block for block in result.content if isinstance(block, t.ResourceLink))
    return link


async def linked(client: Client, result: t.CallToolResult) -> str:
    """The full data behind an answer, as its link gives it."""
    (content,) = (await client.read_resource(str(link_of(result).uri))).contents
    assert isinstance(content, t.TextResourceContents)
    return content.text


async def data(client: Client, tool: str, arguments: dict[str, Any] | None = None) -> Any:
    """Call a tool and parse the full data behind its answer."""
    return json.loads(await linked(client, await client.call_tool(tool, arguments or {})))
