"""The proxy that the environment names is used, and only where it says so."""

from __future__ import annotations

import anyio
import anyio.abc
import pytest

from audience_mcp.errors import NotReached
from audience_mcp.rest.client import Client

from .made import request

pytestmark = pytest.mark.anyio
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"


@pytest.mark.parametrize("spared", ["", "other.test"])
async def test_a_call_goes_through_the_proxy_of_the_environment(spared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []

    async def proxy(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            heads.append(await stream.receive())
            await stream.send(ANSWER % (7, b"proxied"))

    client = Client(most_bytes=1_000)
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as group,
    ):
        group.start_soon(listener.serve, proxy)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{port}")  # as curl takes it, without a scheme
        monkeypatch.setenv("no_proxy", spared)
        reply = await client.send(request("http://provider.test/things"), writes=False)
        group.cancel_scope.cancel()
    await client.close()
    assert reply.body == b"proxied"
    assert [head.split(b" HTTP/1.1")[0] for head in heads] == [b"GET http://provider.test/things"]


async def test_a_place_the_environment_spares_is_called_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    async def provider(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            direct = (await stream.receive()).startswith(b"GET /things ")
            await stream.send(ANSWER % (6, b"direct" if direct else b"strange"))

    client = Client(most_bytes=1_000)
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as group,
    ):
        group.start_soon(listener.serve, provider)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
        reply = await client.send(request(f"http://127.0.0.1:{port}/things"), writes=False)
        group.cancel_scope.cancel()
    await client.close()
    assert reply.body == b"direct"


@pytest.mark.parametrize("kind", ["socks5", "socks", "ftp"])
async def test_a_proxy_of_a_kind_that_cannot_be_used_is_told_with_the_remedy(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", f"{kind}://robin:hush@127.0.0.1:9")
    client = Client(most_bytes=1_000)
    with pytest.raises(NotReached, match="nothing was sent") as caught:
        await client.send(request("https://provider.test/things"), writes=True)
    await client.close()
    assert "NO_PROXY" in caught.value.remedy and "provider.test" in caught.value.remedy
    assert caught.value.settled and "hush" not in caught.value.text()
