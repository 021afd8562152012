"""Unconfirmed operations -> the harmless requests that may be sent to find out where they are; no other is sent."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from audience_mcp.contract.probing.candidates import Candidate, Neighbours, candidates, neighbours
from audience_mcp.contract.probing.resource import CONFIRMED
from audience_mcp.contract.templates import is_parameter, segments, settled
from audience_mcp.openapi.operation import Operation

NIL = "00000000-0000-0000-0000-000000000000"
WRITES = "not probed: it changes something, and no request would be harmless"
NOTHING_BESIDE = "not probed: no documented operation beside it shows what a harmless request would be"

Schemas = Callable[[str], Mapping[str, Any]]
"""Operation id -> the schema of its arguments."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `target` keeps the parameter that names the workspace; `body` says that `{}` is sent.

    `operation` is the one by whose credential, host and limits it is sent.
    """

    method: str
    target: str
    body: bool = False
    operation: Operation = field(compare=False, kw_only=True)
    why: str = field(default="", compare=False, kw_only=True)

    def by_options(self) -> Ask:
        """The same address, only asked what it takes."""
        return replace(self, method="OPTIONS", body=False, why="asks what the address takes")


@dataclass(frozen=True, slots=True)
class Trial:
    """A candidate, its request, and one beside it that cannot exist: answered alike, they prove nothing."""

    candidate: Candidate
    ask: Ask
    control: Ask


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a probe may send, and of that at most `most` requests.

    `known` reads an object that does not exist at a documented address; `missing` are two addresses that cannot exist.
    """

    provider: str
    most: int
    known: Ask | None
    missing: tuple[Ask, ...]
    trials: tuple[Trial, ...]
    left_out: tuple[tuple[Operation, str], ...]

    def requests(self) -> frozenset[Ask]:
        """Every request that may be sent, each also in its form that only asks what the address takes."""
        pairs = [one for trial in self.trials for one in (trial.ask, trial.control)]
        listed = {*self.missing, *([self.known] if self.known else ()), *pairs}
        return frozenset(listed | {one.by_options() for one in listed})

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Those that are probed, in the document's order."""
        return tuple({trial.candidate.operation.id: trial.candidate.operation for trial in self.trials}.values())


def make_plan(provider: str, operations: Sequence[Operation], schemas: Schemas, most: int) -> Plan:
    """Plan the requests for a provider's unconfirmed operations; nothing is sent."""
    around = neighbours(operations)
    word = f"nonexistent-{secrets.token_hex(4)}"
    trials: list[Trial] = []
    left_out: list[tuple[Operation, str]] = []
    controls: dict[tuple[object, ...], Ask] = {}
    for operation in operations:
        if operation.tool.contract in CONFIRMED or operation.tool.internal:
            continue
        found = candidates(operation, around)
        if not found:
            left_out.append((operation, WRITES if operation.access != "read" else NOTHING_BESIDE))
        for candidate in found:
            ask = _ask(candidate, candidate.path, schemas)
            control = _ask(candidate, _beside(candidate, word), schemas)
            trials.append(Trial(candidate, ask, controls.setdefault(_family(candidate), control)))
    missing: tuple[Ask, ...] = ()
    if trials:
        first = trials[0].control
        missing = (first, replace(first, target=first.target.replace(word, f"nonexistent-{secrets.token_hex(4)}")))
    return Plan(provider, most, _known(trials, around, schemas), missing, tuple(trials), tuple(left_out))


def _ask(candidate: Candidate, path: str, schemas: Schemas) -> Ask:
    operation = candidate.operation
    target = _filled(path, operation, schemas(operation.id))
    why = "reads" if candidate.method == "GET" else "an empty definition"
    why += " of an id that nothing has" if NIL in target else ""
    return Ask(candidate.method, target, candidate.method == "POST", operation=operation, why=why)


def _filled(path: str, operation: Operation, schema: Mapping[str, Any]) -> str:
    """The path with ids that nothing has; the parameter of the workspace is filled when it is known."""
    known = schema.get("properties", {})

    def value(part: str) -> str:
        name = part.strip("{}")
        if not is_parameter(part) or name == operation.workspace_parameter:
            return part
        told = known.get(name, {})
        if told.get("enum"):
            return str(told["enum"][0])
        return "0" if told.get("type") in ("integer", "number") else NIL

    slash = "/" if operation.path.endswith("/") else ""
    return "/" + "/".join(value(part) for part in settled(segments(path), operation)) + slash


def _beside(candidate: Candidate, word: str) -> str:
    """The path with the word for what is done (for a list: the resource) replaced by one that means nothing."""
    template = candidate.template
    place = next((place for place, part in enumerate(template.tail) if not is_parameter(part)), None)
    if place is None:
        return replace(template, word=word).path
    return replace(template, tail=(*template.tail[:place], word, *template.tail[place + 1 :])).path


def _family(candidate: Candidate) -> tuple[object, ...]:
    """What addresses have in common that one control serves: method, head, and the form of the tail."""
    form: list[bool] = []
    for part in candidate.template.tail:
        if is_parameter(part) or not form or form[-1]:
            form.append(is_parameter(part))
    return candidate.method, settled(candidate.template.head, candidate.operation), tuple(form)


def _known(trials: Sequence[Trial], around: Neighbours, schemas: Schemas) -> Ask | None:
    """A documented read of an object, asked for one that does not exist."""
    toolsets = {trial.candidate.operation.toolset for trial in trials}
    for operation in around.operations:
        parameter = any(one.place == "path" for one in operation.arguments)
        alone = not any(one.required and one.place != "path" for one in operation.arguments)
        documented = operation.tool.contract in CONFIRMED and operation.access == "read" and operation.method == "GET"
        if documented and parameter and alone and operation.toolset in toolsets:
            target = _filled(operation.path, operation, schemas(operation.id))
            return Ask("GET", target, operation=operation, why="a documented address with an id that nothing has")
    return None
