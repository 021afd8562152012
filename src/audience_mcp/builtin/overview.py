"""get_session: what is configured, who is logged in, which workspaces are in use, and how to set up what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audience_mcp.builtin.provenance import own_provenance
from audience_mcp.call.outcome import Outcome
from audience_mcp.errors import AudienceError
from audience_mcp.providers.base import Provider
from audience_mcp.results.report import listing
from audience_mcp.session.session import Session
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.own import GET_SESSION

COLUMNS = ("provider", "credential", "state", "region", "reads run in", "writes run in")
HOW_TO_START = (
    "Nothing is configured. The user sets a provider's variables in the server's environment (or in config.toml) and"
    " restarts it, or starts it with --sandbox to try it on made-up data; `audience-mcp doctor` checks"
)
MOST_VARIABLES = 4


class Overview:
    """Tells the session without asking any provider."""

    def __init__(
        self, settings: Settings, catalog: Catalog, session: Session, providers: tuple[type[Provider], ...]
    ) -> None:
        self._settings, self._catalog, self._session, self._providers = settings, catalog, session, providers

    def told(self) -> Outcome:
        """The session as it stands: a row for each credential, and for each provider without one."""
        rows = [row for provider in self._providers for row in self._rows(provider)]
        provenance = own_provenance(GET_SESSION, sandbox=self._settings.sandbox)
        budget = self._settings.result_tokens
        return Outcome(listing("session", self._headline(), COLUMNS, rows, provenance, budget))

    def _headline(self) -> str:
        offered = self._catalog.offer.providers
        if offered:
            parts = [f"{len(offered)} of {len(self._providers)} providers are configured: {', '.join(offered)}"]
        else:
            parts = [HOW_TO_START]
        parts += [
            name
            for name, on in (
                ("read-only", self._settings.read_only),
                ("the workspace is pinned", self._settings.pin_workspace),
            )
            if on
        ]
        if self._settings.redact:
            words = ", ".join(self._settings.redact)
            parts.append(f"personal data is masked ({words}): pass a token such as person:7f3a for the value behind it")
        parts += self._settings.problems
        return ("SANDBOX: " if self._settings.sandbox else "") + ". ".join(parts) + "."

    def _rows(self, provider: type[Provider]) -> Iterator[dict[str, Any]]:
        if provider.id not in self._catalog.offer.providers:
            names = ", ".join(variable.name for variable in provider.variables[:MOST_VARIABLES])
            yield {"provider": provider.id, "state": f"not configured: set {names}"}
            return
        try:
            reads, writes = self._session.in_use(provider.id)
            status = self._session.status(provider.id)
        except AudienceError as error:
            yield {"provider": provider.id, "state": f"{error.kind}: {error.message} {error.remedy}"}
            return
        word = provider.workspace_word
        for label, told in status.items():
            facts = [f"{name} {value}" if name != "form" else str(value) for name, value in told.items() if value]
            yield {
                "provider": provider.id,
                "credential": label,
                "state": "; ".join(fact for fact in facts if not fact.startswith("region ")),
                "region": told.get("region"),
                "reads run in": reads.title if reads else f"the only {word}, or the one selected",
                "writes run in": writes.title if writes else f"the only {word}, or the one the call names",
            }
