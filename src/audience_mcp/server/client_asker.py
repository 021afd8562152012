"""The person at an MCP client: asked by elicitation, in the form of the protocol era, and told of progress."""

from __future__ import annotations

from typing import Any

import mcp_types as t
from mcp import MCPError
from mcp.server.context import ServerRequestContext

from audience_mcp.errors import Declined
from audience_mcp.server.dispatch import Interrupted

MODERN = "2026-07-28"


class InputNeeded(Interrupted):
    """The call must be repeated by the client with an answer (2026-07-28 has no server-to-client requests)."""

    def __init__(self, key: str, request: t.ElicitRequest) -> None:
        super().__init__(key)
        self.result = t.InputRequiredResult(input_requests={key: request})


class ClientAsker:
    """An `Asker` for one request."""

    def __init__(self, context: ServerRequestContext[Any], params: t.CallToolRequestParams) -> None:
        self._context, self._params = context, params

    @property
    def listens(self) -> bool:
        return (self._context.meta or {}).get("progress_token") is not None

    async def report(self, done: float, total: float | None, message: str) -> None:
        await self._context.session.report_progress(done, total, message)

    async def text(self, key: str, message: str, title: str) -> str | None:
        schema = {"type": "object", "required": ["value"], "properties": {"value": {"type": "string", "title": title}}}
        answer = await self._asked(key, message, schema)
        if answer is None:
            return None
        if answer.action != "accept":
            raise Declined("The user did not give what was asked for; nothing was sent.", "Ask the user in the chat.")
        value = (answer.content or {}).get("value")
        return value if isinstance(value, str) else None

    async def yes(self, key: str, message: str) -> bool | None:
        schema = {"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean", "title": "Do it"}}}
        answer = await self._asked(key, message, schema)
        if answer is None:
            return None
        return answer.action == "accept" and (answer.content or {}).get("ok") is True

    async def _asked(self, key: str, message: str, schema: dict[str, Any]) -> t.ElicitResult | None:
        given = (self._params.input_responses or {}).get(key)
        if isinstance(given, t.ElicitResult):
            return given
        capabilities = self._context.session.client_capabilities
        elicitation = capabilities.elicitation if capabilities else None
        if elicitation is None or (elicitation.form is None and elicitation.url is not None):
            return None  # `elicitation: {}` means forms
        if self._context.protocol_version >= MODERN:
            params = t.ElicitRequestFormParams(message=message, requested_schema=schema)
            raise InputNeeded(key, t.ElicitRequest(params=params))
        if not self._context.session.can_send_request:
            return None
        try:
            return await self._context.session.elicit_form(message, schema, related_request_id=self._context.request_id)
        except MCPError:
            return None  # it said it could ask, and answered the question with an error
