"""undo_change: one change taken back, through the same checks, consent and journal as any other write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from audience_mcp.builtin.changes import Changes, fields_of, find
from audience_mcp.call.asker import Asker
from audience_mcp.call.caller import Caller
from audience_mcp.call.outcome import Outcome
from audience_mcp.call.pointer import at
from audience_mcp.call.seeing import Sight
from audience_mcp.call.taking_back import way_back
from audience_mcp.changes.change import Change
from audience_mcp.changes.journal import undone
from audience_mcp.changes.standing import Strayed
from audience_mcp.changes.undoing import NotUndoable, Undoing
from audience_mcp.errors import AudienceError, Conflict, NotFound
from audience_mcp.results.answer import Answer
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.report import report
from audience_mcp.results.store import ResultStore
from audience_mcp.results.wording import named
from audience_mcp.session.session import Session
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.own import UNDO_CHANGE
from audience_mcp.tools.schema import CONFIRM, DRY_RUN, WORKSPACE

if TYPE_CHECKING:
    from audience_mcp.redaction.redactor import Redactor


class Undo:
    """Takes changes back."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        session: Session,
        changes: Changes,
        caller: Caller,
        sight: Sight,
        store: ResultStore,
        redactor: Redactor | None = None,
    ) -> None:
        self._redactor = redactor
        self._settings, self._catalog, self._session = settings, catalog, session
        self._changes, self._caller, self._sight, self._store = changes, caller, sight, store

    async def undo(self, change: str, asker: Asker, dry_run: bool = False, confirm: str | None = None) -> Outcome:
        """Take the change of that id back; only if the object is still as this server left it.

        Raises:
            NotFound: No such change is kept.
            Conflict: It cannot be taken back, was already, or the object was changed since.
            AudienceError: As the call that does it.
        """
        every = await self._changes.kept()
        found = find(change, every)
        if found is None:
            raise NotFound(
                f"No change {named(change)} is kept; nothing was sent.", "list_changes shows the changes and their ids."
            )
        back = undone(reversed(every)).get(found.id)
        if back is not None:
            maybe = "may have been" if back.outcome == "unknown" else "is"
            raise Conflict(
                f"Change {found.id} {maybe} undone already, by change {back.id}; nothing was sent.",
                f"undo_change(change={back.id!r}) takes that back.",
                provider=found.place.provider,
            )
        try:
            undoing = way_back(found, self._catalog)
        except NotUndoable as error:
            raise NotUndoable(replace(found, name=self._shown(found.name)), error.why) from None
        try:
            if undoing.recreates:
                await self._check_gone(undoing)
            outcome = await self._caller.call(
                undoing.operation.name, self._arguments(undoing, dry_run, confirm), asker, undoing
            )
        except Strayed as error:
            raise self._both(error, undoing) from None
        except AudienceError as error:
            error.message = f"Undoing change {found.id} by {undoing.operation.name}: {error.message}"
            raise
        return outcome if dry_run else await self._told(undoing, outcome)

    def _arguments(self, undoing: Undoing, dry_run: bool, confirm: str | None) -> dict[str, Any]:
        place = undoing.change.place
        ours = {WORKSPACE: place.reference, DRY_RUN: dry_run or None, CONFIRM: confirm}
        takes = self._catalog.call_target(undoing.operation.name).schema["properties"]
        given = {name: value for name, value in ours.items() if value is not None and name in takes}
        return {**undoing.arguments, **given}

    async def _check_gone(self, undoing: Undoing) -> None:
        """A deleted object is made again only while it is gone: two of them would be worse than none."""
        change, hint = undoing.change, undoing.hint
        assert hint is not None
        reading = self._catalog.operation(change.place.provider, hint.operation).operation
        access = await self._session.access(reading, change.place.reference)
        try:
            present = await self._sight.read(reading, hint, change.object, access)
        except NotFound:
            return
        if at(present, hint.deleted) is not True:
            name = named(self._shown(change.name) or str(change.object))
            raise Conflict(f"{name} is there; nothing was sent.", "Use it as it is.")

    def _both(self, error: Strayed, undoing: Undoing) -> Strayed:
        """The refusal, with both states kept in full."""
        change = undoing.change
        both = {"before the change": change.before, "as it was left": change.after, "as it is now": error.present}
        handle = self._store.put(
            Answer("json", self._shown(both), 0),
            tool=UNDO_CHANGE,
            arguments={"change": change.id},
            provenance=Provenance(provider="audience-mcp", operation=UNDO_CHANGE, sandbox=self._settings.sandbox),
            title="An object that was changed since",
        )
        error.remedy = f"read_result(handle={handle!r}) shows both in full. {error.remedy}"
        return error

    async def _told(self, undoing: Undoing, outcome: Outcome) -> Outcome:
        change = undoing.change
        by = next((c for c in await self._changes.kept(change.place.provider) if c.undoes == change.id), None)
        facts = {
            "undone": change.id,
            "by": undoing.operation.name,
            "id": next((known for known in (by and by.made, change.object, change.made) if known is not None), None),
            "but": self._shown("; ".join(undoing.told)) or None,
            "differs from before": self._still_different(undoing, by),
        }
        known = self._shown((by and by.name) or change.name)
        headline = _headline(undoing, by, named(known) if known else "the object")
        provenance, budget = outcome.summary.provenance, self._settings.result_tokens
        headline = f"SANDBOX: {headline}" if provenance.sandbox else headline
        summary = report("acknowledgement", headline, facts, provenance, budget)
        return Outcome(summary, outcome.handle, outcome.title, outcome.media_type, outcome.size)

    def _shown(self, value: Any) -> Any:
        """What the journal keeps, as it may be told."""
        return value if self._redactor is None else self._redactor.shown(value)

    def _still_different(self, undoing: Undoing, by: Change | None) -> str | None:
        if by is None or by.after is None or undoing.change.before is None:
            return None
        operation = self._catalog.operation(by.place.provider, undoing.change.operation).operation
        return ", ".join(fields_of(undoing.change.before, by.after, operation)) or None


def _headline(undoing: Undoing, by: Change | None, name: str) -> str:
    change = undoing.change
    if undoing.recreates:
        new = f"has the new id {by.made}" if by and by.made is not None else "has a new id"
        return f"Change {change.id} is undone by a copy: {name} {new}; what refers to the old one stays broken."
    if change.made is not None:
        return f"Change {change.id} is undone: {name} ({change.made}), which it created, is deleted."
    fields = ", ".join(a.name for a in undoing.operation.arguments if a.place == "body" and a.name in undoing.arguments)
    return f"Change {change.id} is undone: {name} ({change.object}) has its previous {fields}."
