"""The Synerise sandbox's own state and front door: who calls, in which workspace, and the provider's error body."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, Refusal, SandboxState, answer, endpoint
from audience_mcp.sandbox.synerise import tokens
from audience_mcp.sandbox.synerise.accounts import KEY_HOLDER, Keys
from audience_mcp.sandbox.synerise.shelf import Shelf
from audience_mcp.sandbox.world import Workspace

PROVIDER = "synerise"
EXPIRED = "Token has expired"
Consumer = Literal["nobody", "unverified", "user", "workspace", "profile"]
REALMS: dict[str, Consumer] = {"user": "user", "business_profile": "workspace"}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sends a request. `workspace` is the key of the workspace, None for a user who has not selected one.

    An `unverified` user has given the password and still owes the second factor; a `profile` is a customer of the shop.
    """

    consumer: Consumer
    workspace: str | None
    actor: int
    claims: dict[str, Any]


NOBODY = Identity("nobody", None, 0, {})
Operation = Callable[[Call, Identity], Response]


class Service:
    """What the Synerise endpoints share; one per sandbox."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state
        self.keys = Keys.of(state.world)
        self.shelves = {workspace.key: Shelf(state, workspace) for workspace in state.world.workspaces}
        self.known_devices: dict[tuple[str, str], float] = {}

    def route(self, method: str, path: str, operation: Operation, *consumers: Consumer) -> Route:
        """A route for these consumers; without any, it needs no token. The body is checked after the caller is."""

        def respond(call: Call) -> Response:
            identity = self._identify(call) if consumers else NOBODY
            if identity.workspace is not None:
                call.runs_in(identity.workspace, person=identity.consumer == "user")
            if consumers and identity.consumer not in consumers:
                raise Refusal(403, f"Access is denied for consumer type {identity.consumer.upper()}")
            for problem in call.problems:
                status = 415 if problem.kind == "media" else 400
                raise Refusal(status, f"{problem.name}: {problem.message}" if problem.name else problem.message)
            return operation(call, identity)

        return endpoint(self.state, PROVIDER, method, path, respond)

    def analytics(self, method: str, path: str, operation: Callable[[Call, Identity, Shelf], Response]) -> Route:
        """A route of the Analytics Suite: for users and workspaces, in a workspace."""

        def respond(call: Call, identity: Identity) -> Response:
            return operation(call, identity, self.shelf(identity))

        return self.route(method, path, respond, "user", "workspace")

    def shelf(self, identity: Identity) -> Shelf:
        """The saved analyses of the caller's workspace.

        Raises:
            Refusal: A user without a selected workspace.
        """
        if identity.workspace is None:
            raise Refusal(403, "No workspace is selected")
        return self.shelves[identity.workspace]

    def token(self, realm: str, workspace: Workspace | None, **claims: Any) -> str:
        """A fresh token; `claims` that are None are left out."""
        now = self.state.clock()
        given = {
            "exp": int(now) + self.state.token_seconds,
            "ctd": int(now * 1000),
            "bpi": workspace.synerise_id if workspace else None,
            "iss": "Synerise",
            "aud": "API",
            "rlm": realm,
            **claims,
        }
        return tokens.sign({name: value for name, value in given.items() if value is not None})

    def workspace_numbered(self, number: int | None) -> str | None:
        """The key of the workspace with this numeric id."""
        return next((item.key for item in self.state.world.workspaces if item.synerise_id == number), None)

    def _identify(self, call: Call) -> Identity:
        scheme, _, credential = (call.header("authorization") or "").partition(" ")
        if scheme.lower() == "bearer":
            return self._bearer(credential.strip())
        if scheme.lower() == "basic":
            return self._basic(credential.strip())
        raise Refusal(401, "Full authentication is required to access this resource")

    def _bearer(self, token: str) -> Identity:
        claims = tokens.read(token)
        if claims is None:
            raise Refusal(401, "Invalid token")
        if claims["exp"] <= self.state.clock():
            raise Refusal(401, EXPIRED)
        consumer = "unverified" if "mfa" in claims else REALMS.get(claims["rlm"], "profile")
        return Identity(consumer, self.workspace_numbered(claims.get("bpi")), claims.get("uid", KEY_HOLDER), claims)

    def _basic(self, credential: str) -> Identity:
        try:
            guid, _, key = base64.b64decode(credential, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refusal(401, "Invalid basic authentication token") from None
        workspace = self.keys.workspace.get(key)
        if workspace is None or str(self.state.world.workspace(workspace).synerise_guid) != guid.lower():
            raise Refusal(401, "Bad credentials")
        return Identity("workspace", workspace, KEY_HOLDER, {"apk": key})


def refusal(request: Request, refused: Refusal) -> Response:
    """Synerise's error object: timestamp, status, error, message, path."""
    body = {
        "timestamp": request.app.state.sandbox.clock.moment(),
        "status": refused.status,
        "error": HTTPStatus(refused.status).phrase,
        "message": refused.message,
        "path": request.scope["path"].removeprefix(request.scope.get("root_path", "")),
    }
    return answer(body, refused.status)
