"""A plan and what came of it -> the lines a person reads."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from audience_mcp.contract.probing.plan import Ask, Plan
from audience_mcp.contract.probing.running import Finding, Findings
from audience_mcp.contract.probing.sending import PACE
from audience_mcp.results.wording import counted

WIDTH = 110


def listing(plan: Plan) -> Iterator[str]:
    """Every request that may be sent, and why it is harmless; then what is not probed, and what to do about it."""
    reads = len(plan.operations)
    if reads:
        yield (
            f"{plan.provider}: {counted(reads, 'read')} with an unconfirmed path. At most {plan.most} of the requests"
            f" below are sent, {PACE.requests} in {PACE.seconds} s, and none for an operation that is proven already."
        )
        yield "No request names an object that exists, and none is at an address that may be that of a write we know."
        yield "\nfor comparison, as far as needed"
        if plan.known is not None:
            yield _line(plan.known, plan.known.why)
        for ask in dict.fromkeys((*plan.missing, *(trial.control for trial in plan.trials))):
            yield _line(ask, "cannot exist")
        yield "  OPTIONS on two of these; where it tells what an address takes, OPTIONS goes in place of POST below"
    for operation in plan.operations:
        yield f"\n{operation.name}"
        for trial in plan.trials:
            if trial.candidate.operation.id == operation.id:
                yield _line(trial.ask, f"{trial.candidate.change}; {trial.ask.why}")
    for reason in dict.fromkeys(reason for _, reason in plan.left_out):
        names = [operation.name for operation, other in plan.left_out if other == reason]
        yield f"\n{reason}"
        yield _names(names)
        yield f"  `audience-mcp contract import {plan.provider}` makes these certain."


def step(ask: Ask, status: int, said: str) -> str:
    """One request that was sent, and what it proves."""
    return f"  {status}  {ask.method:7} {ask.target}\n       {said}"


def summary(provider: str, findings: Findings) -> Iterator[str]:
    """What is proven, disproven and still unknown, after so many requests."""
    yield f"\n{counted(findings.requests, 'request')} {'answered' if findings.remedy else 'sent'}." + (
        f" Stopped: {findings.stopped}." if findings.stopped else ""
    )
    if findings.remedy:
        yield f"Next: {findings.remedy}"
    if not findings.requests:
        return
    proven = findings.of("proven")
    yield f"\nproven: {len(proven)}"
    for one in proven:
        assert one.trial is not None
        candidate = one.trial.candidate
        yield f"  {one.operation.name}: {candidate.method} {candidate.path}" + (
            " (our guess)" if candidate.is_ours else f" (ours was {one.operation.method} {one.operation.path})"
        )
    yield from _reasons("disproven", findings.of("disproven"))
    yield from _reasons("still unknown", findings.of("unknown"))
    if len(proven) < len(findings.found):
        yield (
            f"What is not proven stays as it was. `audience-mcp contract import {provider}` takes it from the"
            " provider's own document" + ("; probe again with a higher --most to go on." if findings.limited else ".")
        )


def _reasons(title: str, found: Iterable[Finding]) -> Iterator[str]:
    known = list(found)
    yield f"\n{title}: {len(known)}"
    for said in dict.fromkeys(one.said for one in known):
        yield f"  {said}"
        yield _names([one.operation.name for one in known if one.said == said])


def _line(ask: Ask, said: str) -> str:
    body = " {}" if ask.body else ""
    return f"  {ask.method:4} {ask.target}{body}   {said}"


def _names(names: Iterable[str]) -> str:
    return textwrap.fill(", ".join(names), WIDTH, initial_indent="    ", subsequent_indent="    ")
