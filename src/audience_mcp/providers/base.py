"""What a provider is to the rest of the program: where it answers, how one logs in, what its workspaces are.

A provider's `auth.py` says all of it and imports no HTTP library: it returns headers and asks for its own log-in
operations by name through `Ask`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

import anyio
from pydantic import SecretStr

from audience_mcp.errors import AudienceError, CredentialsMissing
from audience_mcp.openapi.operation import Identity
from audience_mcp.settings import Credential, Variable

RENEW_EARLY_SECONDS = 60.0
LONGEST_TEXT = 200
MOST_TOLD = 12


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace: `id` is None until the provider has told it, `aliases` are other exact names it answers to.

    `label` is the credential that serves it, `also` the labels of others that reach it too.
    """

    provider: str
    id: str | None
    name: str | None = None
    label: str = ""
    aliases: tuple[str, ...] = ()
    zone: str | None = None
    organization: str | None = None
    also: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Name and id for a reader."""
        if self.name and self.id:
            return f"{self.name} ({self.id})"
        return self.name or self.id or "(the credential's own)"

    @property
    def ids(self) -> frozenset[str]:
        """Its id and aliases, in lower case."""
        return frozenset(value.casefold() for value in (self.id, *self.aliases) if value is not None)

    def has_id(self, reference: str) -> bool:
        """Whether `reference` is its id or an alias, in any case; a name never counts as an id."""
        return reference.strip().casefold() in self.ids

    def answers_to(self, reference: str) -> bool:
        """Whether `reference` is its id, an alias, or its name in any case."""
        named = self.name is not None and self.name.casefold() == reference.strip().casefold()
        return named or self.has_id(reference)


@dataclass(frozen=True, slots=True)
class Token:
    """Headers that authorize one call; `expires` is in epoch seconds, None when it does not end."""

    headers: Mapping[str, SecretStr] = field(default_factory=dict)
    expires: float | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be repeated: each header whole, and the credential in it alone."""
        values = [header.get_secret_value() for header in self.headers.values()]
        return (*values, *(value.partition(" ")[2] for value in values))


class Ask(Protocol):
    """Performs one of the provider's own operations and returns its decoded answer."""

    def __call__(self, operation: str, arguments: Mapping[str, Any], token: Token | None) -> Awaitable[Any]:
        """Ask `operation` (its id) with `arguments`; a refusal raises the error of its status."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a log-in needs from outside: its credential, a way to ask, and the clock (epoch seconds)."""

    credential: Credential
    ask: Ask
    clock: Callable[[], float]


class Login(ABC):
    """The log-in state of one credential: its tokens, kept and renewed, and the workspaces they reach.

    `unreached` is what kept the last `workspaces()` from seeing all; None when it saw everything.
    """

    unreached: AudienceError | None = None

    def __init__(self, around: Surroundings) -> None:
        self.credential = around.credential
        self._ask = around.ask
        self._clock = around.clock
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, anyio.Lock] = {}
        self._failures: dict[str, AudienceError] = {}

    @abstractmethod
    async def token(self, identity: Identity, workspace: Workspace | None, event: str | None = None) -> Token:
        """A token for a call as `identity` in `workspace`, renewed before it ends.

        `event` is the operation's session event, for log-in steps that need the token of the step before.

        Raises:
            CredentialsMissing: A secret that is needed is not configured.
            SecondFactorRequired: The user must confirm the log-in first.
        """

    @abstractmethod
    async def workspaces(self) -> list[Workspace]:
        """Every workspace this credential reaches, asked from the provider."""

    def serves(self, identity: Identity) -> bool:
        """Whether this credential can act as `identity` at all."""
        return True

    def own_workspace(self) -> Workspace | None:
        """The one workspace this credential is by itself, without asking anybody; None when it reaches several."""
        return None

    async def identified(self, workspace: Workspace) -> Workspace:
        """The same workspace with what the provider tells of it (name, id, time zone)."""
        for known in await self.workspaces():
            if workspace.id is None or known.has_id(workspace.id):
                return known
        return workspace

    async def stray(self) -> AudienceError | None:
        """Why the workspace that a person configured for this credential is not reached; the text names the variable.

        Asks the provider, and only where such a workspace is configured and was not seen to be reached before. None
        where it is reached, or where nobody can tell.
        """
        return None

    def reject(self, token: Token) -> None:
        """Forget a token the provider refused, so that the next call mints another."""
        self._tokens = {key: kept for key, kept in self._tokens.items() if kept is not token}

    def session_value(self, wanted: str) -> str | None:
        """A value the session fills in when the model leaves it out."""
        return None

    def learn(self, event: str, arguments: Mapping[str, Any], answer: Any) -> Mapping[str, Any]:
        """Keep what a log-in answer brought; returns what the model may read of it: who, until when, what next."""
        return {}

    def selects(self, event: str, arguments: Mapping[str, Any]) -> str | None:
        """The workspace a session operation asks to change to, if it does."""
        return None

    async def confirm_factor(self, code: str) -> None:
        """Finish a log-in that waits for a second factor."""
        raise CredentialsMissing("This credential has no second factor.", "Call the tool again without a code.")

    def status(self) -> Mapping[str, Any]:
        """What `get_session` tells of this credential: form, who, until when; no secret."""
        return {}

    async def _cached(self, key: str, mint: Callable[[], Awaitable[Token]]) -> Token:
        """The token kept under `key`, minted once for all callers that wait for it at the same time.

        They share a failure too: thirty calls with a wrong password are one wrong log-in, not thirty.
        """
        kept = self._tokens.get(key)
        if kept is not None and self._lasts(kept):
            return kept
        known = self._failures.get(key)
        async with self._locks.setdefault(key, anyio.Lock()):
            kept = self._tokens.get(key)
            if kept is not None and self._lasts(kept):
                return kept
            failed = self._failures.get(key)
            if failed is not None and failed is not known:
                raise _again(failed)
            try:
                kept = self._tokens[key] = await mint()
            except AudienceError as error:
                self._failures[key] = _again(error)
                raise
            return kept

    def _lasts(self, token: Token) -> bool:
        return token.expires is None or token.expires - RENEW_EARLY_SECONDS > self._clock()

    def _secret(self, wanted: str, variable: str) -> str:
        """The plain text of a configured secret, fit for a header.

        Raises:
            CredentialsMissing: It is not configured, or cannot be a key; the text names `variable`.
        """
        value = self.credential.secrets.get(wanted)
        text = value.get_secret_value().strip() if value else ""
        if not is_sendable(text):
            variable = self._variable(variable)
            what = "holds characters that no key has" if text else "is not configured, and this operation needs it"
            raise CredentialsMissing(
                f"{variable} {what}.",
                f"The user sets {variable} (or {variable}_FILE) in the server's environment and restarts it.",
                provider=self.credential.provider,
            )
        return text

    def _variable(self, name: str) -> str:
        """The variable's name under this credential's label."""
        return labelled(name, self.credential.label)


def labelled(variable: str, label: str) -> str:
    """A variable's name as it is written for one credential: `NAME`, or `NAME__LABEL`."""
    return f"{variable}__{label}" if label else variable


def is_sendable(text: str) -> bool:
    """Whether a key or token can stand in a header: something, of printable ASCII without spaces."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def text_of(value: Any) -> str | None:
    """An id or a name out of a provider's answer, safe to show in one short line; None for any other value."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = " ".join("".join(character if character.isprintable() else " " for character in str(value)).split())
    return text[:LONGEST_TEXT] or None


def some(workspaces: Iterable[Workspace]) -> str:
    """The first workspaces in one line, for an error."""
    titles = [workspace.title for workspace in workspaces]
    rest = len(titles) - MOST_TOLD
    return "; ".join(titles[:MOST_TOLD]) + (f" and {rest} more" if rest > 0 else "")


def _again(error: AudienceError) -> AudienceError:
    """The same failure for another caller, who adds a place of its own."""
    copy = type(error)(
        error.message,
        error.remedy,
        provider=error.provider,
        region=error.region,
        status=error.status,
        retry_after_s=error.retry_after_s,
    )
    copy.settled = error.settled
    return copy


class Provider(ABC):
    """One platform: names, variables, and how its log-ins are made."""

    id: ClassVar[str]
    title: ClassVar[str]
    workspace_word: ClassVar[str]
    variables: ClassVar[tuple[Variable, ...]]
    document_path: ClassVar[Path]
    login: ClassVar[type[Login]]
    url_fields: ClassVar[Mapping[str, str]] = {"api": "base_url"}
