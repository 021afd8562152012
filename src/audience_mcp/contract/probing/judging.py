"""An answer to a harmless request, beside the answers of an address that cannot exist -> what it proves."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from audience_mcp.contract.probing.candidates import Candidate
from audience_mcp.contract.probing.plan import NIL, Ask
from audience_mcp.openapi.operation import Operation

Verdict = Literal["proven", "disproven", "nothing"]
REFUSED_DEFINITION = (400, 415, 422)
UNKNOWN = (404, 410)
NO_PERMISSION = (402, 403)
WRONG_METHOD = 405
LEAST_ERROR = 400
_VARYING = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{8,}\b|[0-9]+", re.IGNORECASE)
_SHORTEST_WORD = 3
_MOST_COMPARED = 4000


class Reply(Protocol):
    """What came back: status, headers by lower-case name, body bytes."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """By lower-case name."""

    @property
    def body(self) -> bytes:
        """As it came."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A request and what came back."""

    ask: Ask
    reply: Reply

    @property
    def fingerprint(self) -> tuple[int, str, str]:
        """What is equal for two answers that say the same: status, media type, and the text without what varies.

        Moments, ids and numbers vary, and so do the words of the address itself where the text repeats them.
        """
        text = self.reply.body[:_MOST_COMPARED].decode("utf-8", "replace").replace(self.ask.target, "*")
        for part in sorted(self.ask.target.split("/"), key=len, reverse=True):
            if len(part) >= _SHORTEST_WORD:
                text = re.sub(rf"(?<![\w-]){re.escape(part)}(?![\w-])", "*", text, flags=re.IGNORECASE)
        return self.reply.status, self.media, _VARYING.sub("#", text)

    @property
    def media(self) -> str:
        """The media type without its parameters."""
        return self.reply.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def value(self) -> Any:
        """The decoded JSON of the body; None for anything else."""
        try:
            return json.loads(self.reply.body)
        except (ValueError, RecursionError):
            return None

    @property
    def allowed(self) -> tuple[str, ...]:
        """The methods an Allow header names."""
        return tuple(part.strip().upper() for part in self.reply.headers.get("allow", "").split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one answer proves of a candidate, and why, in words."""

    verdict: Verdict
    said: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Knows how the provider answers where nothing is (`missing`, asked twice) and for an id nobody has (`known`)."""

    missing: tuple[Answered, ...]
    known: Answered | None

    def told(self, candidate: Candidate, answered: Answered) -> Evidence:
        """What the answer to a candidate's own request says, before it is compared with the control beside it."""
        status = answered.reply.status
        if 300 <= status < 400:
            return _nothing("a redirect proves nothing")
        if any(answered.fingerprint == other.fingerprint for other in self.missing) and status not in UNKNOWN:
            return _nothing("answered like an address that cannot exist")
        if 200 <= status < 300:
            if fits(candidate.operation, answered):
                return _named(candidate, answered, "answers in the documented shape")
            return _nothing("answers, but not in the documented shape")
        if status in REFUSED_DEFINITION:
            if not self._is_the_providers(answered):
                return _nothing("refused by something else than the provider's API")
            return _named(candidate, answered, "the route reads the request and refuses the empty definition")
        if status in UNKNOWN:
            return self._unknown(candidate, answered)
        if status == WRONG_METHOD:
            takes = f", only {', '.join(answered.allowed)}" if answered.allowed else ""
            return Evidence("disproven", f"what is there does not take {candidate.method}{takes}")
        if status in NO_PERMISSION:
            return _nothing("this credential lacks the permission; a route may be there: grant it and probe again")
        return _nothing("a failure of the provider" if status >= 500 else f"HTTP {status} proves nothing here")

    def _unknown(self, candidate: Candidate, answered: Answered) -> Evidence:
        """404: no such route, or no such object at a known one; the bodies tell, where they differ."""
        like_missing = any(answered.fingerprint == other.fingerprint for other in self.missing)
        telling = self.known is not None and self.known.reply.status in UNKNOWN and self._differs(self.known)
        if NIL not in answered.ask.target:
            return (
                Evidence("disproven", "no such address") if like_missing else _nothing("unknown, in words of its own")
            )
        if like_missing:
            if telling:
                return Evidence(
                    "disproven", "no such address; for an id that nothing has the provider answers otherwise"
                )
            return _nothing("unknown: the address or the id, the provider answers both alike")
        if telling and self._is_stable and self._is_the_providers(answered) and not candidate.other_word:
            return Evidence("proven", "the route is known, the id is not")
        return _nothing("unknown, in words of its own")

    @property
    def _is_stable(self) -> bool:
        """Whether two addresses that cannot exist are answered alike: else a difference says nothing."""
        return len({answered.fingerprint for answered in self.missing}) == 1

    def _differs(self, known: Answered) -> bool:
        return all(known.fingerprint != other.fingerprint for other in self.missing)

    def _is_the_providers(self, answered: Answered) -> bool:
        """Whether an error has the form of the provider's own: JSON, with a field that its other errors have."""
        value = answered.value
        others = [one for one in (self.known, *self.missing) if one is not None and one.reply.status >= LEAST_ERROR]
        fields = {name for one in others if isinstance(one.value, dict) for name in one.value}
        if not fields:
            return value is not None
        return isinstance(value, dict) and bool(value.keys() & fields)


def by_options(candidate: Candidate, answered: Answered, missing: Answered) -> Evidence:
    """What the answer to OPTIONS at a candidate's address says, where the provider tells routes apart by it."""
    allowed = answered.allowed
    if candidate.method in allowed:
        return Evidence("proven", f"OPTIONS: the address takes {candidate.method}")
    if allowed:
        return Evidence("disproven", f"OPTIONS: the address takes {', '.join(allowed)} only")
    if answered.fingerprint == missing.fingerprint:
        return Evidence("disproven", "OPTIONS: no such address")
    return _nothing("OPTIONS proves nothing here")


def confirmed(evidence: Evidence, answered: Answered, control: Answered) -> Evidence:
    """The evidence, unless an address beside it that cannot exist is answered the same."""
    same = answered.fingerprint == control.fingerprint
    if evidence.verdict == "proven" and (same or 200 <= control.reply.status < 300):
        return _nothing("an address beside it that cannot exist is answered alike")
    return evidence


def fits(operation: Operation, answered: Answered) -> bool:
    """Whether a successful answer has what the document says such an answer holds."""
    value, hint = answered.value, operation.tool.answer
    if value is None:
        return False
    if hint.items is not None:
        for part in hint.items.strip("/").split("/") if hint.items else ():
            value = value.get(part) if isinstance(value, dict) else None
        return isinstance(value, list)
    first = value[0] if isinstance(value, list) and value else value
    return bool(hint.columns) and isinstance(first, dict) and set(hint.columns) <= first.keys()


def _named(candidate: Candidate, answered: Answered, said: str) -> Evidence:
    """Proof; where another word than ours stands in the path, only if the answer names a field of this operation."""
    if not candidate.other_word:
        return Evidence("proven", said)
    text = answered.reply.body[:_MOST_COMPARED].decode("utf-8", "replace")
    fields = [one.name for one in candidate.operation.arguments if one.place == "body"]
    named = next((name for name in fields if re.search(rf"\b{re.escape(name)}\b", text)), None)
    if named is None:
        return _nothing(f"{said}, but may be another operation: no field of this one is named")
    return Evidence("proven", f"{said} and names {named!r}")


def _nothing(said: str) -> Evidence:
    return Evidence("nothing", said)
