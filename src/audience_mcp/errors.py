"""The one error tree: what went wrong, where, and what to do next, in our own words.

Every failure that other arguments, another tool or the user can cure is an `AudienceError`; the server turns it into an
`isError` result. `str(error)` never holds a secret, and a provider's own words are only ever quoted as data.
"""

from __future__ import annotations

from typing import ClassVar


class AudienceError(Exception):
    """Base of every failure that is told to the model.

    `message` says what happened, `remedy` what to do next; `provider`, `workspace`, `region` say where; `status` is the
    HTTP status when a provider answered; `retry_after_s` is in seconds. `settled` says that sending the same again
    would not help, or was tried already as often as it may be.
    """

    kind: ClassVar[str] = "internal"
    settled: bool = False

    def __init__(
        self,
        message: str,
        remedy: str,
        *,
        provider: str | None = None,
        workspace: str | None = None,
        region: str | None = None,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.provider = provider
        self.workspace = workspace
        self.region = region
        self.status = status
        self.retry_after_s = retry_after_s

    def located(self, provider: str, workspace: str | None, region: str | None) -> AudienceError:
        """Fill in where it happened, without overriding what is already known; returns itself."""
        self.provider = self.provider or provider
        self.workspace = self.workspace or workspace
        self.region = self.region or region
        return self

    def text(self) -> str:
        """The whole error as one short text: kind, message, place, remedy."""
        place = ", ".join(part for part in (self.provider, self._place(), self.region) if part)
        where = f" ({place})" if place else ""
        return f"{self.kind}: {self.message}{where}\nNext: {self.remedy}"

    def _place(self) -> str | None:
        return f"workspace {self.workspace}" if self.workspace else None

    def structured(self) -> dict[str, str | int | float | None]:
        """The same error as the object of DESIGN section 10: every key always there, null where unknown."""
        return {
            "kind": self.kind,
            "message": self.message,
            "remedy": self.remedy,
            "provider": self.provider,
            "workspace": self.workspace,
            "status": self.status,
            "retry_after_s": self.retry_after_s,
        }


# --- cured by the model: other arguments or another tool


class InvalidArguments(AudienceError):
    """An argument is missing, unknown, of the wrong type or out of range, or the provider refused its value."""

    kind = "invalid_arguments"


class DocumentProblem(InvalidArguments):
    """A provider's description of its API, given to `contract import`, cannot be fetched, read or used."""


class WorkspaceNotSelected(AudienceError):
    """No workspace is known for this call."""

    kind = "workspace_not_selected"


class WorkspaceUnknown(AudienceError):
    """The workspace named does not exist, or its name fits several."""

    kind = "workspace_unknown"


class WorkspacePinned(AudienceError):
    """The server is pinned to another workspace."""

    kind = "workspace_pinned"


class NotFound(AudienceError):
    """The provider knows no such object in this workspace."""

    kind = "not_found"


class Conflict(AudienceError):
    """The object is in a state that forbids the call."""

    kind = "conflict"


class ResponseTooLarge(AudienceError):
    """The answer is larger than the configured bound."""

    kind = "response_too_large"


class ResultExpired(AudienceError):
    """The handle names no stored result any more."""

    kind = "result_expired"


class ConfirmationRequired(AudienceError):
    """A destructive call waits for its confirmation code."""

    kind = "confirmation_required"


class ContractUnconfirmed(AudienceError):
    """The operation's path is not documented, and the provider does not answer there."""

    kind = "contract_unconfirmed"


class NotOffered(AudienceError):
    """The provider, or this server's configuration, does not offer the operation."""

    kind = "not_offered_by_provider"


# --- cured by the user


class CredentialsMissing(AudienceError):
    """A secret the operation needs is not configured."""

    kind = "credentials_missing"


class CredentialsRejected(AudienceError):
    """The provider refused the credential."""

    kind = "credentials_rejected"


class SecondFactorRequired(AudienceError):
    """The user's log-in waits for a second factor."""

    kind = "second_factor_required"


class PermissionDenied(AudienceError):
    """The credential may not do this."""

    kind = "permission_denied"


class Declined(AudienceError):
    """The user said no."""

    kind = "declined"


class ReadOnly(AudienceError):
    """The server was started read-only."""

    kind = "read_only"


# --- cured by time


class RateLimited(AudienceError):
    """The provider asks to slow down."""

    kind = "rate_limited"


class ProviderUnavailable(AudienceError):
    """The provider failed or could not be reached; nothing was changed."""

    kind = "provider_unavailable"


class NotReached(ProviderUnavailable):
    """No connection came about: nothing was sent."""


class Timeout(AudienceError):
    """The provider did not answer in time."""

    kind = "timeout"


class OutcomeUnknown(AudienceError):
    """A write was sent and its answer was lost."""

    kind = "outcome_unknown"


class Internal(AudienceError):
    """The server itself failed."""

    kind = "internal"


class SettingsProblem(Exception):
    """The configuration is wrong; the text names the setting and the remedy."""
