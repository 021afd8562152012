"""Our own tools as they are listed: workspaces, the session, stored results, argument grammars."""

from __future__ import annotations

from typing import Any

LIST_WORKSPACES = "list_workspaces"
SELECT_WORKSPACE = "select_workspace"
GET_SESSION = "get_session"
READ_RESULT = "read_result"
DESCRIBE_ARGUMENT = "describe_argument"
OWN_NAMES = frozenset({LIST_WORKSPACES, SELECT_WORKSPACE, GET_SESSION, READ_RESULT, DESCRIBE_ARGUMENT})


def own_tools(providers: tuple[str, ...]) -> list[dict[str, Any]]:
    """The listing of our own tools; `providers` are the ids a provider argument may take."""
    provider = {"type": "string", "enum": list(providers)}
    return [
        _tool(
            LIST_WORKSPACES,
            "List workspaces",
            "Every workspace (Synerise workspace, PostHog project, Faraday account, giosg organization) the configured"
            " credentials reach, with id, name, region and which one is in use.",
            {"provider": provider},
        ),
        _tool(
            SELECT_WORKSPACE,
            "Select a workspace",
            "Choose the workspace the next reads run in, by id or name. Writes never follow a selection: they take the"
            " workspace argument or the configured one.",
            {"workspace": {"type": "string", "minLength": 1}, "provider": provider},
            required=["workspace"],
            reads=False,
        ),
        _tool(
            GET_SESSION,
            "Show the session",
            "What is configured: providers, regions, who is logged in and until when, the workspace of reads and of"
            " writes, and how to configure what is missing.",
            {},
            opens=False,
        ),
        _tool(
            READ_RESULT,
            "Read a stored result",
            "Read the full data behind a summary by its handle: a part by JSONPath, a slice of a list, chosen fields."
            " Comes back as JSON, as many whole items as fit, with how to continue.",
            {
                "handle": {"type": "string"},
                "path": {"type": "string", "description": "JSONPath, e.g. $.results[*].name"},
                "start": {"type": "integer", "minimum": 0, "default": 0},
                "limit": {"type": "integer", "minimum": 1},
                "fields": {"type": "array", "items": {"type": "string"}},
            },
            required=["handle"],
            opens=False,
        ),
        _tool(
            DESCRIBE_ARGUMENT,
            "Describe an argument",
            "The full grammar of one argument of one tool as JSON Schema, e.g. filters of posthog_create_cohort."
            " Use it before writing a nested argument.",
            {"tool": {"type": "string"}, "argument": {"type": "string"}},
            required=["tool", "argument"],
            opens=False,
        ),
    ]


def _tool(
    name: str,
    title: str,
    description: str,
    properties: dict[str, Any],
    *,
    required: list[str] | None = None,
    reads: bool = True,
    opens: bool = True,
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    return {
        "name": name,
        "title": title,
        "description": description,
        "inputSchema": schema,
        "annotations": {
            "title": title,
            "readOnlyHint": reads,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": opens,
        },
    }
