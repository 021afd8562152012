"""list_workspaces and select_workspace."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from audience_mcp.builtin.provenance import own_provenance
from audience_mcp.call.outcome import Outcome
from audience_mcp.errors import AudienceError
from audience_mcp.providers.base import Workspace
from audience_mcp.results.answer import Answer
from audience_mcp.results.report import listing, report
from audience_mcp.results.store import ResultStore
from audience_mcp.session.session import Session
from audience_mcp.session.workspaces import same
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.own import LIST_WORKSPACES, SELECT_WORKSPACE

if TYPE_CHECKING:
    from audience_mcp.redaction.redactor import Redactor

TITLE = "List workspaces"
COLUMNS = ("provider", "workspace", "id", "region", "organization", "in_use", "credential", "problem")


class Workspaces:
    """The workspaces of every configured provider, and the choice of one for reads."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        session: Session,
        store: ResultStore,
        redactor: Redactor | None = None,
    ) -> None:
        self._redactor = redactor
        self._settings, self._catalog, self._session, self._store = settings, catalog, session, store

    async def listed(self, provider: str | None) -> Outcome:
        """Every workspace reached; a provider that cannot be asked is told with the reason.

        The list is kept like a provider's answer: an agency's may be longer than a summary.
        """
        rows: list[dict[str, str | None]] = []
        for provider_id in (provider,) if provider else self._catalog.offer.providers:
            try:
                reached = await self._session.reached(provider_id, fresh=True)
            except AudienceError as error:
                rows.append(_problem(provider_id, error))
                continue
            rows += [self._row(provider_id, workspace) for workspace in reached.workspaces]
            rows += [_problem(provider_id, error) for error in reached.problems]
        rows = self._redactor.swept(rows) if self._redactor else rows
        reached_count = sum("problem" not in row for row in rows)
        failed = len(rows) - reached_count
        headline = f"{reached_count} workspaces reached" + (
            f"; {failed} credentials could not be asked." if failed else "."
        )
        provenance = own_provenance(LIST_WORKSPACES, sandbox=self._settings.sandbox)
        body = json.dumps(rows, ensure_ascii=False).encode()
        answer = Answer("json", rows, len(body))
        asked = {"provider": provider} if provider else {}
        handle = self._store.put(
            answer, tool=LIST_WORKSPACES, arguments=asked, provenance=provenance, body=body, title=TITLE
        )
        summary = listing(
            "page",
            self._marked(headline),
            COLUMNS,
            rows,
            replace(provenance, handle=handle),
            self._settings.result_tokens,
        )
        return Outcome(summary, handle, TITLE, size=answer.size)

    async def select(self, reference: str, provider: str | None) -> Outcome:
        """Choose the workspace of later reads."""
        before, now = await self._session.select(reference, provider)
        _, writes = self._session.in_use(now.provider)
        told = {
            "provider": now.provider,
            "reads run in": now.title,
            "before": before.title if before else None,
            "writes run in": writes.title if writes else "only where a call passes workspace",
        }
        provenance = own_provenance(SELECT_WORKSPACE, sandbox=self._settings.sandbox)
        headline = self._marked(f"Reads of {now.provider} now run in {now.title}.")
        return Outcome(report("session", headline, told, provenance, self._settings.result_tokens))

    def _marked(self, headline: str) -> str:
        return f"SANDBOX: {headline}" if self._settings.sandbox else headline

    def _row(self, provider_id: str, workspace: Workspace) -> dict[str, str | None]:
        reads, writes = self._session.in_use(provider_id)
        uses = [
            use
            for use, chosen in (("reads", reads), ("writes", writes))
            if chosen is not None and (chosen.id is None or same(chosen, workspace))
        ]
        place = next(
            places.region
            for login, places in self._session.logins(provider_id)
            if login.credential.label == workspace.label
        )
        return {
            "provider": provider_id,
            "workspace": workspace.name,
            "id": workspace.id,
            "region": place,
            "organization": workspace.organization,
            "in_use": " + ".join(uses) or None,
            "credential": workspace.label or None,
        }


def _problem(provider_id: str, error: AudienceError) -> dict[str, str | None]:
    return {"provider": provider_id, "problem": f"{error.kind}: {error.message} {error.remedy}"}
