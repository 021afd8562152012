"""read_result: a part of a stored answer, as many whole items as fit."""

from __future__ import annotations

from audience_mcp.call.outcome import Outcome
from audience_mcp.results.page import page_summary
from audience_mcp.results.path import read
from audience_mcp.results.store import ResultStore
from audience_mcp.settings import Settings


class StoredResults:
    """Reads stored results by handle."""

    def __init__(self, settings: Settings, store: ResultStore) -> None:
        self._settings, self._store = settings, store

    def read(
        self,
        handle: str,
        path: str | None = None,
        start: int = 0,
        limit: int | None = None,
        fields: tuple[str, ...] = (),
    ) -> Outcome:
        """A page of what stands at `path` (JSONPath; the whole where it is None), `limit` items from `start`.

        Raises:
            ResultExpired: The result is gone; the remedy names the call to repeat.
            InvalidArguments: The path is no JSONPath, or leads nowhere.
        """
        stored = self._store.get(handle)
        stop = None if limit is None else start + limit
        page = read(stored.answer().value, path, start, stop, fields)
        summary = page_summary(page, stored.card.provenance, self._settings.result_tokens, stored.card.title)
        return Outcome(summary, handle, stored.card.title, stored.media_type, len(stored.body))
