"""list_changes: what this server changed at the providers, and what of it can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from heapq import merge
from typing import TYPE_CHECKING, Any

from anyio import to_thread

from audience_mcp.builtin.provenance import own_provenance
from audience_mcp.call.outcome import Outcome
from audience_mcp.call.taking_back import operation_of, way_back
from audience_mcp.changes.change import Change, Place
from audience_mcp.changes.difference import differences
from audience_mcp.changes.journal import Journal, undone
from audience_mcp.changes.present import made
from audience_mcp.changes.undoing import NotUndoable
from audience_mcp.errors import AudienceError
from audience_mcp.openapi.operation import Operation
from audience_mcp.results.answer import Answer
from audience_mcp.results.report import listing
from audience_mcp.results.store import ResultStore
from audience_mcp.results.wording import counted, named
from audience_mcp.session.session import Session
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.own import LIST_CHANGES

if TYPE_CHECKING:
    from audience_mcp.redaction.redactor import Redactor

TITLE = "List changes"
COLUMNS = ("change", "when", "tool", "object", "id", "changed", "undo", "provider", "workspace")
USUAL_LIMIT = 20


class Changes:
    """The journal as this run may see it: its own providers, at the addresses they are configured with."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        session: Session,
        journal: Journal,
        store: ResultStore,
        redactor: Redactor | None = None,
    ) -> None:
        self._redactor = redactor
        self._settings, self._catalog, self._session = settings, catalog, session
        self._journal, self._store = journal, store

    async def listed(
        self, provider: str | None = None, workspace: str | None = None, limit: int = USUAL_LIMIT
    ) -> Outcome:
        """The newest changes, each with whether `undo_change` can take it back; those that failed changed nothing."""
        every = await self.kept(provider)
        back = undone(reversed(every))
        told = [c for c in every if c.outcome != "failed" and (workspace is None or _is_in(c.place, workspace))]
        rows = [self._row(change, back) for change in told[:limit]]
        rows = self._redactor.shown(rows) if self._redactor else rows
        where = f" in {named(workspace)}" if workspace else ""
        headline = (
            f"{counted(len(told), 'change')} by this server{where}, newest first"
            if told
            else f"No changes{where} are kept"
        )
        lasting = "" if self._journal.folder else " (kept until this server ends)"
        body = json.dumps(rows, ensure_ascii=False).encode()
        arguments = {"provider": provider, "workspace": workspace, "limit": limit}
        provenance = own_provenance(LIST_CHANGES, sandbox=self._settings.sandbox)
        provenance = replace(provenance, complete=len(rows) == len(told))
        handle = self._store.put(
            Answer("json", rows, len(body)),
            tool=LIST_CHANGES,
            arguments={name: value for name, value in arguments.items() if value is not None},
            provenance=provenance,
            body=body,
            title=TITLE,
        )
        summary = listing(
            "page",
            f"{'SANDBOX: ' if self._settings.sandbox else ''}{headline}{lasting}.",
            COLUMNS,
            rows,
            replace(provenance, handle=handle),
            self._settings.result_tokens,
        )
        return Outcome(summary, handle, TITLE, size=len(body))

    async def kept(self, provider: str | None = None) -> list[Change]:
        """Every change that this run may tell, the newest first; a pinned run tells none of another workspace."""
        found: list[list[Change]] = []
        for configured in (provider,) if provider else self._catalog.offer.providers:
            try:
                urls = {endpoints.urls["api"] for _, endpoints in self._session.logins(configured)}
                _, pinned = self._session.in_use(configured)
            except AudienceError:
                continue  # not configured: get_session tells
            changes = await to_thread.run_sync(self._journal.changes, configured)
            here = self._settings.pin_workspace and pinned
            found.append(
                [
                    change
                    for change in changes
                    if change.place.url in urls and (not here or _is_in(change.place, here.id or here.title))
                ]
            )
        return list(merge(*found, key=lambda change: change.at, reverse=True))

    def _row(self, change: Change, back: Mapping[str, Change]) -> dict[str, Any]:
        changed_id = change.object if change.made is None else change.made
        return {
            "change": change.id,
            "when": datetime.fromtimestamp(change.at, UTC).isoformat(timespec="seconds"),
            "tool": change.tool,
            "object": change.name,
            "id": None if changed_id is None else str(changed_id),
            "changed": ("outcome unknown: " if change.outcome == "unknown" else "") + self._changed(change),
            "undo": self._undo(change, back),
            "provider": change.place.provider,
            "workspace": change.place.title,
        }

    def _undo(self, change: Change, back: Mapping[str, Change]) -> str:
        if change.id in back:
            return f"undone by {back[change.id].id}"
        try:
            found = way_back(change, self._catalog)
        except NotUndoable as error:
            return f"no: {error.why}"
        if found.recreates:
            return "as a copy with a new id"
        return "yes" if change.made is None else "yes, by deleting it"

    def _changed(self, change: Change) -> str:
        by = operation_of(change, self._catalog)
        if by is None:
            return ", ".join(change.fields)
        undo, hint = by.tool.undo, by.tool.object
        if undo and undo.delete:
            return "created"
        if by.access == "destructive" and not change.fields:
            return "deleted"
        if hint and isinstance(change.before, dict) and isinstance(change.after, dict):
            return ", ".join(fields_of(change.before, change.after, by)) or "nothing"
        return ", ".join(change.fields)


def fields_of(before: Any, after: Any, operation: Operation) -> list[str]:
    """The names of the fields in which two states of an object differ, what the provider computes left out."""
    hint = operation.tool.object
    assert hint is not None
    found = differences(made(before, hint), made(after, hint))
    return list(dict.fromkeys(difference.path.partition(".")[0].partition("[")[0] for difference in found))


def find(change_id: str, changes: Iterable[Change]) -> Change | None:
    """The change of that id."""
    return next((change for change in changes if change.id == change_id.strip()), None)


def _is_in(place: Place, reference: str) -> bool:
    known = {place.id, place.name, place.title, place.reference, place.label and f"@{place.label}"}
    return reference.strip().casefold() in {name.casefold() for name in known if name}
