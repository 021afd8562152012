"""What a client may suggest while an argument is typed: only what this process already knows, nobody is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from audience_mcp.call.pointer import at
from audience_mcp.errors import AudienceError
from audience_mcp.results.store import ResultStore
from audience_mcp.server.prompts.book import Argument
from audience_mcp.session.session import Session

if TYPE_CHECKING:
    from audience_mcp.redaction.redactor import Redactor

MOST_RESULTS = 20
LARGEST_BYTES = 1_000_000
LONGEST_VALUE = 200
NAMES, IDS = ("name", "title"), ("id",)


class Suggestions:
    """Looks into the session and the stored results."""

    def __init__(
        self, session: Session, store: ResultStore, providers: tuple[str, ...], redactor: Redactor | None = None
    ) -> None:
        self._redactor = redactor
        self._session, self._store, self._providers = session, store, providers

    def of_argument(self, argument: Argument, typed: str, providers: Iterable[str]) -> list[str]:
        """Values for an argument of a prompt whose steps are at `providers`."""
        if argument.workspaces:
            known = list(self._workspaces(providers))
            return _fitting(self._redactor.swept(known) if self._redactor else known, typed)
        if argument.known:
            return _fitting(self._saved(argument.known), typed)
        return _fitting(argument.options, typed)

    def of_handle(self, typed: str) -> list[str]:
        """Handles of stored results, the newest first."""
        return _fitting((card.handle for card in self._store.cards()), typed)

    def _workspaces(self, providers: Iterable[str]) -> Iterator[str]:
        for provider in self._providers:
            if provider in set(providers):
                try:
                    known = self._session.known(provider)
                except AudienceError:
                    continue  # a credential that cannot be used: get_session and the call itself say why
                for workspace in known:
                    yield workspace.name or workspace.id or ""

    def _saved(self, tools: tuple[str, ...]) -> Iterator[str]:
        """Names of the saved objects in stored lists, then their ids (of use to who typed the start of one)."""
        cards = [card for card in self._store.cards() if card.tool in tools and card.media == "json"][:MOST_RESULTS]
        items: list[dict[str, Any]] = []
        for card in cards:
            try:
                stored = self._store.get(card.handle)
            except AudienceError:
                continue
            if len(stored.body) <= LARGEST_BYTES:
                found = at(stored.answer().value, card.reading.items or "")
                items += [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
        for fields in (NAMES, IDS):
            for item in items:
                yield next((str(item[field]) for field in fields if item.get(field)), "")


def _fitting(values: Iterable[str], typed: str) -> list[str]:
    """The values that hold what was typed, those that start with it first."""
    wanted = typed.strip().casefold()
    fitting = [value for value in dict.fromkeys(values) if _fit_to_show(value) and wanted in value.casefold()]
    return sorted(fitting, key=lambda value: not value.casefold().startswith(wanted))


def _fit_to_show(value: str) -> bool:
    return bool(value) and len(value) <= LONGEST_VALUE and value.isprintable()
