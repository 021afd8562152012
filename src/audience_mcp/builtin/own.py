"""Our own tools by name, their arguments checked like any other's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from audience_mcp.builtin.changes import Changes
from audience_mcp.builtin.charts import Charts
from audience_mcp.builtin.exports import Exports
from audience_mcp.builtin.grammar import Grammar
from audience_mcp.builtin.overview import Overview
from audience_mcp.builtin.queries import Queries
from audience_mcp.builtin.stored import StoredResults
from audience_mcp.builtin.undo import Undo
from audience_mcp.builtin.workspaces import Workspaces
from audience_mcp.call.asker import Asker
from audience_mcp.call.outcome import Outcome
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.own import (
    CHART_RESULT,
    DESCRIBE_ARGUMENT,
    EXPORT_RESULT,
    GET_SESSION,
    LIST_CHANGES,
    LIST_WORKSPACES,
    QUERY_RESULTS,
    READ_RESULT,
    SELECT_WORKSPACE,
    UNDO_CHANGE,
)

if TYPE_CHECKING:
    from audience_mcp.tools.arguments import ArgumentChecker


class OwnTools:
    """Runs our own tools."""

    def __init__(
        self,
        catalog: Catalog,
        workspaces: Workspaces,
        overview: Overview,
        stored: StoredResults,
        queries: Queries,
        charts: Charts,
        exports: Exports,
        changes: Changes,
        undo: Undo,
        grammar: Grammar,
    ) -> None:
        self._catalog, self._workspaces, self._overview = catalog, workspaces, overview
        self._stored, self._queries, self._charts = stored, queries, charts
        self._exports, self._changes, self._undo, self._grammar = exports, changes, undo, grammar
        self._checkers: dict[str, ArgumentChecker] = {}

    async def run(self, name: str, sent: Mapping[str, Any], asker: Asker) -> Outcome:
        """Run one of them; `asker` is for the one that writes.

        Raises:
            AudienceError: Of the kinds of DESIGN section 10.
        """
        self._catalog.check_offered(name)
        arguments = self._checker(name).check(sent)
        match name:
            case _ if name == LIST_WORKSPACES:
                return await self._workspaces.listed(arguments.get("provider"))
            case _ if name == SELECT_WORKSPACE:
                return await self._workspaces.select(arguments["workspace"], arguments.get("provider"))
            case _ if name == GET_SESSION:
                return self._overview.told()
            case _ if name == READ_RESULT:
                return await self._stored.read(**arguments)
            case _ if name == QUERY_RESULTS:
                return await self._queries.run(arguments["sql"])
            case _ if name == CHART_RESULT:
                return await self._charts.draw(**arguments)
            case _ if name == EXPORT_RESULT:
                return await self._exports.export(**arguments)
            case _ if name == LIST_CHANGES:
                return await self._changes.listed(**arguments)
            case _ if name == UNDO_CHANGE:
                return await self._undo.undo(asker=asker, **arguments)
            case _ if name == DESCRIBE_ARGUMENT:
                return self._grammar.told(arguments["tool"], arguments["argument"])
        raise KeyError(name)

    def _checker(self, name: str) -> ArgumentChecker:
        from audience_mcp.tools.arguments import ArgumentChecker

        if name not in self._checkers:
            self._checkers[name] = ArgumentChecker(name, self._catalog.wire(name)["inputSchema"])
        return self._checkers[name]
