"""A whole program with made-up credentials, called as a client calls it; the HTTP edge belongs to the test."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import respx

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.call.asker import Asker, NoAsker
from audience_mcp.errors import AudienceError
from audience_mcp.server.dispatch import Told

NOW = 1_800_000_000.0
SECRETS = {
    "SYNERISE_API_KEY": "sandbox-key-5ecret",
    "SYNERISE_PROFILE_API_KEY": "sandbox-profile-5ecret",
    "SYNERISE_PROFILE_PASSWORD": "sandbox-profile-password-5ecret",
    "SYNERISE_IDENTITY_PROVIDER_TOKEN": "sandbox-identity-5ecret",
    "POSTHOG_API_KEY": "phx_sandbox5ecret",
    "FARADAY_API_KEY": "prod_fdysec_sandbox5ecret",
    "GIOSG_API_TOKEN": "sandbox-giosg-5ecret",
}
USER = {
    "SYNERISE_USERNAME": "robin@example.org",
    "SYNERISE_PASSWORD": "sandbox-password-5ecret",
    "SYNERISE_EXTERNAL_PROVIDER_TOKEN": "sandbox-external-5ecret",
}
ORGANIZATION = "11111111-2222-4333-8444-555555555555"
WORKSPACES = {"POSTHOG_PROJECT_ID": "7", "GIOSG_ORGANIZATION_ID": ORGANIZATION}
HOSTS = {
    "synerise": "https://api.synerise.com",
    "posthog": "https://us.posthog.com",
    "faraday": "https://api.faraday.ai",
    "giosg": "https://api.giosg.com",
}
SERVICE = "https://service.giosg.com"


def jwt(**claims: Any) -> str:
    """A token as Synerise would sign it; nobody here checks the signature."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)] + [b"5ecret-signature"]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


TOKEN = jwt(exp=NOW + 3600, bpi=48)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """A wait that is over at once, for everything but the clock."""
        self.now += seconds


@dataclass
class Desk:
    """One running program, and the edge its requests arrive at."""

    app: App
    edge: respx.MockRouter
    clock: Clock

    async def run(self, tool: str, asker: Asker | None = None, /, **arguments: Any) -> Told:
        """What a model gets for this call."""
        return await self.app.dispatcher.run(tool, arguments, asker or NoAsker())

    async def data(self, tool: str, /, **arguments: Any) -> Any:
        """The stored answer of a call that goes well."""
        return self.kept(good(await self.run(tool, **arguments)))

    async def refused(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """The error of a call that fails."""
        return error(await self.run(tool, **arguments))

    def kept(self, told: Told) -> Any:
        """The full data behind an answer."""
        assert told.outcome is not None and told.outcome.handle is not None
        return self.app.store.get(told.outcome.handle).answer().value

    def sent(self, *names: str) -> list[httpx.Request]:
        """The requests that arrived, log-ins and the lookups for names and workspaces left out."""
        lookups = (
            "/login/profile",
            "/permission-check",
            "/projects/7/",
            "/accounts/current",
            "/users/me",
            "/users/@me/",
        )
        return [
            call.request
            for call in self.edge.calls
            if not call.request.url.path.endswith(lookups) or call.request.url.path.endswith(names or ("\0",))
        ]


def good(told: Told) -> Told:
    """An answer that is no error."""
    assert not told.is_error, told.text
    return told


def error(told: Told) -> dict[str, Any]:
    """The error of an answer, whole: every key there, the text saying the same."""
    assert told.is_error, told.text
    found: dict[str, Any] = told.structured["error"]
    assert set(found) == set(AudienceError("", "").structured())
    assert found["kind"] != "internal", told.text
    assert found["message"] in told.text and found["remedy"] in told.text
    return found


def opened(
    edge: respx.MockRouter, environment: Mapping[str, str], *, wiring: Mapping[str, Any] | None = None, **flags: Any
) -> Desk:
    """A program for these variables and flags; `wiring` are further arguments of `build_app`."""
    clock = Clock()
    return Desk(
        build_app(read_settings(flags, environment), clock=clock, sleep=clock.sleep, **(wiring or {})), edge, clock
    )


def courtesies(edge: respx.MockRouter) -> None:
    """What is asked beside the call itself: the log-in, and the names of workspaces."""
    synerise, posthog, faraday = HOSTS["synerise"], HOSTS["posthog"], HOSTS["faraday"]
    edge.post(f"{synerise}/uauth/v2/auth/login/profile", name="log_in").respond(json={"token": TOKEN})
    edge.post(f"{synerise}/uauth/api-key/permission-check").respond(json={"businessProfileName": "Meadow"})
    edge.get(f"{posthog}/api/projects/7/").respond(json={"id": 7, "name": "Meadow", "timezone": "Europe/Warsaw"})
    edge.get(f"{faraday}/v1/accounts/current").respond(json={"id": "acc-1", "name": "Meadow"})
    edge.get(f"{SERVICE}/api/v5/users/me").respond(
        json={"organization_id": ORGANIZATION, "organization": {"name": "Meadow"}}
    )
