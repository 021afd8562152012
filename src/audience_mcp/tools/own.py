"""Our own tools as they are listed: workspaces, the session, stored results, argument grammars."""

from __future__ import annotations

from typing import Any

LIST_WORKSPACES = "list_workspaces"
SELECT_WORKSPACE = "select_workspace"
GET_SESSION = "get_session"
READ_RESULT = "read_result"
DESCRIBE_ARGUMENT = "describe_argument"
QUERY_RESULTS = "query_results"
CHART_RESULT = "chart_result"
EXPORT_RESULT = "export_result"
LIST_CHANGES = "list_changes"
UNDO_CHANGE = "undo_change"
OWN_NAMES = frozenset(
    {
        LIST_WORKSPACES,
        SELECT_WORKSPACE,
        GET_SESSION,
        READ_RESULT,
        DESCRIBE_ARGUMENT,
        QUERY_RESULTS,
        CHART_RESULT,
        EXPORT_RESULT,
        LIST_CHANGES,
        UNDO_CHANGE,
    }
)
CHART_PAGE = "ui://audience-mcp/chart.html"
CHARTS = ("funnel", "line", "bar", "histogram", "sankey", "stacked_area", "table")
EXPORTS = ("csv", "json", "parquet", "png")


def own_tools(providers: tuple[str, ...]) -> list[dict[str, Any]]:
    """The listing of our own tools; `providers` are the ids a provider argument may take."""
    provider = {"type": "string", "enum": list(providers)}
    return [
        own_tool(
            LIST_WORKSPACES,
            "List workspaces",
            "Every workspace (Synerise workspace, PostHog project, Faraday account, giosg organization) the configured"
            " credentials reach, with id, name, region and which one is in use.",
            {"provider": provider},
        ),
        own_tool(
            SELECT_WORKSPACE,
            "Select a workspace",
            "Choose the workspace the next reads run in, by id or name. Writes never follow a selection: they take the"
            " workspace argument or the configured one.",
            {"workspace": {"type": "string", "minLength": 1}, "provider": provider},
            required=["workspace"],
            reads=False,
        ),
        own_tool(
            GET_SESSION,
            "Show the session",
            "What is configured: providers, regions, who is logged in and until when, the workspace of reads and of"
            " writes, and how to configure what is missing.",
            {},
            opens=False,
        ),
        own_tool(
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
        own_tool(
            QUERY_RESULTS,
            "Query stored results by SQL",
            "Run one DuckDB SELECT over stored results; a handle is its table's name, so several can be joined."
            " The last line of each answer names the columns (untyped is text) and further tables (.links is"
            " HANDLE.links; .top, the fields beside a list). The rows are a new result.",
            {
                "sql": {
                    "type": "string",
                    "minLength": 1,
                    "examples": ["SELECT name, d.count FROM r_a JOIN r_b ON id = key, unnest(days) t(d)"],
                }
            },
            required=["sql"],
            opens=False,
        ),
        own_tool(
            CHART_RESULT,
            "Chart a stored result",
            "Draw a stored result; without `chart` as its data says. x, y and series name its columns.",
            {
                "handle": {"type": "string"},
                "chart": {"type": "string", "enum": list(CHARTS)},
                "x": {"type": "string"},
                "y": {"type": "string"},
                "series": {"type": "string"},
                "title": {"type": "string"},
            },
            required=["handle"],
            opens=False,
            page=CHART_PAGE,
        ),
        own_tool(
            EXPORT_RESULT,
            "Export a stored result to a file",
            "Write the full data (or with png its chart) to a file below the folder the user allowed; never over an"
            " existing file unless overwrite is true. Comes back with the path.",
            {
                "handle": {"type": "string"},
                "format": {"type": "string", "enum": list(EXPORTS)},
                "file": {"type": "string", "description": "relative to the export folder"},
                "overwrite": {"type": "boolean", "default": False},
            },
            required=["handle", "format"],
            reads=False,
            opens=False,
            destroys=True,  # with overwrite it replaces a file
        ),
        own_tool(
            LIST_CHANGES,
            "List changes",
            "What this server changed, newest first, and whether undo_change can take it back.",
            {
                "provider": provider,
                "workspace": {"type": "string"},
                "limit": {"type": "integer", "minimum": 1, "maximum": 500, "default": 20},
            },
            opens=False,
        ),
        own_tool(
            UNDO_CHANGE,
            "Undo a change",
            "Take one change back: restore fields, delete what was created, or make a deleted object again as a copy"
            " with a new id. Refused if the object was changed since.",
            {"change": {"type": "string"}, "dry_run": {"type": "boolean"}, "confirm": {"type": "string"}},
            required=["change"],
            reads=False,
            destroys=True,
        ),
        own_tool(
            DESCRIBE_ARGUMENT,
            "Describe an argument",
            "The full grammar of one argument of one tool as JSON Schema, e.g. filters of posthog_create_cohort."
            " Use it before writing a nested argument.",
            {"tool": {"type": "string"}, "argument": {"type": "string"}},
            required=["tool", "argument"],
            opens=False,
        ),
    ]


def own_tool(
    name: str,
    title: str,
    description: str,
    properties: dict[str, Any],
    *,
    required: list[str] | None = None,
    reads: bool = True,
    opens: bool = True,
    destroys: bool = False,
    page: str | None = None,
) -> dict[str, Any]:
    """One tool of ours as it is listed; `opens` says that it reaches beyond this server, `page` is its MCP App."""
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
            "destructiveHint": destroys,
            "idempotentHint": not destroys,
            "openWorldHint": opens,
        },
        **({"_meta": {"ui": {"resourceUri": page}}} if page else {}),
    }
