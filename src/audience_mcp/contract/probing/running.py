"""A plan + a way to send -> what is proven, disproven and still unknown; nothing but the plan's requests is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from audience_mcp.contract.probing.judging import Answered, Evidence, Judge, Reply, by_options, confirmed
from audience_mcp.contract.probing.plan import Ask, Plan, Trial
from audience_mcp.errors import AudienceError
from audience_mcp.openapi.operation import Operation

Send = Callable[[Ask], Awaitable[Reply]]
REFUSED_CREDENTIAL, TOO_MANY, FAILED = 401, 429, 500
AWAY = (502, 503, 504)
FAILURES_IN_A_ROW = 2
WEIGHT_OF_PROOF = 2  # what helped one operation is tried for the others sooner, what failed later


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one operation; `trial` is the one that was proven."""

    operation: Operation
    state: Literal["proven", "disproven", "unknown"]
    said: str
    trial: Trial | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of a plan after so many answers.

    `stopped` says why it ended early (a sentence without its full stop), None where it did not; `limited` that it may
    go on; `remedy` what to do where a request got no answer.
    """

    found: tuple[Finding, ...]
    requests: int
    stopped: str | None
    limited: bool = False
    remedy: str | None = None

    def of(self, state: str) -> list[Finding]:
        """Those of one state."""
        return [one for one in self.found if one.state == state]


class _Ended(Exception):
    """No further request is sent; the text says why."""

    def __init__(self, reason: str, remedy: str | None = None) -> None:
        super().__init__(reason)
        self.remedy = remedy


class _Limited(_Ended):
    """As many requests were sent as one run may send."""


class Probe:
    """One run of a plan. `tell` hears of each request, its status and what it proves."""

    def __init__(self, plan: Plan, send: Send, tell: Callable[[Ask, int, str], None]) -> None:
        self._plan, self._send, self._tell = plan, send, tell
        self._allowed = plan.requests()
        self._kept: dict[Ask, Answered] = {}
        self._requests, self._failures = 0, 0
        self._found: dict[str, Finding] = {}
        self._last: dict[str, Evidence] = {}
        self._speaks: Answered | None = None

    async def run(self) -> Findings:
        """Ask until every operation is decided or nothing is left to ask."""
        try:
            judge = await self._prepared()
            await self._try_all(judge)
        except _Ended as ended:
            return self.so_far(str(ended), limited=isinstance(ended, _Limited), remedy=ended.remedy)
        return self.so_far(None)

    def so_far(self, stopped: str | None, *, limited: bool = False, remedy: str | None = None) -> Findings:
        """What is known of every operation by now, also where the run was broken off."""
        found = tuple(self._found.get(one.id) or self._open(one, limited=limited) for one in self._plan.operations)
        return Findings(found, self._requests, stopped, limited, remedy)

    async def _prepared(self) -> Judge:
        """How the provider answers where nothing is, and for an id that nobody has; whether OPTIONS tells routes."""
        known = None
        if self._plan.known is not None:
            known = await self._ask(self._plan.known)
            self._say(known, "for comparison: a documented address, an id that nothing has")
        missing = []
        for ask in self._plan.missing:
            missing.append(await self._ask(ask))
            self._say(missing[-1], "for comparison: an address that cannot exist")
        if known is not None and missing:
            options = await self._ask(known.ask.by_options())
            tells = known.ask.method in options.allowed
            self._say(options, "OPTIONS tells what an address takes" if tells else "OPTIONS tells nothing here")
            if tells:
                beside = await self._ask(missing[0].ask.by_options())
                tells = not beside.allowed
                self._say(beside, "and is silent where nothing is" if tells else "but tells the same where nothing is")
                self._speaks = beside if tells else None
        return Judge(tuple(missing), known)

    async def _try_all(self, judge: Judge) -> None:
        waiting = list(self._plan.trials)
        lessons: Counter[tuple[str, str]] = Counter()
        while waiting:
            trial = min(waiting, key=lambda one: one.candidate.rank - lessons[_kind(one)])
            evidence, status = await self._tried(trial, judge)
            lessons[_kind(trial)] += WEIGHT_OF_PROOF if evidence.verdict == "proven" else -1
            operation = trial.candidate.operation
            waiting.remove(trial)
            if evidence.verdict == "proven":
                self._found[operation.id] = Finding(operation, "proven", evidence.said, trial, status)
                waiting = [one for one in waiting if one.candidate.operation.id != operation.id]
                continue
            if evidence.verdict == "nothing" or operation.id not in self._last:
                self._last[operation.id] = evidence
            if not any(one.candidate.operation.id == operation.id for one in waiting):
                self._found[operation.id] = self._undecided(operation)

    async def _tried(self, trial: Trial, judge: Judge) -> tuple[Evidence, int]:
        if self._speaks is not None and not trial.candidate.other_word:
            answered = await self._ask(trial.ask.by_options())
            evidence = by_options(trial.candidate, answered, self._speaks)
            self._say(answered, f"{evidence.verdict}: {evidence.said}")
            return evidence, answered.reply.status
        answered = await self._ask(trial.ask)
        evidence = judge.told(trial.candidate, answered)
        if evidence.verdict == "proven":
            asked_before = trial.control in self._kept
            control = await self._ask(trial.control)
            if not asked_before:
                self._say(control, "for comparison: an address beside it that cannot exist")
            evidence = confirmed(evidence, answered, control)
        self._say(answered, f"{evidence.verdict}: {evidence.said}")
        return evidence, answered.reply.status

    async def _ask(self, ask: Ask) -> Answered:
        """Send one request of the plan, once; a second time its answer is known.

        Raises:
            ValueError: The plan does not list it.
        """
        if ask in self._kept:
            return self._kept[ask]
        if ask not in self._allowed:
            raise ValueError(f"{ask.method} {ask.target} is not in the plan")
        if self._requests >= self._plan.most:
            raise _Limited(f"one run sends {self._plan.most} at most")
        try:
            reply = await self._send(ask)
        except AudienceError as error:
            raise _Ended(error.message.rstrip(". "), error.remedy) from None
        self._requests += 1
        answered = self._kept[ask] = Answered(ask, reply)
        self._check(answered)
        return answered

    def _check(self, answered: Answered) -> None:
        status = answered.reply.status
        self._failures = self._failures + 1 if status >= FAILED else 0
        reasons = {
            REFUSED_CREDENTIAL: "the credential is refused (401); `audience-mcp doctor` tells more",
            TOO_MANY: "the provider asks to slow down (429); probe again later",
        }
        reason = reasons.get(status)
        if status in AWAY or self._failures >= FAILURES_IN_A_ROW:
            reason = f"the provider fails ({status}); probe again later"
        if reason is not None:
            self._say(answered, "nothing")
            raise _Ended(reason)

    def _open(self, operation: Operation, *, limited: bool) -> Finding:
        last = self._last.get(operation.id)
        unasked = (
            f"not asked: one run sends {self._plan.most} at most" if limited else "not asked: the run ended before"
        )
        said = f"not asked everywhere; so far: {last.said}" if last else unasked
        return Finding(operation, "unknown", said)

    def _undecided(self, operation: Operation) -> Finding:
        """Every candidate was asked and none proven; one that could not be decided leaves the operation open."""
        last = self._last[operation.id]
        if last.verdict == "nothing":
            return Finding(operation, "unknown", last.said)
        return Finding(operation, "disproven", "neither at our guess nor where its siblings suggest")

    def _say(self, answered: Answered, said: str) -> None:
        self._tell(answered.ask, answered.reply.status, said)


def _kind(trial: Trial) -> tuple[str, str]:
    """Where our guess stands and what is changed in it: what holds for one operation there may hold for others."""
    head, _, _ = trial.candidate.operation.path.partition(f"/{trial.candidate.template.word}")
    return head, trial.candidate.change
