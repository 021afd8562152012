"""Plans over the packaged documents, and a provider of a few lines that answers them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from audience_mcp.contract.probing.candidates import Candidate, candidates, neighbours
from audience_mcp.contract.probing.judging import Answered
from audience_mcp.contract.probing.plan import Ask, Plan, make_plan
from audience_mcp.contract.probing.running import Findings, Probe
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers import PROVIDERS
from audience_mcp.tools.catalog import Catalog, Offer

SYNERISE = "synerise"


@cache
def catalog() -> Catalog:
    return Catalog(Offer(tuple(provider.id for provider in PROVIDERS)))


def operations(provider: str = SYNERISE) -> list[Operation]:
    return catalog().operations(provider)


def operation(name: str) -> Operation:
    return catalog().operation(SYNERISE, name).operation


def schema(name: str) -> Mapping[str, Any]:
    return catalog().operation(SYNERISE, name).schema


def plan(most: int = 40, among: list[Operation] | None = None) -> Plan:
    return make_plan(SYNERISE, among or operations(), schema, most)


def places(name: str, among: list[Operation] | None = None) -> list[str]:
    """Where an operation is looked for: METHOD /path."""
    known = among or operations()
    (sought,) = (one for one in known if one.id == name)
    return [f"{one.method} {one.path}" for one in candidates(sought, neighbours(known))]


def candidate(name: str, number: int = 0) -> Candidate:
    return candidates(operation(name), neighbours(operations()))[number]


@dataclass(frozen=True)
class Answer:
    """A reply as the client would give it."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


def answer(status: int, value: Any = None, **headers: str) -> Answer:
    told = {"content-type": "application/json", **headers}
    return Answer(status, json.dumps(value).encode(), told)


def no_route(ask: Ask) -> Answer:
    return answer(404, {"status": 404, "message": "Not Found", "path": ask.target})


def unknown_id(ask: Ask) -> Answer:
    return answer(404, {"status": 404, "message": "Object not found", "path": ask.target})


def refusing(ask: Ask) -> Answer:
    return answer(400, {"status": 400, "message": "analysis: must not be null", "path": ask.target})


def answered(ask: Ask, reply: Answer) -> Answered:
    return Answered(ask, reply)


@dataclass
class Provider:
    """Answers requests by a rule and remembers them."""

    rule: Callable[[Ask], Answer]
    asked: list[Ask] = field(default_factory=list)

    async def send(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        return self.rule(ask)


async def probed(rule: Callable[[Ask], Answer], made: Plan | None = None) -> tuple[Findings, Provider]:
    provider = Provider(rule)
    findings = await Probe(made or plan(), provider.send, lambda ask, status, said: None).run()
    return findings, provider
