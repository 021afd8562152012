"""Prompts and suggestions on the wire: prompts/list, prompts/get, completion/complete."""

from __future__ import annotations

from typing import Any

import mcp_types as t
from mcp import MCPError
from mcp.server.context import ServerRequestContext

from audience_mcp.errors import InvalidArguments
from audience_mcp.server.completion import Suggestions
from audience_mcp.server.prompts.book import Prompt
from audience_mcp.server.prompts.writing import Prompts

Context = ServerRequestContext[Any]
MOST_VALUES = 100  # of one answer to completion/complete, by the protocol
HANDLE = "handle"


class Prompting:
    """The handlers of a server; `template` is the URI template of stored results."""

    def __init__(self, prompts: Prompts, suggestions: Suggestions, template: str) -> None:
        self._prompts, self._suggestions, self._template = prompts, suggestions, template

    async def list_prompts(self, context: Context, params: t.PaginatedRequestParams | None) -> t.ListPromptsResult:
        """prompts/list: those that this run has steps for."""
        return t.ListPromptsResult(prompts=[_wire(prompt) for prompt in self._prompts.offered()])

    async def get_prompt(self, context: Context, params: t.GetPromptRequestParams) -> t.GetPromptResult:
        """prompts/get: one message.

        Raises:
            MCPError: There is no such prompt, or an argument is missing or unknown.
        """
        try:
            prompt = self._prompts.find(params.name)
            text = self._prompts.written(prompt, params.arguments or {})
        except InvalidArguments as error:
            raise MCPError(t.INVALID_PARAMS, f"{error.message} {error.remedy}") from None
        message = t.PromptMessage(role="user", content=t.TextContent(type="text", text=text))
        return t.GetPromptResult(description=prompt.description, messages=[message])

    async def complete(self, context: Context, params: t.CompleteRequestParams) -> t.CompleteResult:
        """completion/complete: for an argument of a prompt, and for the handle of a stored result.

        Raises:
            MCPError: There is no such prompt, argument or template.
        """
        values = self._values(params)
        return t.CompleteResult(
            completion=t.Completion(values=values[:MOST_VALUES], total=len(values), has_more=len(values) > MOST_VALUES)
        )

    def _values(self, params: t.CompleteRequestParams) -> list[str]:
        ref, name, typed = params.ref, params.argument.name, params.argument.value
        if isinstance(ref, t.ResourceTemplateReference):
            if ref.uri != self._template or name != HANDLE:
                raise MCPError(t.INVALID_PARAMS, f"The only template is {self._template}, with {HANDLE}.")
            return self._suggestions.of_handle(typed)
        try:
            prompt = self._prompts.find(ref.name)
        except InvalidArguments as error:
            raise MCPError(t.INVALID_PARAMS, f"{error.message} {error.remedy}") from None
        argument = prompt.argument(name)
        if argument is None:
            known = ", ".join(argument.name for argument in prompt.arguments)
            raise MCPError(t.INVALID_PARAMS, f"The prompt {prompt.name} has the arguments {known}.")
        return self._suggestions.of_argument(argument, typed, [part.provider for part in prompt.parts])


def _wire(prompt: Prompt) -> t.Prompt:
    arguments = [
        t.PromptArgument(name=argument.name, description=argument.description, required=argument.required)
        for argument in prompt.arguments
    ]
    return t.Prompt(name=prompt.name, title=prompt.title, description=prompt.description, arguments=arguments)
