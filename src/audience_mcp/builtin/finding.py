"""search_tools and call_tool: from what somebody wants to do, or from a name, to the tool."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from audience_mcp.builtin.provenance import own_provenance
from audience_mcp.call.outcome import Outcome
from audience_mcp.errors import InvalidArguments
from audience_mcp.results.fit import LEAST_BUDGET, fits
from audience_mcp.results.summary import Summary, Table
from audience_mcp.results.wording import counted, cut, named
from audience_mcp.search.words import apart
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import META_KEY, Catalog
from audience_mcp.tools.finding import CALL_TOOL, SEARCH_TOOLS, USUAL_FOUND

if TYPE_CHECKING:
    from audience_mcp.search.ranking import Ranking

COLUMNS = ("tool", "access", "description", "inputSchema")
KIND = "tools"
MOST_NEXT, MOST_NEAR = 8, 3


class Finding:
    """Leads to every tool that this run offers, listed or not."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings, self._catalog = settings, catalog

    def told(self, sent: Mapping[str, Any]) -> Outcome:
        """The tools that do what the query says: the best with their schemas, as many as fit, and the next by name.

        Raises:
            InvalidArguments: An argument is missing, unknown or out of range.
            NotOffered: Its provider is not offered.
        """
        arguments = self._checked(SEARCH_TOOLS, sent)
        query, provider = arguments["query"], arguments.get("provider")
        names = self._ranking.ranked(query)
        if provider is not None:
            names = [name for name in names if self._meta(name).get("provider") == provider]
        return Outcome(self._summary(query, names, arguments.get("limit", USUAL_FOUND)))

    def meant(self, sent: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The tool that call_tool is to run, and that tool's arguments.

        Raises:
            InvalidArguments: There is no such tool, or it is call_tool itself.
        """
        arguments = self._checked(CALL_TOOL, sent)
        name = arguments["name"].strip()
        if name == CALL_TOOL:
            raise InvalidArguments(
                f"{CALL_TOOL} runs other tools, not itself.",
                "Pass the name of the tool that is meant, and its arguments.",
            )
        if not self._catalog.knows(name):
            near = self._ranking.ranked(apart([cut(name)]))[:MOST_NEAR]
            raise InvalidArguments(
                f"There is no tool {named(name)}" + (f"; the nearest are {', '.join(near)}." if near else "."),
                f"Take a name from this list, or find one with {SEARCH_TOOLS}.",
            )
        return name, arguments.get("arguments", {})

    @cached_property
    def _ranking(self) -> Ranking:
        """Made by the first search: most conversations need none."""
        from audience_mcp.search.ranking import Ranking

        return Ranking(self._catalog.offered())

    def _checked(self, name: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        from audience_mcp.tools.arguments import ArgumentChecker

        return ArgumentChecker(name, self._catalog.wire(name)["inputSchema"]).check(sent)

    def _meta(self, name: str) -> dict[str, Any]:
        meta: dict[str, Any] = self._catalog.wire(name).get("_meta", {}).get(META_KEY, {})
        return meta

    def _summary(self, query: str, names: list[str], limit: int) -> Summary:
        """As many of the first `limit` tools as the budget holds with their whole schemas."""
        source = own_provenance(SEARCH_TOOLS, sandbox=False)
        if not names:
            others = f"everything: there are tools for {', '.join(self._areas())}"
            return Summary(f"No tool fits {named(query)}.", KIND, (), None, (others,), source)
        most = min(limit, len(names))
        ways = [(shown, MOST_NEXT) for shown in range(most, 0, -1)] + [(0, more) for more in range(MOST_NEXT, 0, -1)]
        for shown, more in ways:
            table = Table(COLUMNS, tuple(map(self._row, names[:shown]))) if shown else None
            following = ", ".join(names[shown : shown + more])
            left_out = (f"the next best: {following}. Search for a name to see its schema",) if following else ()
            found = counted(shown, "tool") if shown else "Only names fit"
            headline = f"{found} for {named(query)}{', the best first' if shown > 1 else ''}."
            summary = Summary(headline, KIND, (), table, left_out, source)
            if fits(summary, max(self._settings.result_tokens, LEAST_BUDGET)):
                break
        return summary

    def _row(self, name: str) -> tuple[Any, ...]:
        tool = self._catalog.wire(name)
        access = self._meta(name).get("access") or ("read" if tool["annotations"]["readOnlyHint"] else "write")
        return name, access, tool["description"], tool["inputSchema"]

    def _areas(self) -> list[str]:
        """The toolsets that are offered, by provider."""
        areas: dict[str, set[str]] = {}
        for tool in self._catalog.offered():
            if meta := self._meta(tool["name"]):
                areas.setdefault(meta["provider"], set()).add(meta["toolset"].replace("_", " "))
        return [f"{provider} ({', '.join(sorted(toolsets))})" for provider, toolsets in sorted(areas.items())]
