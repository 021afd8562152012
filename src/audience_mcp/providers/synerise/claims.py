"""A JWT -> the claims this program reads: when it ends and which workspace it is for."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from audience_mcp.providers.base import text_of

YEAR_9999 = 253_370_764_800.0  # dates end there; an `exp` beyond it is in another unit


@dataclass(frozen=True, slots=True)
class Claims:
    """`expires` in epoch seconds (claim `exp`), `workspace` the numeric id (claim `bpi`); None where unread."""

    expires: float | None = None
    workspace: str | None = None


def read_claims(token: str) -> Claims:
    """The claims of `token`, unverified: the provider checks it, we only need to know when to renew it."""
    parts = token.split(".")
    if len(parts) != 3:
        return Claims()
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return Claims()
    if not isinstance(payload, dict):
        return Claims()
    return Claims(_seconds(payload.get("exp")), text_of(payload.get("bpi")))


def _seconds(value: object) -> float | None:
    """Epoch seconds; None for what is no date, so that such a token is kept until it is refused."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 < value < YEAR_9999 else None
