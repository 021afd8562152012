"""Tool name + arguments -> what the model reads; the one error boundary of tool calls."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audience_mcp.builtin.finding import Finding
from audience_mcp.builtin.own import OwnTools
from audience_mcp.call.asker import Asker
from audience_mcp.call.attended import BEAT_SECONDS, attended
from audience_mcp.call.caller import Caller
from audience_mcp.call.outcome import Outcome
from audience_mcp.call.veiled import VeiledAsker
from audience_mcp.call.witnessed import WITNESS
from audience_mcp.errors import AudienceError, Internal
from audience_mcp.tools.catalog import META_KEY, Catalog
from audience_mcp.tools.finding import CALL_TOOL, SEARCH_TOOLS
from audience_mcp.tools.own import EXPORT_RESULT, OWN_NAMES, SELECT_WORKSPACE

if TYPE_CHECKING:
    from audience_mcp.audit.audit import Audit, Witness
    from audience_mcp.redaction.redactor import Redactor, Veil

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What goes back: the text, the same as an object, and where the full data is (None for an error)."""

    text: str
    structured: dict[str, Any]
    is_error: bool
    outcome: Outcome | None = None


class Interrupted(Exception):
    """A call that ends without an answer because its client must repeat it with something the user gives."""


class Dispatcher:
    """Sends each call to our own tools or to a provider's operation.

    `titles` are the providers' by id; `beat_seconds` is how often a client hears that a long call is still at work;
    `audit` writes down each call, where the operator wants that; `redactor` masks personal data, where the user does.
    """

    def __init__(
        self,
        catalog: Catalog,
        caller: Caller,
        own: OwnTools,
        finding: Finding,
        titles: Mapping[str, str],
        beat_seconds: float = BEAT_SECONDS,
        audit: Audit | None = None,
        redactor: Redactor | None = None,
    ) -> None:
        self._redactor = redactor
        self.catalog, self._caller, self._own, self._finding = catalog, caller, own, finding
        self._titles, self._beat_seconds, self._audit = titles, beat_seconds, audit

    async def run(
        self, name: str, arguments: Mapping[str, Any], asker: Asker, client: tuple[str, str] | None = None
    ) -> Told:
        """Run one call; every failure comes back as something to read.

        A tool named to call_tool runs as if it had been called itself. `client` is the name and version that the
        client gives itself.

        Raises:
            KeyError: The name is in no version of the catalog.
            Interrupted: The asker needs the client to repeat the call.
        """
        if not self.catalog.knows(name):
            raise KeyError(name)
        if self._audit is None:
            return await self._told(name, arguments, asker, None)
        with self._audit.following(self.catalog.wire(name), arguments, client) as witness:
            watched = WITNESS.set(witness)
            try:
                told = await self._told(name, arguments, asker, witness)
            finally:
                WITNESS.reset(watched)
            witness.told(told.structured, is_error=told.is_error)
            return told

    async def _told(self, name: str, arguments: Mapping[str, Any], asker: Asker, witness: Witness | None) -> Told:
        try:
            if name == CALL_TOOL:
                name, arguments = self._finding.meant(arguments)
                if witness is not None:
                    witness.means(self.catalog.wire(name), arguments)
            if name == EXPORT_RESULT and witness is not None:
                witness.writes()
            outcome = await attended(
                lambda told: self._outcome(name, arguments, told), asker, self._waiting(name), self._beat_seconds
            )
            return self._swept(outcome)
        except AudienceError as error:
            if self._redactor is not None:
                self._redactor.error(error)  # it may quote a provider
            return Told(error.text(), {"error": error.structured()}, is_error=True)
        except Interrupted:
            raise
        except Exception as error:
            # A foreign exception's message may hold anything, a secret included: only type and place are logged.
            log.error(
                "%s failed: %s\n%s", name, type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
            )
            told = Internal(
                f"{name} failed inside the server ({type(error).__name__}).",
                "Do not repeat the call unchanged. The server's log says where; report it to the project.",
            )
            return Told(told.text(), {"error": told.structured()}, is_error=True)

    async def _outcome(self, name: str, arguments: Mapping[str, Any], asker: Asker) -> Outcome:
        if self._redactor is not None:
            asker = VeiledAsker(asker, self._redactor)
            if name == SELECT_WORKSPACE:  # it alone of ours names something as it is; stored results hold tokens
                return await self._selected(self._redactor.opened(arguments), asker)
        if name in OWN_NAMES:
            return await self._own.run(name, arguments, asker)
        if name == SEARCH_TOOLS:
            return self._finding.told(arguments)
        return await self._caller.call(name, arguments, asker)

    async def _selected(self, veil: Veil, asker: Asker) -> Outcome:
        try:
            return await self._own.run(SELECT_WORKSPACE, veil.arguments, asker)
        except AudienceError as error:
            raise veil.error(error) from None

    def _swept(self, outcome: Outcome) -> Told:
        text, structured = outcome.summary.text(), outcome.summary.structured()
        if self._redactor is not None:  # workspaces, users and objects may be named by an address
            text, structured = self._redactor.swept(text), self._redactor.swept(structured)
        return Told(text, structured, is_error=False, outcome=outcome)

    def _waiting(self, name: str) -> str:
        if name in OWN_NAMES or name == SEARCH_TOOLS:
            return f"{name} at work"
        return f"waiting for {self._titles[self.catalog.wire(name)['_meta'][META_KEY]['provider']]}"
