"""Operations made for a test, without a document."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from audience_mcp.openapi.operation import Operation
from audience_mcp.rest.request import Request

BASE = "https://api.test"
TOKEN = "token-that-must-not-travel"


def operation(
    path: str = "/things", method: str = "GET", *, tool: dict[str, Any] | None = None, **parts: Any
) -> Operation:
    """A read of a provider named posthog, unless `tool` says otherwise."""
    return Operation.model_validate(
        {
            "id": "read_thing",
            "provider": "posthog",
            "toolset": "things",
            "title": "Read a thing",
            "description": "One thing by its id.",
            "method": method,
            "path": path,
            "base": "api",
            "arguments": [],
            "tool": {"access": "read", "contract": "seed", **(tool or {})},
            **parts,
        }
    )


def argument(name: str, place: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "place": place, **more}


def request(url: str = f"{BASE}/things", method: str = "GET", **parts: Any) -> Request:
    headers = {"Accept": SecretStr("application/json"), "Authorization": SecretStr(f"Bearer {TOKEN}")}
    return Request(method=method, url=url, headers=headers, **parts)
