"""chart_result: a picture of a stored result, the specification it was drawn from, and in words what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import to_thread

from audience_mcp.call.outcome import Outcome
from audience_mcp.results.draft import Draft
from audience_mcp.results.fit import fit
from audience_mcp.results.store import ResultStore
from audience_mcp.results.stored import StoredResult
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import cut, named
from audience_mcp.settings import Settings

if TYPE_CHECKING:
    from audience_mcp.charts.drawing import Chart
    from audience_mcp.charts.forms import Options

KIND = "chart"
_LONGEST_TITLE, _LONGEST_AXIS = 120, 40


class Charts:
    """Draws stored results by handle."""

    def __init__(self, settings: Settings, store: ResultStore) -> None:
        self._settings, self._store = settings, store

    async def draw(
        self,
        handle: str,
        chart: str | None = None,
        x: str | None = None,
        y: str | None = None,
        series: str | None = None,
        title: str | None = None,
    ) -> Outcome:
        """The chart of a result: of the kind that was asked for, else as its data says.

        Raises:
            ResultExpired: The result is gone; the remedy names the call to repeat.
            InvalidArguments: There is no such column, or the data does not make the chart; the remedy says what else.
            Timeout: The picture took too long to draw.
        """
        from audience_mcp.charts.forms import Options  # charts are loaded by who draws
        from audience_mcp.charts.picture import drawn

        stored = self._store.get(handle)
        options = Options(chart, x, y, series, title and cut(title, _LONGEST_TITLE))
        made = await to_thread.run_sync(_specified, stored, options, abandon_on_cancel=True)
        picture = await drawn(made.specification)
        card = stored.card
        summary = fit(told(made), made.provenance, self._settings.result_tokens)
        return Outcome(
            summary, handle, card.title, stored.media_type, len(stored.body), picture=picture, app=made.specification
        )


def told(chart: Chart) -> Draft:
    """What a chart shows, for who cannot see it; and what of the data it does not."""
    drawing = chart.drawing
    axes = [
        f"{axis} {named(name, _LONGEST_AXIS)}"
        for axis, name in (("x", drawing.x), ("y", drawing.y))
        if name is not None
    ]
    words = chart.kind.replace("_", " ")
    article = "" if words == "table" else " chart"
    said = f"{words.capitalize()}{article} of {named(chart.title)}: {'; '.join([drawing.said, *axes])}."
    draft = Draft(
        KIND,
        f"SANDBOX: {said}" if chart.provenance.sandbox else said,
        [Figure("points drawn", drawing.points, path=drawing.path)],
    )
    if drawing.notes:
        draft.further = f"in the chart: {'; '.join(drawing.notes)}. The numbers are all in the result."
    return draft


def _specified(stored: StoredResult, options: Options) -> Chart:
    from audience_mcp.charts.drawing import specify

    return specify(stored.view(), stored.card.provenance, options)
