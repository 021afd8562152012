"""What a call did -> its provenance and, for log-ins and plans, the whole telling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from audience_mcp.call.paging import Pages
from audience_mcp.call.veiled import PERSONAL
from audience_mcp.openapi.operation import Operation
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading
from audience_mcp.results.report import report
from audience_mcp.results.summary import Summary
from audience_mcp.results.wording import quote
from audience_mcp.session.access import Access
from audience_mcp.session.session import Session
from audience_mcp.settings import Settings


class Telling:
    """Tells where answers come from; shared by all calls."""

    def __init__(self, settings: Settings, session: Session, clock: Callable[[], float]) -> None:
        self._settings, self._session, self._clock = settings, session, clock

    def logged_in(
        self, operation: Operation, told: Mapping[str, Any], access: Access, notes: tuple[str, ...] = ()
    ) -> Summary:
        """A session operation: what the log-in lets the model read."""
        source = self._source(operation, access)
        provenance = replace(source, complete=True, notes=(*notes, *source.notes))
        return report("session", self.marked(operation.title), told, provenance, self._settings.result_tokens)

    def planned(self, operation: Operation, access: Access) -> Provenance:
        """Where a plan comes from: this server; with a note where the real call is refused."""
        source = self._source(operation, access)
        note = ("a real call is refused: its path is a guess",) if self._refused(operation) else ()
        return replace(source, complete=True, notes=(*source.notes, *note))

    async def answered(
        self, operation: Operation, access: Access, pages: Pages, own: Mapping[str, Any], *, sandbox: bool
    ) -> Provenance:
        """Where an answer comes from, with the workspace's name where the provider tells it."""
        workspace = await self._session.named(access)
        source = self._source(operation, access)
        notes = list(source.notes)
        if access.changed_from is not None and workspace is not None:
            notes.insert(0, f"workspace changed from {quote(access.changed_from.title)} to {quote(workspace.title)}")
        if operation.tool.personal:
            notes.append(PERSONAL)
        if pages.count > 1:
            notes.append(f"{pages.count} pages")
        return replace(
            source,
            workspace=workspace.title if workspace else None,
            zone=workspace.zone if workspace else None,
            window=_window(own),
            complete=_complete(operation, pages, own),
            bytes=pages.size,
            sandbox=sandbox or self._settings.sandbox,
            notes=tuple(notes),
        )

    def _source(self, operation: Operation, access: Access) -> Provenance:
        notes = []
        if operation.tool.sends is not None:
            notes.append(f"{operation.method} is refused by the provider: sent as {operation.tool.sends.method}")
        if operation.tool.contract == "inferred":
            notes.append("path unconfirmed")
        if operation.deprecated:
            notes.append("deprecated by the provider")
        return Provenance(
            provider=access.provider.title,
            workspace=access.workspace_title,
            region=access.endpoints.region,
            fetched=datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds"),
            operation=operation.name,
            shape=operation.tool.answer.shape,
            sandbox=self._settings.sandbox,
            notes=tuple(notes),
        )

    def marked(self, headline: str) -> str:
        """A headline as a sentence, marked where all of it is made up."""
        return f"SANDBOX: {headline}." if self._settings.sandbox else f"{headline}."

    def _refused(self, operation: Operation) -> bool:
        return operation.risky_guess and self._settings.unconfirmed == "refuse"


def reading(operation: Operation) -> Reading:
    """The operation's hints for the summary."""
    hint = operation.tool.answer
    return Reading(
        kind=hint.kind,
        items=hint.items,
        columns=hint.columns,
        total=hint.total,
        shape=hint.shape,
        drop=hint.drop,
        headline=hint.headline,
        personal=operation.tool.personal,
    )


def _window(own: Mapping[str, Any]) -> str | None:
    """The time window the arguments ask for, in a few words; None where there is none."""
    interval = own.get("interval")
    if isinstance(interval, dict) and "start" in interval:
        return f"{interval.get('start')} to {interval.get('end')}"
    chosen = own.get("dateFilter")
    if isinstance(chosen, dict) and chosen:
        if chosen.get("type") == "RELATIVE" and isinstance(chosen.get("duration"), dict):
            return f"last {chosen['duration'].get('value')} {str(chosen['duration'].get('type')).lower()}"
        return f"{chosen.get('from', 'the beginning')} to {chosen.get('to', 'now')}"
    if own.get("date_from") or own.get("date_to"):
        return f"{own.get('date_from', 'default')} to {own.get('date_to', 'now')}"
    return None


def _complete(operation: Operation, pages: Pages, own: Mapping[str, Any]) -> bool | None:
    """Whether the answer is all there is; unknown where a limit that was passed may have cut it."""
    if operation.tool.paging is not None:
        return pages.complete
    limited = any(argument.name == "limit" and argument.name in own for argument in operation.arguments)
    return None if limited else True
