"""A name that a foreign document adds -> why it may not become an argument, or nothing."""

from __future__ import annotations

import re

from audience_mcp.contract.importing.cleaning import PROTOTYPES
from audience_mcp.openapi.document import Node
from audience_mcp.tools.schema import OUR_ARGUMENTS
from audience_mcp.tools.secrecy import sounds_secret

# What MCP clients take for an argument's name, and short enough to be a name.
ARGUMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,47}")
# What the request carries anyway, or what no analytics call needs.
SENT_HEADERS = frozenset({"accept", "accept-language", "authorization", "content-type", "user-agent", "api-version"})


def objection(name: str) -> str | None:
    """Why an argument of that name is not added."""
    if not ARGUMENT.fullmatch(name) or name in PROTOTYPES:
        return "clients would not take its name"
    if name in OUR_ARGUMENTS:
        return "this server has an argument of that name"
    return "it looks like a secret, and those the session supplies" if sounds_secret(name) else None


def argument(schema: Node) -> Node:
    """The schema of a new argument; a fixed value becomes a choice of one, so that nothing is sent unasked."""
    if "const" not in schema:
        return schema
    return {**{key: value for key, value in schema.items() if key != "const"}, "enum": [schema["const"]]}
