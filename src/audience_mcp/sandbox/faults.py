"""A specification such as `429:0.05,slow:0.1:2s` -> faults that strike requests at these rates, the same for a seed.

A fault stands in front of the dialects:
    429, 500 ...  any status from 400 to 599: refused in the provider's error shape and not carried out; a 429 with
                  Retry-After
    slow          answered after some time
    drop          the connection breaks in the middle of the answer; every second request was carried out before
    expire        refused as with an expired token (by providers whose tokens expire; others are left alone)
    garbage       carried out, its answer cut in half or replaced by a web server's page
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import anyio
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audience_mcp.sandbox.journal import Remarks

KINDS = ("slow", "drop", "expire", "garbage")
DEFAULT_SECONDS = {"slow": 2.0, "429": 1.0}
_PAGE = b"<!doctype html><title>Bad gateway</title><h1>Something went wrong</h1>"
_PART = re.compile(r"(?P<kind>[a-z]+|[45]\d\d):(?P<rate>\d*\.?\d+)(?::(?P<seconds>\d*\.?\d+)s?)?")

Refuse = Callable[[Request, int, str, float | None], Response]


class FaultsMisspelt(ValueError):
    """A specification of faults that cannot be read."""


class ConnectionDropped(ConnectionResetError):
    """The connection broke in the middle of an answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault: which share of the requests it strikes, and its seconds (slow answers, Retry-After)."""

    kind: str
    rate: float
    seconds: float


def read_faults(text: str) -> tuple[Fault, ...]:
    """Read parts `KIND:RATE` or `KIND:RATE:SECONDSs`, separated by commas.

    Raises:
        FaultsMisspelt: A part is none of these, or the rates add up to more than 1.
    """
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        match = _PART.fullmatch(part)
        if match is None or not (match["kind"].isdigit() or match["kind"] in KINDS):
            raise FaultsMisspelt(
                f"{part!r} is no fault: write KIND:RATE or KIND:RATE:SECONDS, where KIND is {', '.join(KINDS)}"
                " or a status from 400 to 599"
            )
        seconds = float(match["seconds"] or DEFAULT_SECONDS.get(match["kind"], 0.0))
        found.append(Fault(match["kind"], float(match["rate"]), seconds))
    if sum(fault.rate for fault in found) > 1:
        raise FaultsMisspelt("the rates of all faults may add up to 1 at most")
    return tuple(found)


class Faults:
    """Draws a fault for each request, in the order in which they arrive; the same seed draws the same ones."""

    def __init__(self, faults: tuple[Fault, ...], seed: int) -> None:
        self._faults = faults
        self._die = random.Random(f"faults {seed}")

    def end(self) -> None:
        """Let every request through from now on."""
        self._faults = ()

    def draw(self) -> tuple[Fault | None, bool]:
        """The fault that strikes the next request, and a coin that some of them need."""
        if not self._faults:
            return None, False
        lot, coin = self._die.random(), self._die.random() < 0.5
        for fault in self._faults:
            if lot < fault.rate:
                return fault, coin
            lot -= fault.rate
        return None, coin


class FaultGate:
    """Wraps one provider's application; `expired` is what it says of an expired token, None where none expires."""

    def __init__(self, app: ASGIApp, faults: Faults, refuse: Refuse, expired: str | None, speed: float) -> None:
        self._app = app
        self._faults = faults
        self._refuse = refuse
        self._expired = expired
        self._speed = speed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or let a fault strike it."""
        fault, coin = self._faults.draw()
        if fault is None or (fault.kind == "expire" and not self._has_token(scope)):
            await self._app(scope, receive, send)
            return
        remarks: Remarks = scope["state"]["remarks"]
        remarks.fault = fault.kind
        if fault.kind == "slow":
            await anyio.sleep(fault.seconds / self._speed)
            await self._app(scope, receive, send)
        elif fault.kind == "drop":
            remarks.reached = coin
            await self._drop(scope, receive, send)
        elif fault.kind == "garbage":
            await self._spoil(scope, receive, send, as_page=coin)
        else:
            remarks.reached = False
            await self._refused(scope, fault)(scope, receive, send)

    def _has_token(self, scope: Scope) -> bool:
        return self._expired is not None and Headers(scope=scope).get("authorization", "").lower().startswith("bearer")

    def _refused(self, scope: Scope, fault: Fault) -> Response:
        if fault.kind == "expire":
            return self._refuse(Request(scope), 401, self._expired or "", None)
        status = int(fault.kind)
        known = {item.value: item.phrase for item in HTTPStatus}
        wait = fault.seconds if status == 429 else None
        return self._refuse(Request(scope), status, known.get(status, "Error"), wait)

    async def _drop(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4096")]}
        body = b'{"'
        if scope["state"]["remarks"].reached:
            start, body = await self._answer(scope, receive)
            start = _sized(start, len(body) + 1)  # one more than will ever come
            body = body[: len(body) // 2]
        await send(start)
        await send({"type": "http.response.body", "body": body, "more_body": True})
        raise ConnectionDropped("a fault of the sandbox dropped the connection")

    async def _spoil(self, scope: Scope, receive: Receive, send: Send, as_page: bool) -> None:
        start, body = await self._answer(scope, receive)
        spoilt = _PAGE if as_page or len(body) < 4 else body[: len(body) // 2]
        await send(_sized(start, len(spoilt)))
        await send({"type": "http.response.body", "body": spoilt, "more_body": False})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        """What the application answers, whole."""
        start: Message = {}
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, keep)
        return start, b"".join(parts)


def _sized(start: Message, length: int) -> Message:
    kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    return {**start, "headers": [*kept, (b"content-length", str(length).encode())]}
