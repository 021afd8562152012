"""A provider's refusal -> its own words for our message: codes and ids as they are, prose quoted, secrets starred."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from audience_mcp.rest.client import Reply

MOST_QUOTED = 300
MOST_PROBLEMS = 3
# Where the four providers put what went wrong, and their codes, fields, reference ids and lists of problems.
PROSE = ("detail", "message", "note", "error", "error_description", "title")
CODES = ("code", "type", "error")
FIELDS = ("attr", "field", "path")
REFERENCES = ("id", "errorId", "trace_id", "request_id")
PROBLEMS = ("validationErrors", "errors")
# What may stand in our sentence without quotes: too short and too plain to be taken for an instruction.
CODE = re.compile(r"[\w.:/\[\]-]{1,80}")


def words(reply: Reply, secrets: tuple[str, ...] = ()) -> str:
    """What the provider said, in brackets, ready to follow "HTTP 400"; empty when it said nothing of use."""
    told = _Words(secrets)
    try:
        body: Any = json.loads(reply.body)
    except (ValueError, RecursionError):
        kind = told.code((reply.content_type or "text/plain").partition(";")[0].strip().lower())
        if kind != "text/plain":
            return f" with {kind} instead of JSON" if reply.body else ""
        body = reply.body.decode(errors="replace")
    return told.bracketed(body)


class _Words:
    """Tells parts of a body without ever repeating one of `secrets`."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        # The longest first: one secret may begin another.
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def bracketed(self, body: Any) -> str:
        if isinstance(body, list) and body:
            body = body[0]
        parts = [self.prose(body)] if isinstance(body, str) and body.strip() else []
        if isinstance(body, dict):
            inner = body.get("error")
            parts = list(self._parts(inner if isinstance(inner, dict) else body))
        return f" ({'; '.join(parts)})" if parts else ""

    def prose(self, text: str) -> str:
        return f"the provider says: {self.quoted(text)}"

    def quoted(self, text: str) -> str:
        return f"“{self._clean(text)}”"

    def code(self, text: str) -> str:
        cleaned = self._clean(text)
        return cleaned if CODE.fullmatch(cleaned) else f"“{cleaned}”"

    def _parts(self, body: dict[str, Any]) -> Iterator[str]:
        prose = next((body[key] for key in PROSE if isinstance(body.get(key), str) and body[key].strip()), None)
        codes = [str(body[key]) for key in CODES if _is_code(body.get(key)) and body[key] != prose]
        if prose is not None and CODE.fullmatch(prose):
            codes, prose = [prose, *codes], None
        yield from map(self.code, dict.fromkeys(codes))
        field = next((body[key] for key in FIELDS[:2] if isinstance(body.get(key), str)), None)
        if field:
            yield f"field {self.code(field)}"
        if prose is not None:
            yield self.prose(prose)
        problems: list[Any] = next((body[key] for key in PROBLEMS if isinstance(body.get(key), list)), [])
        yield from (self._problem(problem) for problem in problems[:MOST_PROBLEMS] if isinstance(problem, dict))
        if prose is None and not codes:
            yield from self._by_field(body)
        reference = next((body[key] for key in REFERENCES if _is_code(body.get(key))), None)
        if reference is not None:
            yield f"reference {self.code(str(reference))}"

    def _problem(self, problem: dict[str, Any]) -> str:
        """One of several: where, what, and what the provider would rather have."""
        where = next((f"{self.code(problem[key])}: " for key in FIELDS if isinstance(problem.get(key), str)), "")
        hint = problem.get("suggestion")
        better = f", it suggests {self.quoted(hint)}" if isinstance(hint, str) else ""
        return f"{where}{self.quoted(str(problem.get('message')))}{better}"

    def _by_field(self, body: dict[str, Any]) -> Iterator[str]:
        """Messages listed under the name of their field."""
        listed = [(name, texts[0]) for name, texts in body.items() if isinstance(texts, list) and texts]
        for name, text in listed[:MOST_PROBLEMS]:
            if isinstance(text, str):
                yield f"{self.code(name)}: {self.quoted(text)}"

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = " ".join("".join(character if character.isprintable() else " " for character in text).split())
        text = text.replace("“", '"').replace("”", '"')
        return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}… ({len(text)} characters)"


def _is_code(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
