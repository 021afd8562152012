"""A chart's specification -> a PNG, drawn in this process without a browser."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from anyio import CapacityLimiter, fail_after, to_process

from audience_mcp.charts import style
from audience_mcp.charts.frame import FULL
from audience_mcp.errors import Timeout

Json = Any

LONGEST_SECONDS = 60.0
_ONE_AT_A_TIME = CapacityLimiter(1)
_SIGNATURE, _HARDEST = b"\x89PNG\r\n\x1a\n", 9
_RGB, _RGBA, _FROM_THE_LEFT = 2, 6, 1
_LEVELS = bytes(round(round(value * 31 / 255) * 255 / 31) for value in range(256))
"""Each channel in 32 steps: nobody sees the difference, and the picture packs into a fifth less."""


def png(specification: dict[str, Json]) -> bytes:
    """The chart on a light ground, `style.SCALE` pixels to each of its own; nothing is loaded from anywhere."""
    import vl_convert  # a browser's engine in a library: only who draws pays for it

    light = {**specification, "config": style.config("light")}
    draw = vl_convert.vega_to_png if specification["$schema"] == FULL else vl_convert.vegalite_to_png
    return _packed(draw(light, scale=style.SCALE, allowed_base_urls=[]))


async def drawn(specification: dict[str, Json], seconds: float = LONGEST_SECONDS) -> bytes:
    """The same from a process of its own, one picture after the other.

    The library holds the interpreter while it draws: for 0.2 seconds, at first use for more than one, in which nothing
    else here would be answered. The process ends after some minutes without work, and with it the memory of the engine.

    Raises:
        Timeout: It took longer than `seconds`, the wait for its turn among them; the process is ended.
    """
    try:
        with fail_after(seconds):
            return await to_process.run_sync(png, specification, cancellable=True, limiter=_ONE_AT_A_TIME)
    except TimeoutError:
        raise Timeout(
            f"The picture was not drawn within {seconds:g} s.",
            "Make a smaller result of it with query_results (fewer rows or series), and draw that.",
        ) from None


def _packed(picture: bytes) -> bytes:
    """The same picture in a quarter of the bytes: the library packs in haste, and every client pays for the size."""
    chunks = list(_chunks(picture))
    header = chunks[0][1]
    (columns,) = struct.unpack(">I", header[:4])
    rows = zlib.decompress(b"".join(content for name, content in chunks if name == b"IDAT"))
    stride = 4 * columns + 1
    if header[9] == _RGBA and all(kind == _FROM_THE_LEFT for kind in rows[::stride]):
        rows = b"".join(_opaque(rows[at + 1 : at + stride]) for at in range(0, len(rows), stride))
        header = header[:9] + bytes([_RGB]) + header[10:]
    data = zlib.compress(rows, _HARDEST)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _opaque(row: bytes) -> bytes:
    """A row of RGBA pixels, each told by its difference from the last -> the colours themselves, without alpha."""
    plain = bytearray(len(row) // 4 * 3)
    for channel in range(3):
        plain[channel::3] = bytes(map((255).__and__, accumulate(row[channel::4]))).translate(_LEVELS)
    return b"\0" + plain


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
