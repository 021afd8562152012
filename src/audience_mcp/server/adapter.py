"""Dispatcher and store -> an MCP server: tools, results as resources, both protocol eras."""

from __future__ import annotations

from typing import Any

import mcp_types as t
from mcp import MCPError
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity

from audience_mcp import __version__
from audience_mcp.errors import ResultExpired
from audience_mcp.results.store import ResultStore
from audience_mcp.server.chart_app import EXTENSION, ChartApp, meta_of, picture_of
from audience_mcp.server.client_asker import ClientAsker, InputNeeded
from audience_mcp.server.completion import Suggestions
from audience_mcp.server.dispatch import Dispatcher, Told
from audience_mcp.server.prompting import Prompting
from audience_mcp.server.prompts.writing import Prompts
from audience_mcp.tools.own import CHART_PAGE

SCHEME = "audience://results/"
TEMPLATE = SCHEME + "{handle}"
HOUR_MS = 3_600_000
Context = ServerRequestContext[Any]


def build_server(
    dispatcher: Dispatcher, store: ResultStore, instructions: str, prompts: Prompts, suggestions: Suggestions
) -> Server[Any]:
    """An MCP server over `dispatcher`; its tool list is fixed here."""
    catalog = dispatcher.catalog
    listing = t.ListToolsResult.model_validate({"tools": catalog.listing()})
    chart_app = ChartApp()
    prompting = Prompting(prompts, suggestions, TEMPLATE)

    def schema_of(name: str) -> dict[str, Any] | None:
        # Of tools that are not listed too: they may be called all the same.
        schema: dict[str, Any] | None = catalog.wire(name)["inputSchema"] if catalog.knows(name) else None
        return schema

    async def list_tools(context: Context, params: t.PaginatedRequestParams | None) -> t.ListToolsResult:
        return listing

    async def call_tool(context: Context, params: t.CallToolRequestParams) -> t.CallToolResult | t.InputRequiredResult:
        try:
            asker = ClientAsker(context, params)
            told = await dispatcher.run(params.name, params.arguments or {}, asker, _client(context))
        except InputNeeded as needed:
            return needed.result
        except KeyError:
            raise MCPError(t.INVALID_PARAMS, f"Unknown tool: {params.name}") from None
        return _result(told, context)

    async def list_resources(context: Context, params: t.PaginatedRequestParams | None) -> t.ListResourcesResult:
        return t.ListResourcesResult(resources=[])

    async def list_templates(
        context: Context, params: t.PaginatedRequestParams | None
    ) -> t.ListResourceTemplatesResult:
        template = t.ResourceTemplate(
            uri_template=TEMPLATE,
            name="result",
            title="Stored result",
            description="The full data behind a summary, by the handle in its last line.",
        )
        return t.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(context: Context, params: t.ReadResourceRequestParams) -> t.ReadResourceResult:
        uri = str(params.uri)
        if uri == CHART_PAGE:
            return t.ReadResourceResult(contents=[await chart_app.contents()])
        try:
            stored = store.get(uri.removeprefix(SCHEME))
        except ResultExpired as error:
            raise MCPError(t.INVALID_PARAMS, error.text()) from None
        text = stored.body.decode("utf-8-sig", "replace")
        return t.ReadResourceResult(contents=[t.TextResourceContents(uri=uri, mime_type=stored.media_type, text=text)])

    server: Server[Any] = Server(
        "audience-mcp",
        version=__version__,
        title="Customer analytics",
        description="Synerise, PostHog, Faraday and giosg as typed tools with short answers.",
        instructions=instructions,
        get_tool_input_schema=schema_of,
        cache_hints={
            "tools/list": CacheHint(ttl_ms=HOUR_MS, scope="private"),
            "server/discover": CacheHint(ttl_ms=HOUR_MS),
        },
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_list_prompts=prompting.list_prompts,
        on_get_prompt=prompting.get_prompt,
        on_completion=prompting.complete,
    )
    server.extensions |= EXTENSION
    server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=server.name))
    return server


def _client(context: Context) -> tuple[str, str] | None:
    """The name and version that the client gives itself."""
    told = context.session.client_params
    return (told.client_info.name, told.client_info.version) if told else None


def _result(told: Told, context: Context) -> t.CallToolResult:
    content: list[t.ContentBlock] = [t.TextContent(type="text", text=told.text)]
    outcome = told.outcome
    if outcome is not None and outcome.handle is not None:
        content.append(
            t.ResourceLink(
                type="resource_link",
                uri=SCHEME + outcome.handle,
                name=outcome.handle,
                title=f"Full data: {outcome.title}",
                mime_type=outcome.media_type,
                size=outcome.size,
            )
        )
    meta = None
    if outcome is not None:
        content[1:1] = picture_of(outcome)
        meta = meta_of(outcome, context)
    return t.CallToolResult(content=content, structured_content=told.structured, is_error=told.is_error, _meta=meta)
