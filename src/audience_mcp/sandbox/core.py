"""What the four dialects share: the sandbox's state, one request as a handler sees it, refusals, routes and answers.

A dialect is a module with three functions: `routes(state)` lists its routes (made with `endpoint`), `environment(state,
base)` the variables that make audience-mcp use it, and `refusal(request, refused)` turns a `Refusal` (its own, or the
404 and 405 of routing) into the provider's error body. `REMARKS`, if it has any, are sentences for a person, and
`EXPIRED`, if its tokens expire, what it says of one that has.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol
from uuid import UUID

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from audience_mcp.openapi.document import Node
from audience_mcp.sandbox.clock import Clock
from audience_mcp.sandbox.contract import Contract, Problem, contract_of
from audience_mcp.sandbox.faults import FaultGate, Faults
from audience_mcp.sandbox.journal import Journal, Remarks
from audience_mcp.sandbox.limits import Limits
from audience_mcp.sandbox.moves import Moves, Place, constants
from audience_mcp.sandbox.world import World

__all__ = [
    "Call",
    "Dialect",
    "Handler",
    "Problem",
    "Refusal",
    "SandboxState",
    "answer",
    "application",
    "endpoint",
]


@dataclass
class SandboxState:
    """All that one sandbox knows. A dialect keeps its own mutable state in objects its `routes` creates.

    `withheld` are permissions, scopes and groups (`x-tool`) that no key or user has; `moves` says which operations are
    served elsewhere than documented.
    """

    world: World
    clock: Clock
    limits: Limits
    faults: Faults
    token_seconds: int = 3600
    speed: float = 1.0
    withheld: frozenset[str] = frozenset()
    moves: Moves = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)

    def contract(self, provider: str) -> Contract:
        """The provider's OpenAPI document as a checker of requests; read once per process."""
        return contract_of(provider)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read by the document: typed parameters, decoded body, and what is wrong with them.

    `path` and `query` hold values of the documented types (undocumented query parameters as text); documented
    defaults are filled in. `body` is the decoded JSON, None when there was none. `problems` is empty when the request
    obeys the document: a dialect checks it after it has authorized the caller.
    """

    request: Request
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any
    problems: tuple[Problem, ...]
    gate: Gate

    def header(self, name: str) -> str | None:
        """The request header `name`, in any case."""
        return self.request.headers.get(name)

    def runs_in(self, workspace: str, person: bool = False) -> None:
        """Tell which workspace (its key) this request belongs to, and whether a person sends it instead of a key.

        Raises:
            Refusal: 403 for a permission that was taken away, 429 for one request too many.
        """
        remarks: Remarks = self.request.state.remarks
        remarks.workspace = workspace
        self.gate.admit(workspace, person, self.body)


class Refusal(Exception):
    """A request that is answered with an error; each dialect gives it its own body.

    `details` are the dialect's own (an error code, headers, problems); `retry_after` becomes a header.
    """

    def __init__(self, status: int, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details


@dataclass
class Gate:
    """What stands between a known caller and one documented operation: permissions, then rate limits."""

    state: SandboxState
    provider: str
    tool: Node
    passed: bool = False

    def admit(self, workspace: str | None, person: bool, body: Any) -> None:
        """Let a caller through once; another workspace named later in the same request changes nothing.

        Raises:
            Refusal: 403 or 429.
        """
        if self.passed:
            return
        self.passed = True
        for name in needed(self.tool, person):
            if name in self.state.withheld:
                raise Refusal(403, f"The permission '{name}' is missing.", code="permission_denied")
        wait = self.state.limits.wait(self.provider, workspace, self.tool.get("limits", ()), body)
        if wait is not None:
            raise Refusal(429, f"Too many requests, try again in {wait} s", retry_after=wait)


def needed(tool: Node, person: bool) -> list[str]:
    """What a key (its permissions and scopes) or a person (groups) needs for an operation, by its `x-tool`."""
    return [name for kind in (("groups",) if person else ("permissions", "scopes")) for name in tool.get(kind, ())]


Handler = Callable[[Call], Response] | Callable[[Call], Awaitable[Response]]


class Dialect(Protocol):
    """What core needs of a provider's module."""

    def routes(self, state: SandboxState) -> list[Route]:
        """The provider's routes, without the mount prefix."""

    def environment(self, state: SandboxState, base: str) -> dict[str, str]:
        """Settings (name -> value) when these routes are reached at `base`, such as `http://127.0.0.1:8080/posthog`."""

    def refusal(self, request: Request, refused: Refusal) -> Response:
        """The provider's error answer."""


def endpoint(state: SandboxState, provider: str, method: str, path: str, handler: Handler) -> Route:
    """A route whose handler gets a `Call`.

    `path` is the template as the document writes it (`/api/projects/{project_id}/cohorts/`). A plain function runs in
    a worker thread and may query the world; an `async def` runs on the event loop and should not. An operation that
    was moved is checked by its documented parameters and answers at its new place alone.
    """

    entry = state.contract(provider).entry(method, path)
    tool: Node = entry.node.get("x-tool", {}) if entry else {}
    fixed = constants(entry)
    place = state.moves.get((provider, method, path), Place(method, path))

    async def respond(request: Request) -> Response:
        gate = Gate(state, provider, tool)
        received = state.contract(provider).receive(
            method,
            path,
            {**fixed, **request.path_params},
            request.query_params,
            await request.body(),
            request.headers.get("content-type"),
        )
        call = Call(request, received.path, received.query, received.body, received.problems, gate)
        if inspect.iscoroutinefunction(handler):
            response = await handler(call)
        else:
            response = await run_in_threadpool(handler, call)
        if tool.get("identity") != "none":
            gate.admit(None, False, received.body)  # what runs in no workspace, and so far only reads
        assert isinstance(response, Response)
        return response

    return Route(place.path, respond, methods=[place.method])


def application(state: SandboxState, dialect: Dialect) -> Starlette:
    """The provider's routes as an application of its own, every refusal in its dialect."""

    def refused(request: Request, refusal: Refusal) -> Response:
        response = dialect.refusal(request, refusal)
        if "retry_after" in refusal.details:
            response.headers["retry-after"] = f"{refusal.details['retry_after']:g}"
        return response

    async def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            error = Refusal(error.status_code, error.detail)
        assert isinstance(error, Refusal)
        return refused(request, error)

    def struck(request: Request, status: int, message: str, wait: float | None) -> Response:
        details = {} if wait is None else {"retry_after": wait}
        return refused(request, Refusal(status, message, **details))

    moved = {place.path for place in state.moves.values()}  # first, so that no {parameter} swallows one
    routes: list[BaseRoute] = [*sorted(dialect.routes(state), key=lambda route: route.path not in moved)]
    expired = getattr(dialect, "EXPIRED", None)
    gate = Middleware(FaultGate, faults=state.faults, refuse=struck, expired=expired, speed=state.speed)
    app = Starlette(routes=routes, middleware=[gate], exception_handlers={Refusal: refuse, HTTPException: refuse})
    app.state.sandbox = state  # for refusals, which only get the request
    app.router.redirect_slashes = False  # a wrong slash must be seen, not mended
    return app


def answer(
    value: Any, status: int = 200, media_type: str = "application/json", headers: Mapping[str, str] | None = None
) -> Response:
    """`value` as a JSON answer; date-times (naive ones are UTC) end in Z, UUIDs and dates are text."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, {**(headers or {}), "content-type": media_type})


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")
