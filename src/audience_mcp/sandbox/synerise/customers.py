"""The log-ins of the shop's customers (profiles), which never give access to analytics."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, Refusal, answer
from audience_mcp.sandbox.customers import Customer, find, welcome
from audience_mcp.sandbox.synerise.accounts import IDENTITY_PROVIDER_TOKEN, PROFILE_PASSWORD
from audience_mcp.sandbox.synerise.service import Identity, Service


def routes(service: Service) -> list[Route]:
    """The customers' routes."""
    counter = _Counter(service)
    return [
        service.route("POST", "/sauth/v3/auth/login/client", counter.log_in),
        service.route("POST", "/sauth/v3/auth/login/client/server", counter.log_in_from_server, "workspace"),
        service.route("POST", "/sauth/v3/auth/login/client/conditional", counter.log_in_conditionally, "profile"),
        service.route("POST", "/sauth/v3/auth/login/client/anonymous", counter.log_in_anonymously),
        service.route("POST", "/sauth/v3/auth/refresh/client", counter.refresh, "profile"),
    ]


class _Counter:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._world = service.state.world

    def log_in(self, call: Call, identity: Identity) -> Response:
        return answer({"token": self._token_for(call, self._person(call, may_create=True))})

    def log_in_from_server(self, call: Call, identity: Identity) -> Response:
        if self._workspace(call) != identity.workspace:
            raise Refusal(403, "The profile API key belongs to another workspace")
        return answer({"token": self._token_for(call, self._person(call, may_create=True))})

    def log_in_conditionally(self, call: Call, identity: Identity) -> Response:
        person = self._person(call, may_create=False)
        described = self._described(
            self._token_for(call, person), "client", person["custom_id"], call.body["identityProvider"]
        )
        return answer({"conditions": [], "status": "SUCCESS", **described})

    def log_in_anonymously(self, call: Call, identity: Identity) -> Response:
        workspace = self._world.workspace(self._workspace(call))
        token = self._service.token(
            "anonymous_client", workspace, sub=call.body["uuid"], apk=call.body["apiKey"], dev=call.body.get("deviceId")
        )
        return answer({"token": token})

    def refresh(self, call: Call, identity: Identity) -> Response:
        if self._workspace(call) != identity.workspace:
            raise Refusal(403, "The profile API key belongs to another workspace")
        kept = {name: value for name, value in identity.claims.items() if name not in ("exp", "ctd", "rlm", "bpi")}
        realm = identity.claims["rlm"]
        token = self._service.token(realm, self._world.workspace(identity.workspace), **kept)
        return answer(self._described(token, realm, identity.claims.get("cid"), "SYNERISE"))

    def _workspace(self, call: Call) -> str:
        found = self._service.keys.profile.get(call.body["apiKey"])
        if found is None:
            raise Refusal(401, "Invalid API key")
        call.runs_in(found)
        return found

    def _person(self, call: Call, may_create: bool) -> dict[str, Any]:
        """The profile that logs in; one who comes from outside with a good token may be new.

        What else the request tells of the customer is written down, unless the log-in may create nobody.

        Raises:
            Refusal: 400 for what is missing, 401 for what is wrong.
        """
        workspace, body = self._world.workspace(self._workspace(call)), call.body
        own = body["identityProvider"] == "SYNERISE"
        for name in ("uuid", "password") if own else ("identityProviderToken",):
            if not body.get(name):
                raise Refusal(400, f"{name} is required for identity provider {body['identityProvider']}")
        if (own and body["password"] != PROFILE_PASSWORD) or (
            not own and body["identityProviderToken"] != IDENTITY_PROVIDER_TOKEN
        ):
            raise Refusal(401, "Bad credentials")
        customer = _customer(body)
        known = find(self._world, workspace, customer)
        if known is None and (own or not may_create):
            raise Refusal(401, "Bad credentials")
        if known is not None and not may_create:
            return known
        moment = min(self._service.state.clock.moment().replace(tzinfo=None), self._world.now)
        return welcome(self._world, workspace, customer, moment)

    def _token_for(self, call: Call, person: dict[str, Any]) -> str:
        return self._service.token(
            "client",
            self._world.workspace(self._workspace(call)),
            sub=str(person["uuid"]),
            clId=person["profile_id"],
            eml=person["email"],
            cid=person["custom_id"],
            apk=call.body["apiKey"],
        )

    def _described(self, token: str, realm: str, custom_id: str | None, origin: str) -> dict[str, Any]:
        now = self._service.state.clock()
        return {
            "token": token,
            "expiration": int(now) + self._service.state.token_seconds,
            "created": int(now * 1000),
            "origin": origin,
            "customId": custom_id or "",
            "realm": realm,
        }


def _customer(body: dict[str, Any]) -> Customer:
    """Who logs in, by the body; one from outside without a name is known by the provider alone.

    Of `attributes`, those the retailer keeps are read; the agreement for e-mails is the newsletter.
    """
    email = str(body["email"]).strip().lower() if body.get("email") else None
    custom_id = str(body["customId"]) if body.get("customId") not in (None, "") else None
    provider = body["identityProvider"]
    if email is None and custom_id is None:
        if provider == "SYNERISE":
            raise Refusal(400, "email or customId is required for identity provider SYNERISE")
        email = f"customer@{provider.lower()}.example"
    told = {name: value for name, value in (body.get("attributes") or {}).items() if name != "newsletter"}
    agreed = (body.get("agreements") or {}).get("email")
    if agreed is not None:
        told["newsletter"] = str(agreed).lower() in ("true", "1")
    return Customer(email, custom_id, _uuid(body.get("uuid")), told)


def _uuid(written: str | None) -> UUID | None:
    try:
        return UUID(written or "")
    except ValueError:
        return None
