"""What Synerise tests say again and again: log in, list, read, calculate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from audience_mcp.sandbox import Sandbox

from .checked import client

V3 = "/analytics/analytics/v3"
REPORTS = "/analytics/analytics/v4/reports"


class Desk:
    """A client that is logged in."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None) -> Any:
        answer = await self.http.post(path, json=body) if body is not None else await self.http.post(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The error body of a request that must fail."""
        answer = await self.http.request(method, path, json=body)
        assert answer.status_code >= 400, answer.text
        error: dict[str, Any] = answer.json()
        assert error.keys() == {"timestamp", "status", "error", "message", "path"}
        assert error["status"] == answer.status_code
        return error

    async def id_of(self, kind: str, name: str) -> str:
        page = await self.get(f"/analytics/profiles/{kind}s", search=name)
        return str(next(item["id"] for item in page["data"] if item["name"] == name))

    async def definition(self, kind: str, name: str) -> dict[str, Any]:
        saved = await self.get(f"/analytics/profiles/{kind}s/{await self.id_of(kind, name)}")
        found: dict[str, Any] = saved["analysis"]
        return found


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def last(days: int) -> dict[str, Any]:
    return {"type": "RELATIVE", "offset": {"type": "DAYS", "value": 0}, "duration": {"type": "DAYS", "value": days}}


@asynccontextmanager
async def by_key(sandbox: Sandbox, label: str = "") -> AsyncIterator[Desk]:
    """A desk of the workspace whose key has this label (`__OUTLET`)."""
    async with client(sandbox, "synerise") as http:
        key = sandbox.environment("http://x")[f"SYNERISE_API_KEY{label}"]
        answer = await http.post("/uauth/v2/auth/login/profile", json={"apiKey": key})
        http.headers.update(bearer(answer.json()["token"]))
        yield Desk(http)


@asynccontextmanager
async def by_user(sandbox: Sandbox, workspace: str | None = "main") -> AsyncIterator[Desk]:
    """A desk of the user without a second factor, in a workspace or in none."""
    environment = sandbox.environment("http://x")
    login = {"username": environment["SYNERISE_USERNAME"], "password": environment["SYNERISE_PASSWORD"]}
    async with client(sandbox, "synerise") as http:
        http.headers.update(bearer((await http.post("/uauth/auth/login/user", json=login)).json()["token"]))
        if workspace is not None:
            guid = sandbox.state.world.workspace(workspace).synerise_guid
            answer = await http.post(f"/uauth/auth/login/user/profile/{guid}")
            http.headers.update(bearer(answer.json()["token"]))
        yield Desk(http)
