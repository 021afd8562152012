"""A successful reply -> its answer, or the error it is in truth: a web page, JSON that breaks off."""

from __future__ import annotations

import json

from audience_mcp.errors import AudienceError, OutcomeUnknown, ProviderUnavailable
from audience_mcp.openapi.operation import Operation
from audience_mcp.rest.client import Reply
from audience_mcp.results.answer import Answer, decode


def answer_of(operation: Operation, reply: Reply) -> Answer:
    """What a reply holds. Plain text and tables pass: some operations answer them.

    Raises:
        ProviderUnavailable: It is a web page or broken JSON, or a text where only JSON shows which fields to hide.
        OutcomeUnknown: The same of a write, which may or may not have been carried out.
    """
    answer = decode(reply.body, reply.content_type)
    wrong = _wrong(answer, reply.content_type or "")
    if wrong is None and answer.media in ("text", "csv") and (operation.tool.secrets or operation.tool.allow):
        wrong = "text instead of JSON"
    if wrong is not None:
        raise _refused(operation, wrong, reply.status)
    return answer


def _wrong(answer: Answer, content_type: str) -> str | None:
    """What a text is that ought to be JSON; None for any other answer."""
    if answer.media != "text":
        return None
    text, kind = str(answer.value).lstrip(), content_type.partition(";")[0].strip().lower()
    if kind.endswith("html") or text[:1] == "<":
        return "a web page instead of JSON"
    if not kind.endswith("json") and text[:1] not in ("{", "["):
        return None
    try:
        json.loads(text)
    except RecursionError:
        return None  # whole, only nested too deep for any reader of ours
    except ValueError:
        return "JSON that is broken or breaks off"
    return None


def _refused(operation: Operation, wrong: str, status: int) -> AudienceError:
    said = f"{operation.title}: HTTP {status} with {wrong}"
    if operation.writes:
        return OutcomeUnknown(
            f"{said}. The write may or may not have been carried out.",
            "Read the object or list before trying again, and check the base URL and any proxy between.",
            status=status,
        )
    return ProviderUnavailable(
        f"{said}.",
        "Try again once; then check the base URL (host and path) and whether a proxy or log-in page stands between.",
        status=status,
    )
