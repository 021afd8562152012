"""Tools -> what came of calling them with every sort of arguments, and what was wrong with an answer or a request.

Each call goes through the dispatcher of a program over the embedded sandbox, every other one through call_tool. Its
answer is a result or an error of a known kind with a remedy, short, printable and without a secret; the sandbox's
journal is the witness that each request was the tool's own, stayed in its path and did not leave the pinned workspace.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio

from audience_mcp import errors
from audience_mcp.app import App
from audience_mcp.call.asker import NoAsker
from audience_mcp.openapi.operation import Operation
from audience_mcp.results.budget import estimate
from audience_mcp.sandbox.journal import Entry
from audience_mcp.server.dispatch import Told
from audience_mcp.tools.arguments import ArgumentChecker
from audience_mcp.tools.finding import CALL_TOOL, FINDING_NAMES, SEARCH_TOOLS
from audience_mcp.tools.own import DESCRIBE_ARGUMENT, UNDO_CHANGE
from contract.samples import Samples

from .cases import Cases, Known, cases_of
from .world import World, fits

LONGEST_SECONDS = 60.0
MOST_TOKENS = 800
WHOLE = {DESCRIBE_ARGUMENT, SEARCH_TOOLS}  # they give grammars and schemas, which are whole or of no use
SHOWN = 300
KINDS = {one.kind for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.AudienceError)}
HEADER = ("tools", "valid", "invalid", "accepted", "refused", "provider", "internal", "hangs", "slowest")


@dataclass
class Tally:
    """What a run came to; `wrong` holds a line for each violation."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    wrong: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)

    def row(self) -> str:
        """The figures under the header."""
        figures = [str(self.counts[name]) for name in HEADER[:-1]] + [f"{self.slowest[0]:.2f} s {self.slowest[1]}"]
        return "  ".join(text.rjust(max(8, len(name))) for name, text in zip(HEADER, figures, strict=True))


async def fuzzed(world: World, cases: int, seed: int, tools: Sequence[str] | None = None) -> Tally:
    """Call every tool (or some) `cases` times."""
    tally = Tally()
    known = await world.known()
    names = [*known.tools, *sorted(FINDING_NAMES)] if tools is None else tools
    for name in sorted(names, key=lambda name: (_destroys(world.bold, name), name)):
        made = cases_of(world.bold, name, cases, seed, known, await _sample(world, known, name))
        tally.counts["tools"] += 1
        accepted = tally.counts["accepted"]
        for number, arguments in enumerate(made.made):
            # Every third call is made by the careful program, which must not destroy anything unasked.
            await _called(world, made, arguments, tally, careful=number % 3 == 2, wrapped=number % 2 == 1)
        if tally.counts["accepted"] == accepted:
            tally.never.append(name)
    strays = {path.name for path in world.folder.iterdir()} - {"exports"}
    if strays:
        tally.wrong.append(f"export_result: wrote outside its folder: {sorted(strays)}")
    return tally


def _destroys(app: App, name: str) -> bool:
    return bool(app.catalog.wire(name)["annotations"]["destructiveHint"])  # last, so that there is something to ask for


async def _sample(world: World, known: Known, name: str) -> dict[str, Any] | None:
    """Arguments with which a tool does what it is for, as long as the world has what they name."""
    if name == UNDO_CHANGE:
        return {"change": await world.change()}
    operation = next((one for one in world.operations if one.name == name), None)
    if operation is None:
        return known.samples.get(name)
    try:
        return await Samples().of(operation, world.bold)
    except (AssertionError, LookupError, StopIteration, RuntimeError):
        return None


async def _called(
    world: World, cases: Cases, arguments: dict[str, Any], tally: Tally, *, careful: bool, wrapped: bool
) -> None:
    """Make one call and judge it."""
    app = world.careful if careful else world.bold
    obeys = cases.obeys(arguments)
    tally.counts["valid" if obeys else "invalid"] += 1
    name, sent = cases.name, arguments
    if wrapped and name not in FINDING_NAMES:
        name, sent = CALL_TOOL, {"name": cases.name, "arguments": arguments}
    before, began = world.sent(), time.perf_counter()
    told: Told | None = None
    try:
        with anyio.fail_after(LONGEST_SECONDS):
            told = await app.dispatcher.run(name, sent, NoAsker())
    except TimeoutError:
        tally.counts["hangs"] += 1
    except Exception as error:
        tally.wrong.append(_line(cases.name, f"raised {type(error).__name__}", arguments))
        return
    took = time.perf_counter() - began
    tally.slowest = max(tally.slowest, (took, cases.name))
    entries = world.since(before)
    problems = [*_sent_wrongly(world, cases, arguments, entries, careful=careful)]
    if told is None or took > LONGEST_SECONDS:
        problems.append("did not come back in time")
    if told is not None:
        whole = cases.name in WHOLE or (cases.name == CALL_TOOL and str(arguments.get("name")) in WHOLE)
        problems += _told_wrongly(world, told, None if whole else MOST_TOKENS)
        _counted(tally, told)
    if not obeys and (entries or (told and not told.is_error)) and _is_refused(cases, arguments):
        problems.append("took what its schema refuses")
    tally.wrong += [_line(cases.name, problem, arguments) for problem in problems]


def _counted(tally: Tally, told: Told) -> None:
    if not told.is_error:
        tally.counts["accepted"] += 1
    elif told.structured["error"]["kind"] == "internal":
        tally.counts["internal"] += 1
    else:
        tally.counts["provider" if told.structured["error"]["status"] else "refused"] += 1


def _told_wrongly(world: World, told: Told, most: int | None) -> list[str]:
    """What is wrong with an answer as it is read."""
    wrong = []
    if told.is_error:
        error = told.structured["error"]
        if error["kind"] == "internal" or error["kind"] not in KINDS:
            wrong.append(f"error of kind {error['kind']}: {error['message']}")
        if not error["message"].strip() or not error["remedy"].strip():
            wrong.append("an error without words or remedy")
    if not told.text.replace("\n", "").isprintable():
        wrong.append(f"unprintable: {told.text!r}")
    try:
        structured = json.dumps(told.structured, ensure_ascii=False, allow_nan=False)
        structured.encode()
    except ValueError as error:
        return [*wrong, f"no JSON: {error}"]
    asks = told.is_error and told.structured["error"]["kind"] == errors.ConfirmationRequired.kind  # names all that goes
    if most is not None and not asks and max(estimate(told.text), estimate(structured)) > most:
        wrong.append(f"longer than {most} tokens")
    if any(secret in told.text or secret in structured for secret in world.secrets()):
        wrong.append("a secret is told")
    return wrong


def _sent_wrongly(
    world: World, cases: Cases, arguments: dict[str, Any], entries: list[Entry], *, careful: bool
) -> list[str]:
    """What is wrong with the requests of one call."""
    if not entries:
        return []
    if cases.name == CALL_TOOL:
        inner = arguments.get("name")
        operation = next((one for one in world.operations if one.name == inner), None)
        given = arguments.get("arguments")
        allowed, meant = world.own(operation, str(inner)), given if isinstance(given, dict) else {}
    else:
        operation, meant = cases.operation, arguments
        allowed = world.own(operation, cases.name)
    wrong = []
    for entry in entries:
        where = f"{entry.method} {entry.path[:SHOWN]}"
        if entry.status >= 500:
            wrong.append(f"the sandbox itself failed: {where}")
        if world.looks(entry) and not (operation and fits(operation, entry)):
            continue
        if not any(fits(one, entry) for one in allowed):
            wrong.append(f"sent what is not its own: {where}")
        if entry.workspace not in (None, world.pinned):
            wrong.append(f"left its workspace for {entry.workspace}: {where}")
        if careful and operation and _destroyed(operation, meant, entry):
            wrong.append(f"destroyed unasked: {where}")
    return wrong


def _destroyed(operation: Operation, arguments: dict[str, Any], entry: Entry) -> bool:
    return operation.access != "read" and operation.destroys(arguments) and fits(operation, entry)


def _is_refused(cases: Cases, arguments: dict[str, Any]) -> bool:
    """Whether the arguments break the schema even after text was read as the JSON that it holds."""
    try:
        return not cases.obeys(ArgumentChecker(cases.name, cases.schema).check(arguments))
    except errors.InvalidArguments:
        return True


def _line(name: str, problem: str, arguments: dict[str, Any]) -> str:
    try:
        shown = json.dumps(arguments)
    except RecursionError:
        shown = "(nested deep)"
    return f"{name}: {problem}\n    {shown[:SHOWN]}"
