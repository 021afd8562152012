"""export_result: a stored result as a file below the folder the user allowed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio import lowlevel, to_thread

from audience_mcp.call.outcome import Outcome
from audience_mcp.errors import NotOffered
from audience_mcp.results.report import report
from audience_mcp.results.store import ResultStore
from audience_mcp.results.stored import Card, StoredResult
from audience_mcp.results.wording import counted, cut, named
from audience_mcp.settings import Settings

if TYPE_CHECKING:
    from audience_mcp.charts.drawing import Chart
    from audience_mcp.export.content import Content

KIND = "acknowledgement"


class Exports:
    """Writes stored results by handle."""

    def __init__(self, settings: Settings, store: ResultStore) -> None:
        self._folder, self._budget, self._store = settings.export_dir, settings.result_tokens, store

    async def export(self, handle: str, format: str, file: str | None = None, overwrite: bool = False) -> Outcome:
        """Write a result, whole or not at all; a call that is cancelled leaves no file.

        Raises:
            NotOffered: The user has allowed no folder, or it does not exist.
            ResultExpired: The result is gone; the remedy names the call to repeat.
            InvalidArguments: The file is no plain relative path, or the format does not suit it or the result.
            Conflict: There is such a file, and it was not to be written over; the remedy names a free one.
            PermissionDenied: The folder cannot be written.
        """
        from audience_mcp.export.folder import Draft
        from audience_mcp.export.naming import default, place

        configured = self._folder
        if configured is None:
            raise NotOffered(
                "Nothing can be exported: the user has allowed no folder to write to.",
                "The user sets AUDIENCE_MCP_EXPORT_DIR to a folder and restarts the server; until then read_result and"
                " query_results read the data.",
            )
        stored = self._store.get(handle)
        card = stored.card
        sandbox = card.provenance.sandbox
        path = place(default(card.title, handle) if file is None else file, format, sandbox=sandbox)
        made = await self._content(stored, format)
        # Told before it is done: once the file is there, nothing can fail any more.
        summary = report(
            KIND, _headline(card, path, made), _facts(path, configured, format, made), card.provenance, self._budget
        )
        with await to_thread.run_sync(Draft, configured.expanduser(), path, made.body) as draft:
            await lowlevel.checkpoint()  # from here on it is too late to be cancelled
            draft.publish(overwrite=overwrite)
        return Outcome(summary, handle, card.title, stored.media_type, len(stored.body))

    async def _content(self, stored: StoredResult, format: str) -> Content:
        from audience_mcp.export.content import Content, content

        if format != "png":
            return await to_thread.run_sync(content, stored, format, abandon_on_cancel=True)
        from audience_mcp.charts.picture import drawn

        chart = await to_thread.run_sync(_specified, stored, abandon_on_cancel=True)
        return Content(await drawn(chart.specification), notes=(f"a {chart.kind} chart", *chart.drawing.notes))


def _specified(stored: StoredResult) -> Chart:
    from audience_mcp.charts.drawing import specify
    from audience_mcp.charts.forms import Options

    return specify(stored.view(), stored.card.provenance, Options())


def _headline(card: Card, path: tuple[str, ...], made: Content) -> str:
    size = [counted(made.rows, "row")] if made.rows is not None else []
    size += [counted(made.columns, "column")] if made.columns is not None else []
    told = f"{', '.join(size) or 'its chart'} written to {named('/'.join(path), 200)} below the export folder."
    if not card.provenance.sandbox:
        return f"{cut(card.title, 80) or 'Result'}: {told}"
    return f"SANDBOX: {cut(card.title, 80) or 'Result'}: {told} The data is made up, and the file's name says so."


def _facts(path: tuple[str, ...], configured: Path, form: str, made: Content) -> dict[str, Any]:
    size: dict[str, Any] = {"bytes": len(made.body), "rows": made.rows, "columns": made.columns}
    return {"file": "/".join(path), "folder": str(configured), "format": form, **size, "note": list(made.notes) or None}
