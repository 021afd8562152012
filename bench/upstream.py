"""A provider on loopback that answers any path at once: `?limit=N` -> a page of N saved aggregates, about 1 KB each.

`python -m bench.upstream` prints its port and ends when its stdin closes.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import uuid
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

ITEMS = {"1 KB": 1, "100 KB": 100, "1 MB": 1_000, "10 MB": 10_000}
"""How many items make an answer of each size."""

_WORDS = [
    "basket",
    "loyalty",
    "newsletter",
    "winter",
    "summer",
    "checkout",
    "returning",
    "dormant",
    "voucher",
    "premium",
]
_WORDS += [
    "weekend",
    "mobile",
    "store",
    "category",
    "brand",
    "margin",
    "visit",
    "referral",
    "coupon",
    "region",
    "value",
]
_WORDS += ["recent", "campaign", "first", "repeat", "spend", "order", "average", "last", "total"]


@cache
def page(items: int) -> bytes:
    """One page of aggregates that is valid under our own document of the provider; the same for the same number."""
    data = [_aggregate(number) for number in range(items)]
    meta = {"totalCount": items, "totalPages": 1, "page": 1, "limit": items, "sortedBy": "updatedAt"}
    return json.dumps({"meta": meta, "data": data}, separators=(",", ":")).encode()


def _aggregate(number: int) -> dict[str, Any]:
    draw = random.Random(number)

    def identifier() -> str:
        return str(uuid.UUID(int=draw.getrandbits(128), version=4))

    def words(count: int) -> str:
        return " ".join(draw.choices(_WORDS, k=count))

    return {
        "id": identifier(),
        "businessProfileId": 48,
        "name": words(4).capitalize(),
        "description": words(70).capitalize() + ".",
        "author": draw.randrange(1, 400),
        "modifier": draw.randrange(1, 400),
        "createdAt": f"2025-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}T08:15:22Z",
        "updatedAt": f"2026-{draw.randrange(1, 11):02}-{draw.randrange(1, 29):02}T16:45:10Z",
        "isPredefinedAnalytic": False,
        "isDynamicAnalytic": draw.random() < 0.3,
        "isDeleted": False,
        "namespace": "profiles",
        "directoryId": identifier(),
        "oldId": 100_000 + number,
        "isVisibleForClientProfile": draw.random() < 0.5,
        "aggregateType": draw.choice(["AGGREGATE", "RUNNING_AGGREGATE"]),
        "previewDefaultObjectId": draw.randrange(1_000_000, 9_000_000),
    }


class Provider(asyncio.Protocol):
    """HTTP/1.1 with kept connections, for requests without a body."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            items = int(parse_qs(urlsplit(target).query).get("limit", ["1"])[0])
            self._transport.write(_response(page(items)))


@cache
def _response(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def main() -> None:
    """Serve until stdin closes."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Provider, "127.0.0.1", 0, backlog=256)
    for items in ITEMS.values():
        _response(page(items))
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
