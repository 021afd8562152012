"""What `serve --tools` lists: everything, the core of each provider, or only the way to find a tool.

A preset says what is listed, never what may be called.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Literal

from audience_mcp.tools.finding import FINDING_NAMES
from audience_mcp.tools.own import (
    GET_SESSION,
    LIST_WORKSPACES,
    OWN_NAMES,
    QUERY_RESULTS,
    READ_RESULT,
    SELECT_WORKSPACE,
)

Preset = Literal["all", "core", "search"]
PRESETS: tuple[Preset, ...] = ("all", "core", "search")
SEARCH_NAMES = FINDING_NAMES | {LIST_WORKSPACES, SELECT_WORKSPACE, GET_SESSION, READ_RESULT, QUERY_RESULTS}
CORE_FILE = "core.json"


def lists(preset: Preset, name: str) -> bool:
    """Whether a preset lists the tool of that name, if this run offers it."""
    match preset:
        case "all":
            return name not in FINDING_NAMES
        case "core":
            return name in OWN_NAMES or name in FINDING_NAMES or name in core_names()
        case "search":
            return name in SEARCH_NAMES


@cache
def core_names() -> frozenset[str]:
    """The providers' tools that answer most questions, as the documents mark them (`x-tool.core`)."""
    file = resources.files("audience_mcp.compiled").joinpath(CORE_FILE)
    return frozenset(json.loads(file.read_bytes()))
