"""Many calls at once, on a real socket: a connection each, none shared while an answer is awaited, all used again."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import anyio
import anyio.abc
import httpx
import pytest

from audience_mcp.errors import ProviderUnavailable, RateLimited
from audience_mcp.rest.client import Client, Reply
from audience_mcp.rest.lanes import Lanes
from audience_mcp.rest.outage import FAILURES_IN_A_ROW
from audience_mcp.rest.patience import Patience
from audience_mcp.rest.request import Request

from .made import operation, request

pytestmark = pytest.mark.anyio
AT_ONCE = 24


class Provider:
    """A provider that answers once `gathered` requests wait, and counts requests by connection."""

    def __init__(self) -> None:
        self.requests: Counter[int] = Counter()
        self.waiting, self.gathered, self.url = 0, 1, ""
        self._all_there, self.arrived = anyio.Event(), anyio.Event()

    def gather(self, requests: int) -> None:
        self.waiting, self.gathered = 0, requests
        self._all_there, self.arrived = anyio.Event(), anyio.Event()

    async def serve(self, stream: anyio.abc.SocketStream) -> None:
        number = len(self.requests)
        self.requests[number] = 0
        async with stream:
            while True:
                try:
                    head = await stream.receive()
                except (anyio.EndOfStream, anyio.BrokenResourceError):
                    return
                self.requests[number] += 1
                assert head.count(b"HTTP/1.1\r\n") == 1  # one request at a time
                if b"/hangs-up" in head:
                    return
                self.waiting += 1
                self.arrived.set()
                if self.waiting == self.gathered:
                    self._all_there.set()
                await self._all_there.wait()
                await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, provider.serve)
        provider.url = f"http://127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}"
        yield provider
        group.cancel_scope.cancel()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    made = Client(most_bytes=1_000)
    yield made
    await made.close()


def asked(provider: Provider, path: str = "/things") -> Request:
    return request(provider.url + path)


async def test_calls_at_once_have_a_connection_each_and_the_next_ones_use_them_again(
    provider: Provider, client: Client
) -> None:
    with anyio.fail_after(20):
        for _ in range(3):
            provider.gather(AT_ONCE)
            async with anyio.create_task_group() as group:
                for _ in range(AT_ONCE):
                    group.start_soon(_call, provider, client)
    assert len(provider.requests) == AT_ONCE
    assert set(provider.requests.values()) == {3}


async def test_a_broken_connection_and_a_cancelled_call_do_no_harm_to_the_next(
    provider: Provider, client: Client
) -> None:
    with anyio.fail_after(20):
        with pytest.raises(ProviderUnavailable):
            await client.send(asked(provider, "/hangs-up"), writes=False)
        provider.gather(2)  # a second one never comes
        async with anyio.create_task_group() as group:
            group.start_soon(_call, provider, client)
            await provider.arrived.wait()
            group.cancel_scope.cancel()
        provider.gather(1)
        await _call(provider, client)
        provider.gather(1)
        await _call(provider, client)
    assert list(provider.requests.values()) == [1, 1, 2]


async def test_too_many_calls_of_ours_are_told_as_that_and_never_count_against_the_provider() -> None:
    lanes, patience = Lanes(1, lambda origin: httpx.AsyncHTTPTransport(), patience_seconds=0.0), Patience()

    async def once() -> Reply:
        async with lanes.lent("https://api.test"):
            return Reply(200, {}, b"{}")

    async with lanes.lent("https://api.test"):
        for _ in range(FAILURES_IN_A_ROW):
            with pytest.raises(RateLimited, match=r"makes at once \(1\) are under way") as told:
                await patience.send(operation(), {}, "", "api.test", once)
            assert "nothing was sent" in told.value.message and "at once" in told.value.remedy
    assert (await patience.send(operation(), {}, "", "api.test", once)).status == 200
    await lanes.close()


async def _call(provider: Provider, client: Client) -> None:
    reply = await client.send(asked(provider), writes=False)
    assert reply.body == b"ok"
