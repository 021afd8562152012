"""Synerise's log-in operations as the public pages describe them, answered at the HTTP edge."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import httpx
import respx
from anyio.lowlevel import checkpoint

from .rig import Clock, jwt

HOST = "https://api.synerise.com"
MAIN = "11111111-aaaa-4bbb-8ccc-000000000048"
OUTLET = "22222222-aaaa-4bbb-8ccc-000000000049"
KEYS = {"sandbox-key-main": 48, "sandbox-key-outlet": 49}
PASSWORD, CODE = "sandbox-password", "246810"
KEY_ENV = {"SYNERISE_API_KEY": "sandbox-key-main"}
USER_ENV = {"SYNERISE_USERNAME": "robin@example.org", "SYNERISE_PASSWORD": PASSWORD}


class SyneriseEdge:
    """Counts what was asked (`asked`), and knows which tokens are good (`good`: token -> who, workspace)."""

    def __init__(self, router: respx.MockRouter, clock: Clock) -> None:
        self.clock = clock
        self.lifetime: float | None = 3600
        self.methods: list[str] = []
        self.names_allowed = True
        self.open = {MAIN: 48, OUTLET: 49}  # what the user may enter
        self.items: Any = [
            {"id": 48, "guid": MAIN, "name": "Meadow"},
            {"id": 49, "guid": OUTLET, "name": "Outlet"},
        ]
        self.minted = 0
        self.asked: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.good: dict[str, tuple[str, int | None]] = {}
        self.seen: list[tuple[str, int | None]] = []
        router.route(host="api.synerise.com").mock(side_effect=self._slowly)

    def forget_tokens(self) -> None:
        """The provider ends every session before its time."""
        self.good.clear()

    async def _slowly(self, request: httpx.Request) -> httpx.Response:
        await checkpoint()  # other calls get their turn, as they would on a network
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        body: Any = json.loads(request.content or b"null")
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if path == "/uauth/v2/auth/login/profile":
            self.asked["log_in_workspace"] += 1
            number = KEYS.get(body["apiKey"])
            return self._token("key", number) if number else _refused(401)
        if path == "/uauth/auth/login/user":
            self.asked["log_in_user"] += 1
            self.bodies.append(body)
            waits = "waiting" if self.methods else "user"
            good = body["password"] == PASSWORD
            return self._token(waits, None, mfaMethods=self.methods) if good else _refused(401)
        if path.startswith("/sauth/v3/auth/login/"):
            return self._token("profile", None)
        who, workspace = ("basic", 48) if scheme == "Basic" else self.good.get(text, ("nobody", None))
        if who == "nobody":
            return _refused(401, f"bad token {text}")
        if path == "/uauth/auth/login/user/mfa/verification":
            self.asked["verify"] += 1
            self.bodies.append(body)
            return self._token("user", None) if body["verificationCode"] == CODE else _refused(401, "wrong code")
        if path.startswith("/uauth/auth/login/user/profile/"):
            self.asked["select"] += 1
            number = self.open.get(path.rpartition("/")[2])
            return self._token("user", number) if who == "user" and number else _refused(403)
        if path == "/uauth/business-profile/":
            self.asked["list"] += 1
            return httpx.Response(200, json=self.items) if who == "user" else _refused(403)
        if path == "/uauth/api-key/permission-check":
            self.asked["check"] += 1
            name = {48: "Meadow", 49: "Outlet"}[workspace or 48]
            return httpx.Response(200, json={"businessProfileName": name}) if self.names_allowed else _refused(403)
        if path == "/sauth/v3/auth/refresh/client":
            return self._token("profile", None) if who == "profile" else _refused(403)
        self.seen.append((who, workspace))
        return httpx.Response(200, json={"data": []})

    def _token(self, who: str, workspace: int | None, **more: Any) -> httpx.Response:
        claims: dict[str, Any] = {"bpi": workspace, "n": self.minted, "who": who, "at": self.clock()}
        if self.lifetime is not None:
            claims["exp"] = self.clock() + self.lifetime
        self.minted += 1
        token = jwt(**claims)
        self.good[token] = (who, workspace)
        return httpx.Response(200, json={"token": token, "consumer": {"name": "robin@example.org"}, **more})


def _refused(status: int, message: str = "no") -> httpx.Response:
    return httpx.Response(status, json={"status": status, "error": "Refused", "message": message})
