"""get_session: what is configured, who is logged in, which workspaces are in use, and how to set up what is missing."""

from __future__ import annotations

from typing import Any

from audience_mcp.builtin.provenance import own_provenance
from audience_mcp.call.outcome import Outcome
from audience_mcp.errors import AudienceError
from audience_mcp.providers.base import Provider
from audience_mcp.results.report import report
from audience_mcp.session.session import Session
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.own import GET_SESSION


class Overview:
    """Tells the session without asking any provider."""

    def __init__(
        self, settings: Settings, catalog: Catalog, session: Session, providers: tuple[type[Provider], ...]
    ) -> None:
        self._settings, self._catalog, self._session, self._providers = settings, catalog, session, providers

    def told(self) -> Outcome:
        """The session as it stands."""
        offered = self._catalog.offer.providers
        told: dict[str, Any] = {}
        for provider in self._providers:
            if provider.id in offered:
                told[provider.id] = self._provider(provider)
            else:
                told[provider.id] = f"not configured: set {_variables(provider)}"
        if not offered:
            told["to try it"] = "start with --sandbox: made-up data, no credentials"
            told["to configure"] = (
                "set the variables in the server's environment, or in config.toml; audience-mcp doctor checks"
            )
        modes = [
            name
            for name, on in (
                ("read-only", self._settings.read_only),
                ("pinned workspace", self._settings.pin_workspace),
                ("sandbox", self._settings.sandbox),
            )
            if on
        ]
        if modes:
            told["mode"] = ", ".join(modes)
        for number, problem in enumerate(self._settings.problems, 1):
            told[f"problem {number}"] = problem
        headline = (
            f"{len(offered)} of {len(self._providers)} providers are configured: {', '.join(offered)}."
            if offered
            else "No provider is configured."
        )
        marked = f"SANDBOX: {headline}" if self._settings.sandbox else headline
        provenance = own_provenance(GET_SESSION, sandbox=self._settings.sandbox)
        return Outcome(report("session", marked, told, provenance, self._settings.result_tokens))

    def _provider(self, provider: type[Provider]) -> dict[str, Any] | str:
        try:
            reads, writes = self._session.in_use(provider.id)
            status = self._session.status(provider.id)
        except AudienceError as error:
            return f"{error.kind}: {error.message} {error.remedy}"
        word = provider.workspace_word
        return {
            "log-in": dict(status),
            f"{word} of reads": reads.title if reads else f"the only {word} there is, or none until select_workspace",
            f"{word} of writes": writes.title
            if writes
            else f"the only {word} there is, or the call's workspace argument",
        }


def _variables(provider: type[Provider]) -> str:
    """The variables that matter first: the credential, and what says where."""
    return ", ".join(variable.name for variable in provider.variables[:4])
