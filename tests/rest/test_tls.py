"""TLS on a real socket: only a certificate that an authority vouches for is spoken to, the environment's included."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.abc
import pytest
import trustme
from anyio.streams.tls import TLSListener

from audience_mcp.errors import ProviderUnavailable
from audience_mcp.rest.client import Client

from .made import request

pytestmark = pytest.mark.anyio
# In a process of its own: whom to trust is read once.
CALLER = """
import sys
import anyio
from audience_mcp.rest.client import Client
from audience_mcp.rest.request import Request
async def call():
    print((await Client(1_000_000).send(Request("GET", sys.argv[1], {}), writes=False)).body.decode())
anyio.run(call)
"""


class Provider:
    """A provider whose certificate is signed by an authority of its own, and what it was sent."""

    def __init__(self, authority: trustme.CA) -> None:
        self.authority, self.url, self.heard = authority, "", b""

    async def serve(self, stream: anyio.abc.ByteStream) -> None:
        async with stream:
            self.heard += await stream.receive()
            await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider(trustme.CA())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    provider.authority.issue_cert("127.0.0.1").configure_cert(context)
    sockets = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = sockets.extra(anyio.abc.SocketAttribute.local_port)
    provider.url = f"https://127.0.0.1:{port}/x"
    listener = TLSListener(sockets, context, standard_compatible=False)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, provider.serve)
        yield provider
        group.cancel_scope.cancel()


async def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(provider: Provider) -> None:
    client = Client(1_000_000)
    with pytest.raises(ProviderUnavailable):
        await client.send(request(provider.url), writes=False)
    await client.close()
    assert provider.heard == b""


async def test_an_authority_of_the_environment_is_trusted(provider: Provider, tmp_path: Path) -> None:
    bundle = tmp_path / "authorities.pem"
    provider.authority.cert_pem.write_to_path(str(bundle))
    ran = await anyio.run_process(
        [sys.executable, "-c", CALLER, provider.url], env={**os.environ, "SSL_CERT_FILE": str(bundle)}
    )
    assert ran.stdout.strip() == b"ok" and b"GET /x" in provider.heard
