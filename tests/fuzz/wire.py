"""An operation of a document -> requests no client library would write: odd bytes in path, query, headers and body.

Every place that takes text gets every text of `PATHS` or `TEXTS`, every operation with a body every body of `BODIES`,
and the outer places in a body every value of `FIELDS`; the rest of each request is as it should be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

import httpx

from audience_mcp.openapi.document import Entry

from .door import Door

LONG = "x" * 20_000
DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]
# As they stand in the request line: line breaks, NUL, slashes, dots, bytes that are no UTF-8, quotes, other scripts.
PATHS = (
    *("%0A", "a%0Ab", "%0D%0Aa:%20b", "%00", "%2F", "a%2Fb", "%2E%2E", "..%2f..", "%FF", "%C3%28", "%ED%A0%80"),
    *("%27%22%3B--", "%F0%9F%9A%80", "%E2%80%AE", "%", "%ZZ", "%20", "0", "-1", "9" * 5000, "1e999", "%EF%BC%91", LONG),
)  # fmt: skip
TEXTS = (
    *PATHS,
    "",
    "true",
    "null",
    "%5B%5D",
    "%7B%22a%22%3A1%7D",
    "%5B" * 4000,
    "%5B" * 300 + "%5D" * 300,
    "2026-13-45",
    "0001-01-01T00:00:00%2B14:00",
)
BODIES = (
    *(b"", b"null", b"[]", b"{}", b"0", b'""', b"{", b"\xff\xfe\x00", b'{"a": "\xff"}', b'{"a": "\\ud800"}'),
    *(b"\xef\xbb\xbf{}", b'{"a": NaN}', b'{"a": 1e999}', b"9" * 5000, b'{"a": "' + b"x" * 2_000_000 + b'"}'),
    *(b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b'{"a": 1, "a": 2}', b"\x00"),
)
# What a text field of a good body is replaced by.
FIELDS: tuple[Any, ...] = (
    *("", "\n", "\0", "\ud800", "\u202e", "🚀" * 500, LONG, "'; DROP TABLE events; --", "%", "\\", "(((", "{}", "$"),
    *(
        None,
        True,
        -1,
        0,
        10**40,
        1e308,
        [],
        {},
        [[[]]],
        DEEP,
        {"": None},
        "9" * 5000,
        "1e999",
        "0001-01-01T00:00:00+14:00",
    ),
)
Place = tuple[Any, ...]
MOST = 16  # places in a body


@dataclass(frozen=True, slots=True)
class Wired:
    """One request as bytes; `path` begins after the provider's base."""

    method: str
    path: str
    body: bytes | None
    headers: Mapping[bytes, bytes]

    @property
    def astray(self) -> bool:
        """Whether a slash in its path leads it away from its operation, to one of any other or none."""
        return "%2f" in self.path.partition("?")[0].lower()

    def send(self, http: httpx.Client) -> httpx.Response:
        """Send it as it is, without a second look at its path."""
        target = httpx.URL(http.base_url).copy_with(raw_path=(http.base_url.path.rstrip("/") + self.path).encode())
        return http.request(self.method, target, content=self.body, headers=self.headers)


def wired(entry: Entry, found: Door, example: Any) -> Iterator[Wired]:
    """The requests of one operation; `example` is a body that it takes, None for none."""
    given = {"Content-Type": "application/json", **found.headers_of(entry.node)}
    headers = {name.encode(): value.encode() for name, value in given.items()}
    names = re.findall(r"\{(\w+)\}", entry.path)
    good = {name: quote(str((found.known.get(name) or ["1"])[0])) for name in names}
    asked = [p["name"] for p in entry.parameters if p["in"] == "query"]
    method, body = entry.method.upper(), None if example is None else json.dumps(example).encode()

    def to(**odd: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: {**good, **odd}[match[1]], entry.path)

    for name in names:
        yield from (Wired(method, to(**{name: text}), body, headers) for text in PATHS)
    for name in asked:
        yield from (Wired(method, f"{to()}?{name}={text}", body, headers) for text in TEXTS)
    yield Wired(method, f"{to()}?{'a=1&' * 4000}%FF=%00&&==", body, headers)
    for scheme in (
        b"",
        b"Bearer",
        b"Bearer a.b.c",
        b"Basic ////",
        b"Token \xff",
        b"Bearer " + LONG.encode(),
        b"\xe9 a",
    ):
        yield Wired(method, to(), body, {**headers, b"Authorization": scheme})
    if "requestBody" not in entry.node:
        return
    yield from (Wired(method, to(), text, headers) for text in BODIES)
    yield from (Wired(method, to(), body, {**headers, b"Content-Type": kind}) for kind in (b"", b"text/plain", b"\xff"))
    for place in islice(_places(example), MOST):
        for value in FIELDS:
            yield Wired(method, to(), json.dumps(_replaced(example, place, value)).encode(), headers)


def _places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place inside a body, the outer ones first."""
    inner = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    yield from ((*place, key) for key, _ in inner)
    for key, below in inner:
        yield from _places(below, (*place, key))


def _replaced(value: Any, place: Place, by: Any) -> Any:
    if not place:
        return by
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[place[0]] = _replaced(value[place[0]], place[1:], by)
    return copied
