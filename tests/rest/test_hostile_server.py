"""A server that answers with more than anyone can hold, or never ends: a real socket, and little memory on our side."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import anyio
import anyio.abc
import httpx
import pytest

from audience_mcp import errors
from audience_mcp.rest.client import Client, Reply
from audience_mcp.rest.unpacking import PIECE, unpacked

from .made import request

pytestmark = pytest.mark.anyio
MEGABYTE = 1_000_000
MOST = 250_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
FLAT = zlib.compress(b"0" * 30 * MEGABYTE)
ZEROS = gzip.compress(b"0" * 30 * MEGABYTE)


def packed(how: str, body: bytes) -> bytes:
    return HEAD + f"Content-Encoding: {how}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def endless(piece: bytes, head: bytes = b"") -> Iterator[bytes]:
    yield head
    while True:
        yield piece


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


@asynccontextmanager
async def served(pieces: Callable[[], Iterator[bytes]], *, hangs: bool = False) -> AsyncIterator[str]:
    """The address of a server that writes these to whoever asks, until they end or the other side has enough."""

    async def answer(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            try:
                await stream.receive()
                for piece in pieces():
                    await stream.send(piece)
                if hangs:
                    await anyio.sleep_forever()
            except (anyio.BrokenResourceError, anyio.EndOfStream):
                pass

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, answer)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        yield f"http://127.0.0.1:{port}/things"
        tasks.cancel_scope.cancel()


async def asked(url: str, *, writes: bool = False, seconds: float = 60) -> Reply:
    client = Client(MOST, total_seconds=seconds)
    try:
        return await client.send(request(url, "POST" if writes else "GET"), writes=writes)
    finally:
        await client.close()


BOMBS: dict[str, tuple[Callable[[], Iterator[bytes]], type[errors.AudienceError]]] = {
    "gzip": (lambda: iter([packed("gzip", ZEROS)]), errors.ResponseTooLarge),
    "deflate": (lambda: iter([packed("deflate", FLAT)]), errors.ResponseTooLarge),
    "gzip without end": (
        lambda: endless(
            chunk(ZEROS[100:60_000]),
            CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") + chunk(ZEROS[:100]),
        ),
        errors.ResponseTooLarge,
    ),
    "gzip in gzip": (lambda: iter([packed("gzip, gzip", gzip.compress(ZEROS))]), errors.ProviderUnavailable),
    "a packing nobody asked for": (lambda: iter([packed("br", b"\x0b\x02")]), errors.ProviderUnavailable),
    "gzip that breaks off": (
        lambda: iter([packed("gzip", gzip.compress(b"[1, 2, 3]")[:-9])]),
        errors.ProviderUnavailable,
    ),
    "a second gzip that breaks off": (
        lambda: iter([packed("gzip", gzip.compress(b"[1,") + gzip.compress(b" 2]")[:-9])]),
        errors.ProviderUnavailable,
    ),
    "gzip and something else": (
        lambda: iter([packed("gzip", gzip.compress(b"[]") + b"[]")]),
        errors.ProviderUnavailable,
    ),
    "deflate and something else": (
        lambda: iter([packed("deflate", zlib.compress(b"[]") + b"[]")]),
        errors.ProviderUnavailable,
    ),
    "deflate of one byte": (lambda: iter([packed("deflate", b"\x78")]), errors.ProviderUnavailable),
    "chunks without end": (lambda: endless(chunk(b"x" * 60_000), CHUNKED), errors.ResponseTooLarge),
    "tiny chunks without end": (lambda: endless(chunk(b"[" * 30) * 500, CHUNKED), errors.ResponseTooLarge),
    "a chunk of all memory": (
        lambda: endless(b"x" * 60_000, CHUNKED + b"7fffffffffffffff\r\n"),
        errors.ResponseTooLarge,
    ),
    "a length that lies": (lambda: iter([HEAD + b"Content-Length: 900\r\n\r\n{}"]), errors.ProviderUnavailable),
    "a length below nothing": (lambda: iter([HEAD + b"Content-Length: -5\r\n\r\n{}"]), errors.ProviderUnavailable),
    "headers without end": (lambda: endless(b"X-More: " + b"x" * 900 + b"\r\n", HEAD), errors.ProviderUnavailable),
    "a header without end": (lambda: endless(b"x" * 60_000, HEAD + b"X-More: "), errors.ProviderUnavailable),
    "no HTTP at all": (lambda: iter([b"\x00\xff\x1b[2J SSH-2.0-OpenSSH\r\n\r\n"]), errors.ProviderUnavailable),
    "nothing": (lambda: iter([]), errors.ProviderUnavailable),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_an_answer_larger_than_anyone_can_hold_ends_at_the_bound_and_costs_no_memory(bomb: str) -> None:
    pieces, kind = BOMBS[bomb]
    async with served(pieces) as url:
        await anyio.to_thread.run_sync(int)  # what the first use of anything costs is not the answer's
        tracemalloc.start()
        try:
            with pytest.raises(kind) as caught:
                await asked(url)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert most < 8 * MEGABYTE
    assert len(caught.value.text()) < 400 and caught.value.text().replace("\n", "").isprintable()


@pytest.mark.parametrize("how", ["gzip", "deflate", "bare"])
@pytest.mark.parametrize("size", [0, 1, 240_000])
async def test_an_honest_packing_is_taken_off_in_pieces(how: str, size: int) -> None:
    body = (b'{"a": "b"}' * 90_000)[:size]
    packs: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "bare": bare}
    made = packs[how](body)
    sent = packed(how.replace("bare", "deflate"), made)
    cut = [sent[at : at + 777] for at in range(0, len(sent), 777)]
    async with served(lambda: iter(cut)) as url:
        assert (await asked(url)).body == body


def bare(body: bytes) -> bytes:
    """Deflate without its frame."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


async def taken_off(how: str, *arriving: bytes) -> bytes:
    """What comes of a body that arrives in these pieces."""

    class Arriving(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in arriving:
                yield piece

    response = httpx.Response(200, headers={"Content-Encoding": how}, stream=Arriving())
    return b"".join([piece async for piece in unpacked(response)])


@pytest.mark.parametrize("pack", [zlib.compress, bare])
async def test_a_packing_is_taken_off_to_its_last_byte_wherever_a_piece_ends(pack: Callable[[bytes], bytes]) -> None:
    for more in range(0, 400, 23):  # what is left over when the input ends differs from one size to the next
        body = b"a" * (PIECE + more)
        assert await taken_off("deflate", pack(body)) == body


@pytest.mark.parametrize("pack", [zlib.compress, bare])
async def test_how_a_body_is_packed_is_not_judged_by_its_first_byte_alone(pack: Callable[[bytes], bytes]) -> None:
    body = b'{"a": "b"}'
    made = pack(body)
    assert await taken_off("deflate", made[:1], b"", made[1:]) == body


@pytest.mark.parametrize("cut", [1, 7, 30, 1000])
@pytest.mark.parametrize("padding", [b"", b"\0" * 9], ids=["alone", "padded"])
async def test_a_body_in_several_gzips_is_whole(cut: int, padding: bytes) -> None:
    made = gzip.compress(b"[1, 2,") + gzip.compress(b"") + gzip.compress(b" 3]") + padding
    assert await taken_off("gzip", *(made[at : at + cut] for at in range(0, len(made), cut))) == b"[1, 2, 3]"


@pytest.mark.parametrize("said", [b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\n{", CHUNKED + chunk(b"{")])
@pytest.mark.parametrize("writes", [False, True])
async def test_an_answer_that_stays_away_or_comes_drop_by_drop_has_an_end(said: bytes, writes: bool) -> None:
    async with served(lambda: iter([said]), hangs=True) as url:
        with pytest.raises(errors.OutcomeUnknown if writes else errors.Timeout):
            await asked(url, writes=writes, seconds=0.1)


async def test_drops_that_keep_each_wait_short_do_not_move_the_end() -> None:
    async with served(lambda: endless(b"HTTP/1.1 100 Continue\r\n\r\n")) as url:
        with pytest.raises(errors.Timeout):
            await asked(url, seconds=0.1)
