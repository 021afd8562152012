"""A write's arguments -> the objects it is about, each read from its documented address before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import anyio

from audience_mcp.call.cleaning import cleaned
from audience_mcp.call.pointer import at
from audience_mcp.call.sending import Sender
from audience_mcp.call.veiled import shown
from audience_mcp.errors import AudienceError, NotFound
from audience_mcp.openapi.operation import ObjectHint, Operation
from audience_mcp.results.wording import named
from audience_mcp.session.access import Access
from audience_mcp.tools.catalog import Catalog

LONGEST_NAME = 120
MOST_READ = 100  # objects of one call: each is a request of its own
AT_ONCE = 8
NO_READ = "is read by no documented operation"
NONE_THERE = "does not exist"
TOO_MANY = f"was not read (only the first {MOST_READ} are)"


@dataclass(frozen=True, slots=True)
class Seen:
    """One object of a write: `operation` is what is done to it (of a call about many: to it alone).

    `present` is the object as it is, None where it could not be read; `unread` says why, as the end of a sentence.
    """

    operation: Operation
    id: Any = None
    present: Any = None
    unread: str | None = None

    def veiled(self) -> Seen:
        """The same as it may be shown."""
        return replace(self, id=shown(self.id), present=shown(self.present))

    @property
    def hint(self) -> ObjectHint | None:
        """How the object is read."""
        return self.operation.tool.object

    @property
    def name(self) -> str | None:
        """Its name, as the provider tells it."""
        found = at(self.present, self.hint.name) if self.hint else None
        return str(found) if found else None

    @property
    def title(self) -> str:
        """Name and id, or the id with what kept it from being read."""
        if self.name is not None:
            return f"{named(self.name, LONGEST_NAME)} ({self.id})"
        return str(self.id)

    @property
    def depends(self) -> dict[str, Any]:
        """What the object says depends on it, by field."""
        pointers = self.hint.depends if self.hint else ()
        return {pointer.strip("/"): found for pointer in pointers if (found := at(self.present, pointer))}


class Sight:
    """Reads objects; what it reads is never cached: it must be what is there now."""

    def __init__(self, catalog: Catalog, sender: Sender) -> None:
        self._catalog, self._sender = catalog, sender

    async def seen(
        self, operation: Operation, arguments: Mapping[str, Any], access: Access, *, missing: bool = False
    ) -> tuple[Seen, ...]:
        """The objects that the arguments name, in their order; none where they name none that is saved already.

        Raises:
            NotFound: The call is about one object, and there is none (with `missing` it is told like the others).
        """
        if operation.tool.each:
            return await self._many(operation, arguments, access)
        if operation.tool.undo and operation.tool.undo.delete:
            return ()  # it makes something new, and leaves alone what it is made from
        hint = operation.tool.object
        if hint is not None and hint.argument in arguments:
            object_id = arguments[hint.argument]
            seen = await self._one(operation, object_id, access)
            if isinstance(seen, Seen):
                return (seen,)
            if missing:
                return (Seen(operation, object_id, unread=NONE_THERE),)
            raise seen
        if operation.access == "destructive" or (operation.tool.hints and operation.tool.hints.destructive):
            return (Seen(operation, _only_id(operation, arguments), unread=NO_READ),)
        return ()

    async def read(self, operation: Operation, hint: ObjectHint, object_id: Any, access: Access) -> Any:
        """The object as it is, without its secret fields.

        Raises:
            AudienceError: It cannot be read.
        """
        reading = self._catalog.operation(operation.provider, hint.operation).operation.tool
        found = await self._sender.read(operation.provider, hint.operation, {hint.argument: object_id}, access)
        return cleaned(found, reading.secrets, reading.allow)

    def hint_of(self, operation: Operation) -> ObjectHint | None:
        """How the object is read that `operation` leaves; None where it leaves none, or none that can be read."""
        undo = operation.tool.undo
        if undo is None or undo.create is not None:
            return None
        if undo.delete is not None:
            return self._catalog.operation(operation.provider, undo.delete).operation.tool.object
        return operation.tool.object

    async def _one(self, operation: Operation, object_id: Any, access: Access) -> Seen | NotFound:
        assert operation.tool.object is not None
        try:
            return Seen(operation, object_id, await self.read(operation, operation.tool.object, object_id, access))
        except NotFound as error:
            return error
        except AudienceError as error:
            return Seen(operation, object_id, unread=f"could not be read beforehand ({error.kind})")

    async def _many(self, operation: Operation, arguments: Mapping[str, Any], access: Access) -> tuple[Seen, ...]:
        asked = [
            (self._catalog.operation(operation.provider, each).operation, object_id)
            for name, each in operation.tool.each.items()
            for object_id in arguments.get(name) or ()
        ]
        found = [Seen(each, object_id, unread=TOO_MANY) for each, object_id in asked]
        limiter = anyio.CapacityLimiter(AT_ONCE)

        async def look(place: int, each: Operation, object_id: Any) -> None:
            async with limiter:
                seen = await self._one(each, object_id, access)
            found[place] = Seen(each, object_id, unread=NONE_THERE) if isinstance(seen, NotFound) else seen

        async with anyio.create_task_group() as group:
            for place, (each, object_id) in enumerate(asked[:MOST_READ]):
                group.start_soon(look, place, each, object_id)
        return tuple(found)


def _only_id(operation: Operation, arguments: Mapping[str, Any]) -> Any:
    """The object's id where the path holds just one argument."""
    names = [argument.name for argument in operation.arguments if argument.place == "path"]
    return arguments.get(names[0]) if len(names) == 1 else None
