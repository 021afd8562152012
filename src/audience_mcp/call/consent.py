"""Before a destructive call is sent: what it would destroy, and the user's yes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from audience_mcp.call.asker import Asker
from audience_mcp.call.confirmation import GOOD_FOR_SECONDS, Sealer
from audience_mcp.call.seeing import LONGEST_NAME, Seen
from audience_mcp.call.veiled import shown
from audience_mcp.changes.present import version
from audience_mcp.changes.prospect import prospect
from audience_mcp.errors import ConfirmationRequired, Declined, InvalidArguments
from audience_mcp.openapi.operation import Operation
from audience_mcp.session.access import Access
from audience_mcp.settings import Confirm

MOST_NAMED = 60
STALE = (
    "The code given does not fit this act: another object, argument or workspace, a change since, over ten minutes, or"
    " used already. "
)


class Consent:
    """Asks for agreement by the configured rule: `auto`, `always`, or `never`."""

    def __init__(self, rule: Confirm, sealer: Sealer) -> None:
        self._rule, self._sealer = rule, sealer

    def needed(self, operation: Operation, arguments: dict[str, Any]) -> bool:
        """Whether the user has to agree to this call."""
        if self._rule == "never":
            return False
        return operation.destroys(arguments) or (self._rule == "always" and operation.writes)

    async def given(
        self,
        operation: Operation,
        arguments: dict[str, Any],
        seen: Sequence[Seen],
        code: str | None,
        access: Access,
        asker: Asker,
    ) -> bool:
        """Return when the act may be done; `seen` is what it is about. True where a person was asked just now.

        Raises:
            ConfirmationRequired: The client cannot ask; the text carries the code of the second step.
            Declined: The user said no.
        """
        if not self.needed(operation, arguments):
            return False
        where = f"{access.provider.title}, {access.workspace_title or access.provider.workspace_word}"
        told = [one.veiled() for one in seen]
        subject = _subject(operation, shown(arguments), told)
        question = f"{operation.title}{_effect(operation, arguments)}: {subject} ({where})."
        question += "".join(f" {part}" for part in (_depends(told), prospect_of(seen)) if part)
        act = (operation.name, arguments, _workspace(access), version_of(seen))
        if self._rule == "auto" and code and self._sealer.opens(code, *act):
            return False
        answer = await asker.yes(f"confirm_{operation.name}_{self._sealer.mark(*act)}", f"{question} Go ahead?")
        if answer is True:
            return True
        if answer is False:
            raise Declined(f"{question} The user said no; nothing was sent.", "Do not try again unless the user asks.")
        if self._rule == "always":
            raise ConfirmationRequired(
                f"{question} Every write must be agreed to by the user, and this client cannot ask. Nothing was sent.",
                "Use a client that can ask, or the user sets AUDIENCE_MCP_CONFIRM to auto.",
            )
        sealed = self._sealer.seal(*act)
        raise ConfirmationRequired(
            f"{STALE if code else ''}{question} Nothing was sent.",
            f"Tell the user what would happen. If they agree, call again with the same arguments and confirm={sealed!r}"
            f" within {GOOD_FOR_SECONDS // 60} minutes.",
        )


def prospect_of(seen: Sequence[Seen]) -> str:
    """Whether what is about to be done to these objects can be taken back, in a sentence; empty where nothing is."""
    told = dict.fromkeys(prospect(one.operation, one.present, one.unread) for one in seen)
    return " ".join(told) if len(told) < 3 else "Not all of it can be undone."


def version_of(seen: Sequence[Seen]) -> str:
    """What changes as soon as one of the objects does."""
    told = [version(one.present, one.hint) if one.hint and one.present is not None else "unread" for one in seen]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def _workspace(access: Access) -> str:
    """The workspace a code is sealed for; a key's own by the id that its log-in has told by now."""
    workspace = access.workspace
    if workspace is not None and workspace.id is None:
        workspace = access.login.own_workspace() or workspace
    return f"{workspace.label}/{workspace.id}" if workspace else ""


def _effect(operation: Operation, arguments: Mapping[str, Any]) -> str:
    """What makes a write a delete, said in the question: its title alone would hide it."""
    if operation.access == "destructive" or not operation.destroys(dict(arguments)):
        return ""
    given = ", ".join(f"{name} {str(value).lower()}" for name, value in operation.tool.destructive_when.items())
    return f" with {given}, which is a delete"


def _subject(operation: Operation, arguments: Mapping[str, Any], seen: Sequence[Seen]) -> str:
    """What the act is about: the objects by name, by kind where there are several kinds; else what was passed."""
    if not operation.tool.each:
        return seen[0].title if seen and seen[0].hint else _listed(arguments)
    if not seen:
        raise InvalidArguments("The arguments name nothing to act on.", "Name at least one object.")
    parts = []
    for kind, group in groupby(seen, key=lambda one: f"{one.hint.argument}s" if one.hint else one.operation.title):
        every = [one.title if one.unread is None else f"{one.title} ({one.unread})" for one in group]
        more = f", and {len(every) - MOST_NAMED} more" if len(every) > MOST_NAMED else ""
        parts.append(f"{len(every)} {kind}: {', '.join(every[:MOST_NAMED])}{more}")
    return "; ".join(parts)


def _depends(seen: Sequence[Seen]) -> str:
    used = [f"{field}: {_plain(found)}" for one in seen for field, found in one.depends.items()]
    return f"In use by {'; '.join(used)}." if used else ""


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
