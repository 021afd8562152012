"""A log-in's own questions to its provider: one of its operations by name, sent over the one request path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from audience_mcp.errors import AudienceError, ProviderUnavailable
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers.base import Ask, Token
from audience_mcp.rest.client import Client, Reply
from audience_mcp.rest.failures import failure
from audience_mcp.rest.patience import Patience
from audience_mcp.rest.request import build
from audience_mcp.session.endpoints import Endpoints
from audience_mcp.settings import Credential
from audience_mcp.tools.catalog import Catalog


def asker(
    provider: str, credential: Credential, places: Endpoints, catalog: Catalog, client: Client, patience: Patience
) -> Ask:
    """An `Ask` for one credential; a refusal raises the error of its status, with provider and region in it.

    What fails for a moment is asked again as a call is; the call that needs the answer must not repeat that once more,
    for providers count log-ins that fail.
    """

    async def ask(operation: str, arguments: Mapping[str, Any], token: Token | None) -> Any:
        asked = catalog.operation(provider, operation).operation
        secrets = tuple(secret.get_secret_value() for secret in credential.secrets.values())
        answers: list[Any] = []

        async def once() -> Reply:
            request = build(
                asked,
                arguments,
                base_url=places.urls[asked.base],
                workspace=arguments.get(asked.workspace_parameter or ""),
                secrets=credential.secrets,
                headers=token.headers if token else None,
            )
            reply = await client.send(request, writes=False)
            if not 200 <= reply.status < 300:
                raise failure(asked, reply, secrets + (token.secrets if token else ()))
            answers.append(_decoded(asked, reply))
            return reply

        try:
            host = urlsplit(places.urls[asked.base]).netloc
            await patience.send(asked, arguments, credential.label, host, once)
        except AudienceError as error:
            error.settled = True
            raise error.located(provider, None, places.region) from None
        return answers[0]

    return ask


def _decoded(asked: Operation, reply: Reply) -> Any:
    """The JSON of an answer, None for an empty one; every log-in and directory operation answers JSON.

    Raises:
        ProviderUnavailable: It is something else, such as the page of a web application.
    """
    if not reply.body.strip():
        return None
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        kind = (reply.content_type or "").partition(";")[0].strip() or "something else"
        what = "spoilt on its way" if reply.is_spoilt else f"{kind} instead of JSON"
        error = ProviderUnavailable(
            f"{asked.title}: the answer is {what}.",
            "Check the base URL (host and path) and whether a proxy stands between.",
            status=reply.status,
        )
        error.settled = not reply.is_spoilt
        raise error from None
