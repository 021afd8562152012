"""The chart App on the wire: the page as a `ui://` resource, and in a result the specification for who shows it.

MCP Apps, extension `io.modelcontextprotocol/ui`, revision 2026-01-26.
"""

from __future__ import annotations

import base64
from typing import Any

import mcp_types as t
from anyio import Lock
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID, client_supports_apps
from mcp.server.context import ServerRequestContext

from audience_mcp.call.outcome import Outcome
from audience_mcp.tools.own import CHART_PAGE

Context = ServerRequestContext[Any]

EXTENSION = {EXTENSION_ID: {"mimeTypes": [APP_MIME_TYPE]}}
# The page connects to nothing and loads nothing, and says so: hosts then allow it nothing.
_META = {"ui": {"csp": {"connectDomains": [], "resourceDomains": []}, "prefersBorder": True}}


class ChartApp:
    """The page, made when it is first asked for."""

    def __init__(self) -> None:
        self._page: str | None = None
        self._making = Lock()

    async def contents(self) -> t.TextResourceContents:
        """The page as the contents of its resource."""
        async with self._making:
            if self._page is None:
                from audience_mcp.charts.page import built

                self._page = await built()
        return t.TextResourceContents(uri=CHART_PAGE, mime_type=APP_MIME_TYPE, text=self._page, _meta=_META)


def picture_of(outcome: Outcome) -> list[t.ContentBlock]:
    """The picture, for every client: one that shows Apps may fail to, and its model may look at a picture."""
    if outcome.picture is None:
        return []
    data = base64.b64encode(outcome.picture).decode()
    return [t.ImageContent(type="image", data=data, mime_type="image/png")]


def meta_of(outcome: Outcome, context: Context) -> dict[str, Any] | None:
    """The specification, for clients that show Apps alone: it is of the size of the data that is drawn."""
    if outcome.app is None or not client_supports_apps(context):
        return None
    from audience_mcp.charts.page import KEY

    return {KEY: outcome.app}
