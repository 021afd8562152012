"""read_result: a part of a stored answer, as many whole items as fit."""

from __future__ import annotations

from functools import partial
from typing import Any

from anyio import to_thread

from audience_mcp.call.outcome import Outcome
from audience_mcp.results.page import page_summary
from audience_mcp.results.path import read
from audience_mcp.results.store import ResultStore
from audience_mcp.results.stored import StoredResult
from audience_mcp.results.summary import Summary
from audience_mcp.settings import Settings

LARGE_BYTES = 256_000  # from here on a result is read beside the event loop: some milliseconds and more
CACHED_BYTES = 16_000_000


class StoredResults:
    """Reads stored results by handle."""

    def __init__(self, settings: Settings, store: ResultStore) -> None:
        self._settings, self._store = settings, store
        # The value last read: a model that pages through a large result must not wait for it to be parsed each time.
        self._last: tuple[str, Any] = ("", None)

    async def read(
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
        told = partial(self._told, stored, path, start, None if limit is None else start + limit, fields)
        large = len(stored.body) > LARGE_BYTES
        summary = await to_thread.run_sync(told, abandon_on_cancel=True) if large else told()
        return Outcome(summary, handle, stored.card.title, stored.media_type, len(stored.body))

    def _told(
        self, stored: StoredResult, path: str | None, start: int, stop: int | None, fields: tuple[str, ...]
    ) -> Summary:
        page = read(self._value(stored), path, start, stop, fields)
        return page_summary(page, stored.card.provenance, self._settings.result_tokens, stored.card.title)

    def _value(self, stored: StoredResult) -> Any:
        """The content as a value, which nothing here changes."""
        handle, value = self._last
        if handle != stored.card.handle:
            value = stored.answer().value
            if LARGE_BYTES < len(stored.body) <= CACHED_BYTES:
                self._last = (stored.card.handle, value)
        return value
