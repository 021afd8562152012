"""A log-in's own questions to its provider: one of its operations by name, sent over the one request path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from audience_mcp.errors import AudienceError, ProviderUnavailable
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers.base import Ask, Token
from audience_mcp.rest.client import Client, Reply
from audience_mcp.rest.failures import failure
from audience_mcp.rest.request import build
from audience_mcp.session.endpoints import Endpoints
from audience_mcp.settings import Credential
from audience_mcp.tools.catalog import Catalog


def asker(provider: str, credential: Credential, places: Endpoints, catalog: Catalog, client: Client) -> Ask:
    """An `Ask` for one credential; a refusal raises the error of its status, with provider and region in it."""

    async def ask(operation: str, arguments: Mapping[str, Any], token: Token | None) -> Any:
        asked = catalog.operation(provider, operation).operation
        secrets = tuple(secret.get_secret_value() for secret in credential.secrets.values())
        try:
            request = build(
                asked,
                arguments,
                base_url=places.urls[asked.base],
                secrets=credential.secrets,
                headers=token.headers if token else None,
            )
            reply = await client.send(request, writes=False)
            if not 200 <= reply.status < 300:
                raise failure(asked, reply, secrets + (token.secrets if token else ()))
            return _decoded(asked, reply)
        except AudienceError as error:
            raise error.located(provider, None, places.region) from None

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
        raise ProviderUnavailable(
            f"{asked.title}: the answer is {kind} instead of JSON.",
            "Check the base URL (host and path) and whether a proxy stands between.",
            status=reply.status,
        ) from None
