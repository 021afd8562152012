"""Our own tools by name, their arguments checked like any other's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audience_mcp.builtin.grammar import Grammar
from audience_mcp.builtin.overview import Overview
from audience_mcp.builtin.stored import StoredResults
from audience_mcp.builtin.workspaces import Workspaces
from audience_mcp.call.outcome import Outcome
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.own import (
    DESCRIBE_ARGUMENT,
    GET_SESSION,
    LIST_WORKSPACES,
    READ_RESULT,
    SELECT_WORKSPACE,
)


class OwnTools:
    """Runs our own tools."""

    def __init__(
        self, catalog: Catalog, workspaces: Workspaces, overview: Overview, stored: StoredResults, grammar: Grammar
    ) -> None:
        self._catalog, self._workspaces, self._overview = catalog, workspaces, overview
        self._stored, self._grammar = stored, grammar

    async def run(self, name: str, sent: Mapping[str, Any]) -> Outcome:
        """Run one of them.

        Raises:
            AudienceError: Of the kinds of DESIGN section 10.
        """
        from audience_mcp.tools.arguments import ArgumentChecker

        arguments = ArgumentChecker(name, self._catalog.wire(name)["inputSchema"]).check(sent)
        match name:
            case _ if name == LIST_WORKSPACES:
                return await self._workspaces.listed(arguments.get("provider"))
            case _ if name == SELECT_WORKSPACE:
                return await self._workspaces.select(arguments["workspace"], arguments.get("provider"))
            case _ if name == GET_SESSION:
                return self._overview.told()
            case _ if name == READ_RESULT:
                return self._stored.read(**arguments)
            case _ if name == DESCRIBE_ARGUMENT:
                return self._grammar.told(arguments["tool"], arguments["argument"])
        raise KeyError(name)
