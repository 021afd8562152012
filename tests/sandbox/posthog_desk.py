"""What PostHog tests say again and again: a key, a project's path, a cohort's filters, waiting for its people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.posthog.access import FULL

from .checked import client

Json = dict[str, Any]


class Desk:
    """A client of one project; every answer is checked against the document."""

    def __init__(self, http: httpx.AsyncClient, sandbox: Sandbox, workspace: str) -> None:
        self.http = http
        self.sandbox = sandbox
        self.workspace = workspace
        self.project = f"/api/projects/{sandbox.state.world.workspace(workspace).posthog_project}"
        self.cohorts = f"{self.project}/cohorts/"
        self.persons = f"{self.project}/persons/"

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(path, params=query or None)  # empty ones would wipe out the path's own
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def create(self, status: int = 201, **fields: Any) -> Json:
        return await self.send("POST", self.cohorts, fields, status)

    async def change(self, number: int, status: int = 200, **fields: Any) -> Json:
        return await self.send("PATCH", f"{self.cohorts}{number}/", fields, status)

    async def send(self, method: str, path: str, body: Any, status: int) -> Json:
        answer = await self.http.request(method, path, json=body)
        assert answer.status_code == status, answer.text
        read: Json = answer.json()
        return read

    async def ready(self, number: int) -> Json:
        """The cohort once its people are found."""
        self.sandbox.advance(60)
        found: Json = await self.get(f"{self.cohorts}{number}/")
        assert not found["is_calculating"]
        return found

    async def people_of(self, **fields: Any) -> set[str]:
        """The customer ids of those a new cohort finds."""
        made = await self.create(**fields)
        found = await self.ready(made["id"])
        assert found["last_error_message"] is None, found["last_error_message"]
        page = await self.get(f"{self.cohorts}{made['id']}/persons/", limit=1000)
        people = {person["properties"]["customer_id"] for person in page["results"]}
        assert found["count"] == len(people)
        return people

    async def rows(self, hogql: str) -> list[list[Any]]:
        body = {"query": {"kind": "HogQLQuery", "query": hogql}}
        answer = await self.send("POST", f"{self.project}/query/", body, 200)
        results: list[list[Any]] = answer["results"]
        return results

    async def named(self, name: str) -> Json:
        page = await self.get(self.cohorts, search=name)
        found: Json = next(item for item in page["results"] if item["name"] == name)
        return found

    def ids(self, sql: str, *values: Any) -> set[str]:
        """Customer ids by a query of the world itself, `?` first for the workspace."""
        rows = self.sandbox.state.world.rows(sql, [self.workspace, *values])
        return {row["custom_id"] for row in rows}


@asynccontextmanager
async def desk(sandbox: Sandbox, workspace: str = "main", key: str = FULL.value) -> AsyncIterator[Desk]:
    async with client(sandbox, "posthog", headers={"Authorization": f"Bearer {key}"}) as http:
        yield Desk(http, sandbox, workspace)


def filters(*conditions: Json, inner: str = "AND") -> Json:
    """Filters of one group with these conditions."""
    return {"properties": {"type": "OR", "values": [{"type": inner, "values": list(conditions)}]}}


def did(event: str, value: str = "performed_event", days: int = 30, **more: Any) -> Json:
    return {
        "type": "behavioral",
        "key": event,
        "value": value,
        "event_type": "events",
        "time_value": days,
        "time_interval": "day",
        **more,
    }


def person(key: str, operator: str, value: Any = None, **more: Any) -> Json:
    given = {} if value is None else {"value": value}
    return {"type": "person", "key": key, "operator": operator, **given, **more}
