"""describe_argument: the whole grammar of one argument, which the tool list shows in one line."""

from __future__ import annotations

import difflib
from typing import Any

from audience_mcp.builtin.provenance import own_provenance
from audience_mcp.call.outcome import Outcome
from audience_mcp.errors import InvalidArguments
from audience_mcp.results.page import page_summary
from audience_mcp.results.path import read
from audience_mcp.results.wording import named
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.finding import FINDING_NAMES
from audience_mcp.tools.own import DESCRIBE_ARGUMENT, OWN_NAMES

WHOLE_GRAMMAR_TOKENS = 4000  # a grammar cut short cannot be followed; it is our own text, not a payload

OUR_MEANINGS = {
    "workspace": "Id or name of the workspace this one call runs in; list_workspaces shows them.",
    "all_pages": "True reads every page of the list (at most 100) and keeps them as one result.",
    "dry_run": "True shows the request, the object as it is and what would differ; no write is sent.",
    "confirm": "The code of the first call, once the user has agreed; good for ten minutes and for exactly this call.",
}


class Grammar:
    """Looks grammars up in the compiled schemas."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings, self._catalog = settings, catalog

    def told(self, tool: str, argument: str) -> Outcome:
        """The grammar of `argument` of `tool` as JSON Schema.

        Raises:
            InvalidArguments: There is no such tool or argument.
        """
        if not self._catalog.knows(tool):
            raise InvalidArguments(f"There is no tool {named(tool)}.", "Use a name from the tool list.")
        own = tool in OWN_NAMES or tool in FINDING_NAMES
        schema = self._catalog.wire(tool)["inputSchema"] if own else self._catalog.call_target(tool).schema
        properties = schema["properties"]
        if argument not in properties:
            near = difflib.get_close_matches(argument, properties, n=1, cutoff=0.4)
            raise InvalidArguments(
                f"{tool} has no argument {named(argument)}" + (f"; did you mean {named(near[0])}?" if near else "."),
                f"Its arguments are: {', '.join(properties) or 'none'}.",
            )
        grammar: dict[str, Any] = {"required": argument in schema.get("required", []), "schema": properties[argument]}
        if argument in OUR_MEANINGS and not own:
            grammar["meaning"] = OUR_MEANINGS[argument]
        definitions = _used(properties[argument], schema.get("$defs", {}))
        if definitions:
            grammar["$defs"] = definitions
        provenance = own_provenance(DESCRIBE_ARGUMENT, sandbox=False)
        budget = max(self._settings.result_tokens, WHOLE_GRAMMAR_TOKENS)
        return Outcome(page_summary(read(grammar), provenance, budget, f"{argument} of {tool}"))


def _used(node: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions `node` needs, with those they need in turn."""
    found: dict[str, Any] = {}
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            reference = part.get("$ref")
            if isinstance(reference, str) and (name := reference.rsplit("/", 1)[-1]) not in found:
                found[name] = definitions[name]
                waiting.append(definitions[name])
            waiting += part.values()
    return found
