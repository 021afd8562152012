"""Documents -> generated requests, good and bad ones -> what the sandbox answered that its documents do not say.

    python -m fuzz [--provider NAME ...] [--examples N] [--seconds N] [--seed N]

Every operation gets `examples` requests that obey its document, as many that do so with values that make sense here
(sure), and as many that break it (bad), all with good credentials; without time left a run goes on with fewer. Then it
gets what no client would write (odd). Exit code 1 when an answer was a 5xx or not as documented.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from audience_mcp.sandbox import Sandbox, serving
from audience_mcp.sandbox.contract import contract_of
from sandbox.checked import check

from .door import Door, door
from .wire import wired

PROVIDERS = ("posthog", "faraday", "giosg", "synerise")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = {"sure": GenerationMode.POSITIVE, "good": GenerationMode.POSITIVE, "bad": GenerationMode.NEGATIVE}
SHOWN = 700


@dataclass
class Tally:
    """What one document's run came to: statuses by kind of request, a sentence for each different failure."""

    answers: Counter[str] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    idle: set[str] = field(default_factory=set)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)  # of each operation, the fullest that was taken

    def line(self, provider: str) -> str:
        """The run in a line."""
        counts = ", ".join(f"{count} {name}" for name, count in sorted(self.answers.items()))
        idle = f"; never answered 2xx: {', '.join(sorted(self.idle))}" if self.idle else ""
        return f"{provider}: {len(self.operations)} operations, {counts}, {len(self.failures)} failures{idle}"


def main() -> int:
    """Run and tell."""
    options = _options()
    sandbox = Sandbox(today=date.today(), profiles=200, events=4000, token_seconds=86_400, limits=0)
    failed = False
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serving(sandbox)) as base:
        for provider in options.provider:
            tally = _fuzz(sandbox, provider, f"{base}/{provider}", options)
            print(tally.line(provider), flush=True)
            for (operation, title), text in sorted(tally.failures.items()):
                print(f"  {operation}: {title}\n    {text}")
            failed |= bool(tally.failures)
    return int(failed)


def _fuzz(sandbox: Sandbox, provider: str, base: str, options: argparse.Namespace) -> Tally:
    """Every operation of one document; what deletes comes last, so that there is something to ask about."""
    found = door(sandbox, provider, base)
    document = contract_of(provider).document.raw
    tally, end = Tally(), time.monotonic() + options.seconds
    original = _operations(document)
    plain = _operations(found.opened(document, sure=False))
    for number, (name, operation) in enumerate(plain.items()):
        sure = _operations(found.for_operation(name).opened(_only(document, operation), sure=True))
        share = (end - time.monotonic()) / (len(plain) - number) / len(MODES)
        headers = found.headers_of(operation.definition.raw)
        tally.operations.add(name)
        before = _successes(tally)
        for kind, mode in MODES.items():
            strategy = (sure[name] if kind == "sure" else operation).as_strategy(generation_mode=mode)
            _ask(strategy, options, _asker(original[name], kind, base, headers, tally, time.monotonic() + share))
        if _successes(tally) == before:
            tally.idle.add(name)
    _ask_oddly(sandbox, provider, found, base, tally)
    return tally


def _ask_oddly(sandbox: Sandbox, provider: str, found: Door, base: str, tally: Tally) -> None:
    """What no client would write, to every operation; what deletes comes last here too."""
    contract = sandbox.state.contract(provider)
    with httpx.Client(base_url=base, timeout=30, trust_env=False) as http:
        for entry in sorted(contract.document.entries(), key=lambda entry: entry.method == "delete"):
            name = str(entry.node["operationId"])
            for request in wired(entry, found, tally.bodies.get(name)):
                answer = request.send(http)
                tally.answers[f"odd {answer.status_code // 100}xx"] += 1
                try:
                    assert answer.status_code < 500, "Server error"
                    if not request.astray:
                        check(contract, entry, answer)
                except (AssertionError, ValueError) as wrong:
                    asked = f"{request.method} {request.path[:200]} {(request.body or b'')[:200]!r}"
                    found_wrong = f"{str(wrong)[:SHOWN]}\n    {asked}"
                    tally.failures.setdefault((name, f"{answer.status_code} odd"), found_wrong)


def _only(document: dict[str, Any], operation: Any) -> dict[str, Any]:
    """The document with one path."""
    return {**document, "paths": {operation.path: document["paths"][operation.path]}}


def _operations(raw: dict[str, Any]) -> dict[str, Any]:
    found = [
        result.ok() for result in schemathesis.openapi.from_dict(raw).get_all_operations() if isinstance(result, Ok)
    ]
    ordered = sorted(found, key=lambda operation: operation.method.upper() == "DELETE")
    return {str(operation.definition.raw["operationId"]): operation for operation in ordered}


def _ask(strategy: Any, options: argparse.Namespace, once: Callable[[Any], None]) -> None:
    test = settings(
        max_examples=options.examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(seed(options.seed)(given(case=strategy)(once)))
    try:
        test()
    except Unsatisfiable:  # an operation without parameters cannot be asked wrongly
        return


def _successes(tally: Tally) -> int:
    return tally.answers["good 2xx"] + tally.answers["sure 2xx"]


def _asker(
    original: Any, kind: str, base: str, headers: dict[str, str], tally: Tally, end: float
) -> Callable[[Any], None]:
    """What sends one case, and judges the answer by the operation as the document has it."""
    name = str(original.definition.raw["operationId"])

    def ask(case: Any) -> None:
        if time.monotonic() > end:
            return
        answer = case.call(base_url=base, headers=headers, timeout=30)
        tally.answers[f"{kind} {answer.status_code // 100}xx"] += 1
        if answer.status_code < 300 and kind == "sure" and answer.request.body:
            body = json.loads(answer.request.body)
            tally.bodies[name] = max(tally.bodies.get(name, body), body, key=_fields)
        try:
            judge = original.Case(path_parameters=case.path_parameters, query=case.query, media_type=case.media_type)
            judge.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                _note(tally, name, failure, case, answer)

    return ask


def _fields(body: Any) -> int:
    """How full a body is; one with fields that nobody knows counts less."""
    names = list(body) if isinstance(body, dict) else []
    return sum(1 if re.fullmatch("[A-Za-z_]+", name) else -9 for name in names)


def _note(tally: Tally, operation: str, failure: Any, case: Any, answer: Any) -> None:
    title = failure.title if isinstance(failure, Failure) else type(failure).__name__
    message = " ".join(str(failure).split())[:SHOWN]
    request = f"{case.method} {answer.request.url} {(answer.request.body or b'')!r}"[:SHOWN]
    tally.failures.setdefault((operation, f"{answer.status_code} {title}"), f"{message}\n    {request}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--provider", nargs="+", choices=PROVIDERS, default=PROVIDERS)
    parser.add_argument("--examples", type=int, default=20, help="good and bad requests per operation")
    parser.add_argument("--seconds", type=float, default=300, help="at most, per document")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
