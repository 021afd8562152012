"""Before a destructive call is sent: what it would destroy, and the user's yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audience_mcp.call.asker import Asker
from audience_mcp.call.confirmation import GOOD_FOR_SECONDS, Sealer, version_of
from audience_mcp.call.pointer import at
from audience_mcp.call.sending import Sender
from audience_mcp.errors import AudienceError, ConfirmationRequired, Declined, InvalidArguments, NotFound
from audience_mcp.openapi.operation import Operation
from audience_mcp.results.wording import named
from audience_mcp.session.access import Access
from audience_mcp.settings import Confirm

MOST_NAMED = 60
LONGEST_NAME = 120
STALE = (
    "The code given does not fit this act: another object, argument or workspace, a change since, or over ten minutes. "
)


@dataclass(frozen=True, slots=True)
class Subject:
    """The object an act is about: its name, what depends on it, its present state (None where it cannot be read)."""

    name: str
    depends: str
    present: Any


class Consent:
    """Asks for agreement by the configured rule: `auto`, `always`, or `never`."""

    def __init__(self, rule: Confirm, sealer: Sealer, sender: Sender) -> None:
        self._rule, self._sealer, self._sender = rule, sealer, sender

    async def require(
        self, operation: Operation, arguments: dict[str, Any], code: str | None, access: Access, asker: Asker
    ) -> None:
        """Return when the act may be done.

        Raises:
            ConfirmationRequired: The client cannot ask; the text carries the code of the second step.
            Declined: The user said no.
        """
        destroys = operation.destroys(arguments)
        if self._rule == "never" or not (destroys or (self._rule == "always" and operation.writes)):
            return
        # First whatever the log-in needs from the user: a client may forget a yes when it is asked for a code after it.
        await self._sender.token(operation, access, asker)
        subject = await self.subject(operation, arguments, access)
        where = f"{access.provider.title}, {access.workspace_title or access.provider.workspace_word}"
        question = f"{operation.title}{_effect(operation, arguments)}: {subject.name} ({where}).{subject.depends}"
        version = version_of(subject.present)
        workspace = f"{access.workspace.label}/{access.workspace.id}" if access.workspace else ""
        if self._rule == "auto" and code and self._sealer.opens(code, operation.name, arguments, workspace, version):
            return
        answer = await asker.yes(f"confirm_{operation.name}", f"{question} Go ahead?")
        if answer is True:
            return
        if answer is False:
            raise Declined(f"{question} The user said no; nothing was sent.", "Do not try again unless the user asks.")
        if self._rule == "always":
            raise ConfirmationRequired(
                f"{question} Every write must be agreed to by the user, and this client cannot ask. Nothing was sent.",
                "Use a client that can ask, or the user sets AUDIENCE_MCP_CONFIRM to auto.",
            )
        sealed = self._sealer.seal(operation.name, arguments, workspace, version)
        stale = STALE if code else ""
        raise ConfirmationRequired(
            f"{stale}{question} Nothing was sent.",
            f"Tell the user what would happen. If they agree, call again with the same arguments and confirm={sealed!r}"
            f" within {GOOD_FOR_SECONDS // 60} minutes.",
        )

    async def subject(self, operation: Operation, arguments: Mapping[str, Any], access: Access) -> Subject:
        """What the arguments name, read from its documented address.

        Raises:
            NotFound: There is no such object; nothing needs to be agreed to.
        """
        hint = operation.tool.object
        if hint is None or hint.argument not in arguments:
            return Subject(_listed(arguments), " What it is could not be read beforehand.", None)
        object_id = arguments[hint.argument]
        try:
            present = await self._sender.read(operation.provider, hint.operation, {hint.argument: object_id}, access)
        except NotFound:
            raise
        except AudienceError as error:
            return Subject(str(object_id), f" It could not be read beforehand ({error.kind}).", None)
        name = at(present, hint.name)
        used = [f"{pointer.strip('/')}: {_plain(found)}" for pointer in hint.depends if (found := at(present, pointer))]
        depends = f" In use by {'; '.join(used)}." if used else ""
        return Subject(f"{named(str(name), LONGEST_NAME)} ({object_id})" if name else str(object_id), depends, present)


def _effect(operation: Operation, arguments: Mapping[str, Any]) -> str:
    """What makes a write a delete, said in the question: its title alone would hide it."""
    if operation.access == "destructive" or not operation.destroys(dict(arguments)):
        return ""
    given = ", ".join(f"{name} {str(value).lower()}" for name, value in operation.tool.destructive_when.items())
    return f" with {given}, which is a delete"


def _listed(arguments: Mapping[str, Any]) -> str:
    """What the arguments name, list by list, empty ones left out."""
    parts = []
    for name, value in arguments.items():
        if isinstance(value, list) and value:
            shown = ", ".join(map(str, value[:MOST_NAMED]))
            parts.append(f"{len(value)} {name} ({shown}{', …' if len(value) > MOST_NAMED else ''})")
        elif not isinstance(value, list):
            parts.append(f"{name} {_plain(value)}")
    if not parts:
        raise InvalidArguments("The arguments name nothing to act on.", "Name at least one object.")
    return "; ".join(parts)


def _plain(value: Any) -> str:
    text = "".join(character for character in str(value) if character.isprintable())
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 3]}..."
