"""A write, from what it is about to what it left: seen, agreed to, kept in the journal, and its end recorded."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import anyio
import anyio.to_thread

from audience_mcp.call.asker import Asker
from audience_mcp.call.consent import Consent, version_of
from audience_mcp.call.pointer import at
from audience_mcp.call.seeing import Seen, Sight
from audience_mcp.call.taking_back import way_back
from audience_mcp.call.veiled import shown
from audience_mcp.call.witnessed import WITNESS
from audience_mcp.changes.change import Change, Ending, Place
from audience_mcp.changes.journal import Journal, new_change_id
from audience_mcp.changes.standing import check_standing
from audience_mcp.changes.undoing import NotUndoable, Undoing
from audience_mcp.changes.written import written
from audience_mcp.errors import AudienceError, Conflict, Internal, OutcomeUnknown
from audience_mcp.openapi.operation import Operation
from audience_mcp.session.access import Access
from audience_mcp.session.session import Session
from audience_mcp.settings import Confirm
from audience_mcp.tools.catalog import Catalog

Json = Any


class Act:
    """One write that may be sent now: its changes in the journal (none where that could not be written)."""

    def __init__(
        self,
        changes: Sequence[Change],
        done: Sequence[Operation],
        catalog: Catalog,
        journal: Journal,
        sight: Sight,
        access: Access,
    ) -> None:
        self.changes, self._done, self._catalog = list(changes), done, catalog
        self._journal, self._sight, self._access = journal, sight, access

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Record a failure of what happens within; a cancelled call stays one whose outcome is unknown."""
        try:
            yield
        except AudienceError as error:
            unknown = isinstance(error, OutcomeUnknown)
            await self._end("unknown" if unknown else "failed")
            if unknown and any(change.before is not None for change in self.changes):
                error.remedy += " What was there before is kept: see list_changes."
            raise

    async def done(self, value: Json) -> tuple[str, ...]:
        """Record that it went well, with the object as it is left; returns what the model should know of undoing it.

        `value` is the provider's answer.
        """
        await self._end("done", value)
        for place, change in enumerate(self.changes):
            left = await self._left(self._done[place], change, value)
            if left is not None:
                self.changes[place] = left
                await self._write(left)
        return self._told()

    async def _end(self, outcome: Ending, value: Json = None) -> None:
        for place, change in enumerate(self.changes):
            undo = self._done[place].tool.undo
            found = at(value, undo.id) if undo and undo.delete and outcome == "done" else None
            made = found if isinstance(found, (str, int)) else None
            self.changes[place] = replace(change, outcome=outcome, made=made)
            await self._write(self.changes[place])

    async def _write(self, change: Change) -> None:
        """Write an end down, also when the call is cancelled meanwhile: what was acknowledged is known."""
        with anyio.CancelScope(shield=True):
            try:
                await anyio.to_thread.run_sync(self._journal.end, change)
            except OSError:
                pass  # it stays a change whose outcome is unknown

    async def _left(self, operation: Operation, change: Change, value: Json) -> Change | None:
        """The change with the object as it is left: in the answer, or read once more; None where nobody knows."""
        hint = self._sight.hint_of(operation)
        object_id = change.object if change.made is None else change.made
        if hint is None or object_id is None:
            return None
        name = at(value, hint.name)
        whole = isinstance(value, dict) and name is not None and str(value.get("id")) == str(object_id)
        if not whole or (isinstance(change.before, dict) and not change.before.keys() <= value.keys()):
            try:
                value = await self._sight.read(operation, hint, object_id, self._access)
            except AudienceError:
                return None
            name = at(value, hint.name)
        return replace(change, after=value, name=str(name) if name else change.name)

    def _told(self) -> tuple[str, ...]:
        if not self.changes:
            return ("not kept in the journal: it cannot be undone",)
        if len(self.changes) > 1:
            return (f"{len(self.changes)} changes kept: list_changes names them",)
        (change,) = self.changes
        try:
            found = way_back(change, self._catalog)
        except NotUndoable as error:
            return (f"cannot be undone: {error.why}",)
        how = ", as a copy with a new id" if found.recreates else ""
        return (f"undo: undo_change(change='{change.id}'){how}",)


class Writing:
    """Lets writes pass, one by one."""

    def __init__(
        self,
        rule: Confirm,
        catalog: Catalog,
        session: Session,
        sight: Sight,
        consent: Consent,
        journal: Journal,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._rule, self._catalog, self._session, self._sight = rule, catalog, session, sight
        self._consent, self._journal, self._clock = consent, journal, clock

    async def seen(
        self,
        operation: Operation,
        own: Mapping[str, Json],
        access: Access,
        undoes: Undoing | None,
        *,
        planning: bool = False,
    ) -> tuple[Seen, ...]:
        """What a write is about, as it is now; of an undo it must still be what this server left.

        A plan may be about an object that is not there: it says so.

        Raises:
            NotFound: There is no such object.
            Conflict: It is not as this server left it, or nobody knows.
        """
        seen = await self._sight.seen(operation, own, access, missing=planning)
        if undoes is not None and undoes.hint is not None and not undoes.recreates:
            (one,) = seen
            if one.present is None:
                raise Conflict(
                    f"The object of change {undoes.change.id} {one.unread}, so nobody knows whether it was changed"
                    " since. Nothing was sent.",
                    "Try again once it can be read.",
                )
            check_standing(undoes.change, one.present, undoes.hint, shown)
        return seen

    async def begun(
        self,
        operation: Operation,
        own: dict[str, Json],
        code: str | None,
        access: Access,
        asker: Asker,
        undoes: Undoing | None,
    ) -> Act:
        """The write, ready to be sent: agreed to, and kept so that it can be taken back.

        Raises:
            ConfirmationRequired, Declined: The user has to agree, or does not.
            NotFound, Conflict: As `seen`.
            Internal: What would be lost could not be kept, or the audit has no line for it.
        """
        seen = await self.seen(operation, own, access, undoes)
        if await self._consent.given(operation, own, seen, code, access, asker):
            asked, seen = seen, await self.seen(operation, own, access, undoes)  # a person may have taken minutes
            if version_of(asked) != version_of(seen):
                raise Conflict(
                    f"{operation.title}: the object was changed while the user was asked. Nothing was sent.",
                    "Call again: the user is asked about it as it is now.",
                )
        done = [one.operation for one in seen] or [operation]
        place = undoes.change.place if undoes else await self._place(access)
        changes = self._changes(operation, own, seen, place, undoes.change.id if undoes else None)
        witness = WITNESS.get()
        if witness is not None:
            witness.writes([change.id for change in changes], place)
        try:
            for change in changes:
                await anyio.to_thread.run_sync(self._journal.begin, change)
        except OSError as error:
            # What is overwritten or deleted unkept is gone for good: that must not happen without anybody knowing.
            if seen and self._rule != "never":
                for change in changes:  # of several, some may have been kept: they do not happen
                    with suppress(OSError):
                        await anyio.to_thread.run_sync(self._journal.end, replace(change, outcome="failed"))
                raise self._unkept(error) from None
            changes = []
        return Act(changes, done, self._catalog, self._journal, self._sight, access)

    def _changes(
        self, operation: Operation, own: Mapping[str, Json], seen: Sequence[Seen], place: Place, undoes: str | None
    ) -> list[Change]:
        fields = written(operation, own)
        base = Change("", self._clock(), place, operation.name, operation.id, fields=tuple(fields), undoes=undoes)
        undo = operation.tool.undo
        if not seen:
            name = own.get("name")
            return [replace(base, id=new_change_id(), name=name if isinstance(name, str) else None)]
        return [
            replace(
                base,
                id=new_change_id(),
                operation=one.operation.id,
                object=one.id if isinstance(one.id, (str, int)) else None,
                name=one.name,
                sent=fields if undo and undo.restore else {},
                fields=() if operation.tool.each else tuple(fields),
                before=one.present,
            )
            for one in seen
        ]

    async def _place(self, access: Access) -> Place:
        url, workspace = access.endpoints.urls["api"], await self._session.named(access)
        if workspace is None:
            return Place(access.provider.id, url, label=access.login.credential.label)
        return Place(access.provider.id, url, workspace.id, workspace.name, workspace.label)

    def _unkept(self, error: OSError) -> Internal:
        why = error.strerror or type(error).__name__
        return Internal(
            f"The journal of changes cannot be written ({why}: {self._journal.folder}), so what is there now could not"
            " be kept for undo_change. Nothing was sent.",
            "The user frees space or makes that folder writable, then call again. With AUDIENCE_MCP_CONFIRM=never"
            " writes are sent without being kept, and their answers say so.",
        )
