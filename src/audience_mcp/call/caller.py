"""Tool name + what the model sent -> checked, authorized, sent, cleaned, kept, summarised."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from audience_mcp.call.asker import Asker
from audience_mcp.call.cleaning import cleaned
from audience_mcp.call.consent import Consent
from audience_mcp.call.outcome import Outcome
from audience_mcp.call.paging import Page, Pages, complete, read_all
from audience_mcp.call.pointer import at
from audience_mcp.call.replies import answer_of
from audience_mcp.call.sending import Sender, placed, unconfirmed
from audience_mcp.call.telling import Telling, reading
from audience_mcp.errors import AudienceError, SecondFactorRequired
from audience_mcp.openapi.operation import Operation
from audience_mcp.rest.client import SANDBOX_HEADER, Reply
from audience_mcp.results.answer import Answer, Media
from audience_mcp.results.store import ResultStore
from audience_mcp.results.stored import MEDIA_TYPES
from audience_mcp.results.summarize import summarize
from audience_mcp.session.access import Access
from audience_mcp.session.session import Session
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.schema import ALL_PAGES, CONFIRM, DRY_RUN, OUR_ARGUMENTS, WORKSPACE


@dataclass(frozen=True, slots=True)
class Sent:
    """A call's arguments, the operation's own apart from the four this server adds."""

    own: dict[str, Any]
    workspace: str | None
    all_pages: bool
    dry_run: bool
    confirm: str | None

    @classmethod
    def split(cls, arguments: Mapping[str, Any]) -> Sent:
        """Take the arguments apart."""
        return cls(
            {name: value for name, value in arguments.items() if name not in OUR_ARGUMENTS},
            arguments.get(WORKSPACE),
            bool(arguments.get(ALL_PAGES)),
            bool(arguments.get(DRY_RUN)),
            arguments.get(CONFIRM),
        )

    @property
    def ours(self) -> dict[str, Any]:
        """What of ours belongs to the call when it is made again."""
        return {
            **({WORKSPACE: self.workspace} if self.workspace is not None else {}),
            **({ALL_PAGES: True} if self.all_pages else {}),
        }


class Caller:
    """Runs operations; shared by all calls of a session."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        session: Session,
        sender: Sender,
        consent: Consent,
        store: ResultStore,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._catalog, self._session = settings, catalog, session
        self._sender, self._consent, self._store = sender, consent, store
        self._telling = Telling(settings, session, clock)

    async def call(self, name: str, arguments: Mapping[str, Any], asker: Asker) -> Outcome:
        """Run one provider tool.

        Raises:
            AudienceError: Of the kinds of DESIGN section 10.
        """
        self._catalog.check_offered(name)
        tool = self._catalog.call_target(name)
        operation = tool.operation
        access = None
        try:
            sent = Sent.split(tool.checker.check(arguments))
            access = await self._session.access(operation, sent.workspace)
            return await self._run(operation, sent, access, asker)
        except AudienceError as error:
            if access is None:
                raise error.located(operation.provider, None, None) from None
            self._session.untold(access)
            raise placed(error, access) from None

    async def _run(self, operation: Operation, sent: Sent, access: Access, asker: Asker) -> Outcome:
        if sent.dry_run:
            plan = self._sender.request(operation, sent.own, access, None).shown()
            return Outcome(self._telling.planned(operation, plan, access))
        self._check_confirmed(operation)
        own = await self._filled(operation, sent.own, access, asker)
        reference = access.login.selects(operation.tool.session or "", own)
        if reference is not None:
            await self._session.check_selection(access, reference)
        if operation.writes:
            self._sender.request(operation, own, access, None)  # what cannot be sent needs nobody's consent
        await self._consent.require(operation, own, sent.confirm, access, asker)
        if operation.tool.session:
            return await self._log_in(operation, own, access, asker, reference)
        return await self._answered(operation, sent, own, access, asker)

    async def _answered(
        self, operation: Operation, sent: Sent, own: dict[str, Any], access: Access, asker: Asker
    ) -> Outcome:
        first: list[tuple[Media, Reply]] = []

        async def fetch(arguments: dict[str, Any]) -> Page:
            reply = await self._sender.send(operation, arguments, access, asker)
            answer = answer_of(operation, reply)
            if not first:
                first.append((answer.media, reply))
            return Page(cleaned(answer.value, operation.tool.secrets, operation.tool.allow), answer.size)

        if sent.all_pages and operation.tool.paging:
            pages = await read_all(operation, own, fetch, int(self._settings.max_response_mb * 1e6))
        else:
            page = await fetch(own)
            pages = Pages(page.value, page.size, 1, complete(operation, own, page.value))
        ((media, reply),) = first
        answer = Answer(media, pages.value, pages.size)
        names = await self._names(operation, own, access)
        provenance = await self._telling.answered(
            operation, access, pages, own, sandbox=SANDBOX_HEADER in reply.headers
        )
        untouched = pages.count == 1 and not operation.tool.secrets and not operation.tool.allow
        handle = self._store.put(
            answer,
            tool=operation.name,
            arguments=own | sent.ours,
            provenance=provenance,
            body=reply.body if untouched else None,
            title=operation.title,
            personal=operation.tool.personal,
        )
        summary = summarize(
            answer,
            reading(operation),
            replace(provenance, handle=handle),
            self._settings.result_tokens,
            names=names,
            title=operation.title,
        )
        return Outcome(summary, handle, operation.title, MEDIA_TYPES[answer.media], answer.size)

    async def _log_in(
        self, operation: Operation, own: dict[str, Any], access: Access, asker: Asker, reference: str | None
    ) -> Outcome:
        """A session operation: its tokens stay in the session, and its answer is never kept."""
        answer = answer_of(operation, await self._sender.send(operation, own, access, asker))
        told = access.login.learn(operation.tool.session or "", own, answer.value)
        if reference is not None:
            await self._session.selected_by(access, reference)
        return Outcome(self._telling.logged_in(operation, told, access))

    async def _filled(self, operation: Operation, own: dict[str, Any], access: Access, asker: Asker) -> dict[str, Any]:
        """Arguments the session may supply, supplied; a missing code is asked from the user."""
        filled = dict(own)
        if operation.tool.session == "mfa":
            # Before the code is asked for there must be a log-in that waits for one, and says by which method.
            await access.login.token(operation.tool.identity, access.workspace, operation.tool.session)
        for argument in operation.arguments:
            if argument.session is None or argument.name in filled:
                continue
            value = access.login.session_value(argument.session)
            if value is None and argument.session == "verification_code":
                value = await asker.text(
                    "second_factor", "Enter the second-factor code of the log-in.", "Verification code"
                )
                if not value:
                    raise SecondFactorRequired(
                        "The second factor's code is missing, and this client cannot ask for it.",
                        f"Ask the user for the code and pass it as {argument.name}.",
                    )
            if value is not None:
                filled[argument.name] = value
        return filled

    def _check_confirmed(self, operation: Operation) -> None:
        if operation.risky_guess and self._settings.unconfirmed == "refuse":
            error = unconfirmed(operation, f"{operation.title} was not sent.")
            error.remedy += " The user may set AUDIENCE_MCP_UNCONFIRMED=allow to send it anyway."
            raise error

    async def _names(self, operation: Operation, own: dict[str, Any], access: Access) -> dict[str, str]:
        """Names for the ids of the answer, from the second read the document describes."""
        hint = operation.tool.names
        if hint is None:
            return {}
        try:
            found = await self._sender.read(
                operation.provider, hint.operation, {there: own[here] for there, here in hint.with_.items()}, access
            )
        except AudienceError:
            return {}  # the answer stands without names; its ids are still there
        items = at(found, hint.items)
        return {
            str(item[hint.key]): str(item[hint.name])
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict) and item.get(hint.key) and item.get(hint.name)
        }
