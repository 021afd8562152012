"""The bytes of an answer as they arrive -> the bytes of its body, in pieces of a bounded size.

A few hundred bytes can be packed so that they unpack to gigabytes, the more so when they are packed twice: httpx
unpacks each chunk it receives at once and whole, however large it becomes, and any number of layers.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator

import httpx

PIECE = 2**20
"""Bytes that are unpacked at a time."""

_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_HEAD = 2  # bytes by which deflate with its frame is told from deflate without
_BARE = -zlib.MAX_WBITS  # deflate without the frame the standard asks for, as some servers send it


async def unpacked(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The body of an answer, as it was before it was packed.

    Raises:
        httpx.DecodingError: It is packed in a way that was not asked for, does not unpack, breaks off, or something
            that is no part of it follows its end.
    """
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in ("", "identity"):
        async for chunk in stream:
            yield chunk
        return
    if packing not in _WINDOWS:
        raise httpx.DecodingError("packed in a way that was not asked for")
    unpacker, chunk, ended = None, b"", False
    async for arrived in stream:
        chunk += arrived
        while True:
            if unpacker is None:
                chunk = chunk.lstrip(b"\0") if ended else chunk  # what fills up a block
                if len(chunk) < _HEAD:
                    break
                if ended and packing != "gzip":  # only gzip may be several, one after the other
                    raise httpx.DecodingError("more follows its end")
                unpacker = _begun(packing, chunk)
            try:
                piece = unpacker.decompress(chunk, PIECE)
            except zlib.error:
                raise httpx.DecodingError("does not unpack") from None
            yield piece
            chunk = unpacker.unconsumed_tail
            if unpacker.eof:
                chunk, unpacker, ended = unpacker.unused_data, None, True
            elif not chunk and len(piece) < PIECE:  # a full piece may have more behind it, though all is taken in
                break
    if unpacker is not None or chunk:
        raise httpx.DecodingError("breaks off")


def _begun(packing: str, chunk: bytes) -> zlib._Decompress:
    """An unpacker for a stream that begins so."""
    if packing == "deflate":
        try:
            zlib.decompressobj(_WINDOWS[packing]).decompress(chunk[:_HEAD])
        except zlib.error:
            return zlib.decompressobj(_BARE)
    return zlib.decompressobj(_WINDOWS[packing])
