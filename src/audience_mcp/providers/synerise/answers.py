"""The answers of Synerise's log-in operations -> token, second factor, workspaces, and what a model may read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from audience_mcp.errors import CredentialsRejected, SecondFactorRequired
from audience_mcp.providers.base import Token, Workspace, is_sendable, text_of
from audience_mcp.providers.synerise.claims import Claims, read_claims

AUTHENTICATOR = "TOTP_AUTHENTICATOR"
# The list's field names are not public; these are the ones the sibling answers suggest (inferred).
GUID_FIELDS = ("businessProfileGuid", "guid", "uuid")
ID_FIELDS = ("businessProfileId", "id")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# What a model may read of a profile's log-in; new fields of the provider stay out until somebody looked at them.
PROFILE_FIELDS = ("status", "conditions", "customId", "realm", "origin")


@dataclass(frozen=True, slots=True)
class Pending:
    """A log-in that waits for its second factor; `explicit` when a tool began it, not a call that needed a user."""

    token: Token
    methods: tuple[str, ...]
    explicit: bool


def token_of(answer: Any) -> tuple[Token, Claims]:
    """The token of a log-in's answer, and what it says of itself.

    Raises:
        CredentialsRejected: There is none.
    """
    text = answer.get("token") if isinstance(answer, dict) else None
    if not isinstance(text, str) or not is_sendable(text):
        raise CredentialsRejected(
            "Synerise answered the log-in without a token.",
            "Check the credential with `audience-mcp doctor`.",
            provider="synerise",
        )
    claims = read_claims(text)
    return Token({"Authorization": SecretStr(f"Bearer {text}")}, claims.expires), claims


def second_factors(answer: Any) -> tuple[str, ...]:
    """The methods a log-in waits for, an authenticator first: how a code by e-mail is triggered is not documented."""
    found = answer.get("mfaMethods") if isinstance(answer, dict) else None
    methods = [text for method in (found if isinstance(found, list) else [found]) if (text := text_of(method))]
    return tuple(sorted(methods, key=lambda method: method != AUTHENTICATOR))


def factor_due(methods: tuple[str, ...]) -> SecondFactorRequired:
    """The error of a log-in that waits for one of `methods`."""
    return SecondFactorRequired(
        f"The Synerise user's log-in waits for a second factor ({', '.join(methods)}).",
        "Ask the user for the code and pass it to synerise_verify_user_mfa as verificationCode; then call again.",
        provider="synerise",
    )


def user_name(answer: Any) -> str | None:
    """Who logged in."""
    consumer = answer.get("consumer") if isinstance(answer, dict) else None
    return text_of(consumer.get("name")) if isinstance(consumer, dict) else None


def workspace_name(answer: Any) -> str | None:
    """The workspace's name in the answer of the permission check."""
    return text_of(answer.get("businessProfileName")) if isinstance(answer, dict) else None


def workspace_items(answer: Any, label: str) -> list[Workspace]:
    """The workspaces of the user's list, as far as they can be told apart."""
    items = answer if isinstance(answer, list) else []
    return [found for item in items if isinstance(item, dict) and (found := _workspace(item, label))]


def told_of_profile(answer: Any) -> Mapping[str, Any]:
    """What a model may read of a profile's log-in."""
    found = answer if isinstance(answer, dict) else {}
    return {name: _without_tokens(found[name]) for name in PROFILE_FIELDS if found.get(name) not in (None, [])}


def moment(expires: float | None) -> str | None:
    """Epoch seconds as text, UTC."""
    return datetime.fromtimestamp(expires, UTC).isoformat() if expires else None


def _workspace(item: Mapping[str, Any], label: str) -> Workspace | None:
    named = [item.get(field) for field in GUID_FIELDS]
    # A GUID under a name we did not guess is still the GUID, when it is the only one.
    others = [value for value in item.values() if isinstance(value, str) and GUID.fullmatch(value)]
    guid = next(filter(None, map(text_of, named)), None) or (others[0] if len(set(others)) == 1 else None)
    number = next(filter(None, (text_of(item.get(field)) for field in ID_FIELDS)), None)
    own = guid or number
    if own is None:
        return None
    name = text_of(item.get("name")) or text_of(item.get("businessProfileName"))
    return Workspace("synerise", own, name, label, (number,) if number and number != own else ())


def _without_tokens(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_tokens(inner) for name, inner in value.items() if "token" not in name.lower()}
    return [_without_tokens(inner) for inner in value] if isinstance(value, list) else value
