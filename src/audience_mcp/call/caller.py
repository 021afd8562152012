"""Tool name + what the model sent -> checked, authorized, sent, cleaned, kept, summarised."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audience_mcp.call.asker import Asker
from audience_mcp.call.cleaning import cleaned
from audience_mcp.call.following import complete
from audience_mcp.call.outcome import Outcome
from audience_mcp.call.paging import Page, Pages, read_all
from audience_mcp.call.planning import Plan, Planning
from audience_mcp.call.pointer import at
from audience_mcp.call.replies import answer_of
from audience_mcp.call.sending import Sender, placed, unconfirmed
from audience_mcp.call.telling import Telling, reading
from audience_mcp.call.veiled import VEIL, answered, recalled, shown, sourced, veiled_errors, written
from audience_mcp.call.witnessed import WITNESS
from audience_mcp.call.writing import Act, Writing
from audience_mcp.changes.undoing import Undoing
from audience_mcp.errors import AudienceError, SecondFactorRequired
from audience_mcp.openapi.operation import Operation
from audience_mcp.rest.client import SANDBOX_HEADER, Reply
from audience_mcp.results.answer import Answer, Media
from audience_mcp.results.draft import View
from audience_mcp.results.store import ResultStore
from audience_mcp.results.stored import MEDIA_TYPES
from audience_mcp.results.summarize import summarize
from audience_mcp.session.access import Access
from audience_mcp.session.session import Session
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.schema import ALL_PAGES, CONFIRM, DRY_RUN, OUR_ARGUMENTS, WORKSPACE

if TYPE_CHECKING:
    from audience_mcp.redaction.redactor import Redactor


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
    """Runs operations; shared by all calls of a session. `redactor` masks personal data, where the user wants that."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        session: Session,
        sender: Sender,
        writing: Writing,
        store: ResultStore,
        clock: Callable[[], float] = time.time,
        redactor: Redactor | None = None,
    ) -> None:
        self._redactor = redactor
        self._settings, self._catalog, self._session = settings, catalog, session
        self._sender, self._writing, self._store = sender, writing, store
        self._telling = Telling(settings, session, clock)
        self._planning = Planning(self._telling, store, settings.result_tokens)

    async def call(
        self, name: str, arguments: Mapping[str, Any], asker: Asker, undoes: Undoing | None = None
    ) -> Outcome:
        """Run one provider tool; `undoes` is the change that the call takes back.

        Raises:
            AudienceError: Of the kinds of DESIGN section 10.
        """
        self._catalog.check_offered(name)
        tool = self._catalog.call_target(name)
        operation = tool.operation
        access = outcome = veil = veiled = None
        try:
            if self._redactor is not None:
                veil = self._redactor.opened(arguments, real=undoes is not None, schema=tool.schema)
                arguments, veiled = veil.arguments, VEIL.set(veil)
            sent = Sent.split(tool.checker.check(arguments))
            access = await self._session.access(operation, sent.workspace)
            if (witness := WITNESS.get()) is not None:
                witness.runs(operation, sent.own, access)
            outcome = await self._run(operation, sent, access, asker, undoes)
            return outcome
        except AudienceError as error:
            if access is None:
                told = error.located(operation.provider, None, None)
            else:
                told = placed(await self._session.explained(error, access), access)
            raise told if veil is None else veil.error(told) from None
        finally:
            if veiled is not None:
                VEIL.reset(veiled)
            if outcome is None and access is not None:
                self._session.untold(access)  # failed, cancelled, or to be repeated with the user's answer

    async def _run(
        self, operation: Operation, sent: Sent, access: Access, asker: Asker, undoes: Undoing | None
    ) -> Outcome:
        if sent.dry_run:
            return await self._planned(operation, sent, access, undoes)
        self._check_confirmed(operation)
        own = await self._filled(operation, sent.own, access, asker)
        reference = access.login.selects(operation.tool.session or "", own)
        if reference is not None:
            await self._session.check_selection(access, reference)
        act = None
        if operation.writes:
            written()
            self._sender.request(operation, own, access, None)  # what cannot be sent needs nobody's consent
            # First whatever the log-in needs of the user: a client may forget a yes when it is asked for a code after.
            await self._sender.token(operation, access, asker)
            act = await self._writing.begun(operation, own, sent.confirm, access, asker, undoes)
        if operation.tool.session:
            return await self._log_in(operation, own, access, asker, reference, act)
        return await self._answered(operation, sent, own, access, asker, act)

    async def _planned(self, operation: Operation, sent: Sent, access: Access, undoes: Undoing | None) -> Outcome:
        request = self._sender.request(operation, sent.own, access, None).shown()
        seen = [one.veiled() for one in await self._writing.seen(operation, sent.own, access, undoes, planning=True)]
        purpose, cannot = (f"to undo change {undoes.change.id}", "; ".join(undoes.told)) if undoes else (None, None)
        plan = Plan(operation, recalled(sent.own), shown(request), seen, purpose, shown(cannot))
        return self._planning.told(plan, access, {**recalled(sent.ours), DRY_RUN: True})

    async def _answered(
        self, operation: Operation, sent: Sent, own: dict[str, Any], access: Access, asker: Asker, act: Act | None
    ) -> Outcome:
        first: list[tuple[Media, Reply, bool, Any]] = []
        personal, masked = operation.tool.personal, VEIL.get() is not None

        async def fetch(arguments: dict[str, Any]) -> Page:
            with veiled_errors():
                async with act.watched() if act else nullcontext():
                    reply = _witnessed(await self._sender.send(operation, arguments, access, asker))
                    answer = answer_of(operation, reply)
            value = cleaned(answer.value, operation.tool.secrets, operation.tool.allow)
            if not first:
                # Where something is masked the provider's own bytes are never kept: they may say what no value shows.
                whole = not masked and (value is answer.value or value == answer.value)
                first.append((answer.media, reply, whole, value if act else None))
            return Page(answered(value, operation), answer.size)

        if sent.all_pages and operation.tool.paging:
            most = int(self._settings.max_response_mb * 1e6)
            pages = await read_all(operation, own, fetch, most, asker.report)
        else:
            page = await fetch(own)
            pages = Pages(page.value, page.size, 1, complete(operation, own, page.value))
        ((media, reply, whole, real),) = first
        notes = await act.done(real) if act else ()
        answer = Answer(media, pages.value, pages.size)
        names = await self._names(operation, own, access)
        provenance = await self._telling.answered(
            operation, access, pages, own, sandbox=SANDBOX_HEADER in reply.headers
        )
        provenance = sourced(replace(provenance, notes=(*notes, *provenance.notes)))
        handle = self._store.put(
            answer,
            tool=operation.name,
            arguments=recalled(own | sent.ours),
            provenance=provenance,
            body=reply.body if whole and pages.count == 1 else None,
            title=operation.title,
            personal=personal,
            reading=reading(operation),
            names=names,
        )
        summary = summarize(
            answer,
            reading(operation),
            replace(provenance, handle=handle, columns=None if act else _columns(answer, operation, names, handle)),
            self._settings.result_tokens,
            names=names,
            title=operation.title,
            further=pages.stopped,
        )
        return Outcome(summary, handle, operation.title, MEDIA_TYPES[answer.media], answer.size)

    async def _log_in(
        self,
        operation: Operation,
        own: dict[str, Any],
        access: Access,
        asker: Asker,
        reference: str | None,
        act: Act | None,
    ) -> Outcome:
        """A session operation: its tokens stay in the session, and its answer is never kept."""
        async with act.watched() if act else nullcontext():
            answer = answer_of(operation, _witnessed(await self._sender.send(operation, own, access, asker)))
        notes = await act.done(None) if act else ()
        told = access.login.learn(operation.tool.session or "", own, answer.value)
        if reference is not None:
            await self._session.selected_by(access, reference)
        return Outcome(self._telling.logged_in(operation, shown(dict(told)), access, notes))

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
            error = unconfirmed(self._catalog, operation, f"{operation.title} was not sent.")
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
        items = at(shown(found), hint.items)
        return {
            str(item[hint.key]): str(item[hint.name])
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict) and item.get(hint.key) and item.get(hint.name)
        }


def _witnessed(reply: Reply) -> Reply:
    """The same reply, once whoever follows the call knows its status."""
    if (witness := WITNESS.get()) is not None:
        witness.answered(reply.status)
    return reply


def _columns(answer: Answer, operation: Operation, names: Mapping[str, str], handle: str) -> str | None:
    """The tables that the answer is to SQL; None where there is nothing to select from."""
    if not isinstance(answer.value, (dict, list)) or not answer.value:
        return None
    from audience_mcp.query.layout import layout

    return layout(View(answer.value, answer.media, reading(operation), names)).described(handle)
