"""A provider's refusal -> one of our errors: the kind by its status, the message with its words, the remedy ours."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from audience_mcp import errors
from audience_mcp.openapi.operation import Operation
from audience_mcp.rest.client import Reply
from audience_mcp.rest.quoting import words


def failure(operation: Operation, reply: Reply, secrets: tuple[str, ...] = ()) -> errors.AudienceError:
    """The error for a reply whose status is not a success (DESIGN section 10).

    `secrets` are texts that must not be repeated, should the provider echo them.
    """
    status = reply.status
    remedy = operation.tool.failures.get(str(status))
    said = f"{operation.title}: HTTP {status}{words(reply, secrets)}"
    if 300 <= status < 400:
        return errors.ProviderUnavailable(
            f"{said}. The provider redirects, and redirects are not followed.",
            "Check the base URL (scheme, host, path).",
            status=status,
        )
    match status:
        case 400 | 406 | 422:
            return errors.InvalidArguments(
                said, remedy or "Correct the arguments the provider names and call again.", status=status
            )
        case 401:
            return errors.CredentialsRejected(
                said, remedy or "The user checks the credential with `audience-mcp doctor`.", status=status
            )
        case 402 | 403:
            return errors.PermissionDenied(said, remedy or _permission(operation), status=status)
        case 404 | 410:
            return errors.NotFound(
                said, remedy or "Check the id with the matching list operation, and the workspace.", status=status
            )
        case 405:
            return errors.NotOffered(
                said, remedy or "The provider does not offer this operation at this address.", status=status
            )
        case 409 | 412 | 423:
            return errors.Conflict(said, remedy or "Read the object as it is now and decide again.", status=status)
        case 429:
            after = retry_after(reply)
            wait = f"Wait {after:g} s and call again" if after is not None else "Wait a little and call again"
            return errors.RateLimited(said, remedy or f"{wait}, or ask for less.", status=status, retry_after_s=after)
        case _ if status < 500 and status not in (408, 425):
            return errors.InvalidArguments(
                said, remedy or "The provider refuses this request; nothing was changed.", status=status
            )
        case _ if operation.writes and status >= 500:
            return errors.OutcomeUnknown(
                f"{said}. The write may or may not have been carried out.",
                "Read the object or list before trying again.",
                status=status,
                retry_after_s=retry_after(reply),
            )
        case _:
            return errors.ProviderUnavailable(
                said,
                remedy or "Try again in a minute; nothing was changed.",
                status=status,
                retry_after_s=retry_after(reply),
            )


def retry_after(reply: Reply) -> float | None:
    """The wait a provider asks for, in seconds; both forms of Retry-After (seconds, HTTP date)."""
    value = reply.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _permission(operation: Operation) -> str:
    tool = operation.tool
    needed = " or ".join(tool.permissions) or " and ".join(tool.scopes)
    named = f"It needs {needed}. " if needed else ""
    return f"{named}The user grants it to the credential, or uses another one; see `audience-mcp doctor`."
