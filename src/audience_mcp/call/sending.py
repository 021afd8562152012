"""One operation with its access -> the provider's answer; a refused token is renewed once, failures are told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from audience_mcp.call.asker import Asker, NoAsker
from audience_mcp.call.replies import answer_of
from audience_mcp.errors import (
    AudienceError,
    ContractUnconfirmed,
    CredentialsMissing,
    NotFound,
    NotOffered,
    SecondFactorRequired,
)
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers.base import Token
from audience_mcp.rest.client import Client, Reply
from audience_mcp.rest.failures import failure
from audience_mcp.rest.patience import Patience
from audience_mcp.rest.request import Request, build
from audience_mcp.session.access import Access
from audience_mcp.tools.catalog import Catalog

UNAUTHORIZED = 401


class Sender:
    """The one request path of tool calls."""

    def __init__(self, catalog: Catalog, client: Client, patience: Patience) -> None:
        self._catalog, self._client, self._patience = catalog, client, patience

    async def send(self, operation: Operation, arguments: Mapping[str, Any], access: Access, asker: Asker) -> Reply:
        """Send the call, again where that is safe, and return a successful reply.

        Raises:
            AudienceError: Of the kinds of DESIGN section 10, with provider, workspace and region in it.
        """
        host = urlsplit(access.endpoints.urls[operation.base]).netloc
        once = partial(self._once, operation, arguments, access, asker)
        try:
            await self.token(operation, access, asker)  # a log-in has attempts of its own, apart from the call's
            return await self._patience.send(operation, arguments, access.login.credential.label, host, once)
        except AudienceError as error:
            raise placed(error, access) from None

    async def _once(self, operation: Operation, arguments: Mapping[str, Any], access: Access, asker: Asker) -> Reply:
        """One attempt; a refused token is renewed and the call repeated once."""
        token = await self.token(operation, access, asker)
        reply = await self._client.send(self.request(operation, arguments, access, token), writes=operation.writes)
        if reply.status == UNAUTHORIZED and operation.tool.identity != "none":
            renewed = await self._renewed(operation, access, asker, token)
            if renewed is not None:
                # The provider did nothing: it is safe to repeat once, whatever the operation does.
                token = renewed
                reply = await self._client.send(
                    self.request(operation, arguments, access, token), writes=operation.writes
                )
        if 200 <= reply.status < 300:
            if operation.repeatable and reply.is_spoilt:
                answer_of(operation, reply)  # raises what it is in truth, while it may still be sent again
            return reply
        raise await self._told(operation, arguments, access, reply, token)

    async def read(self, provider: str, operation_id: str, arguments: Mapping[str, Any], access: Access) -> Any:
        """A second read on the way of another call; its decoded answer."""
        operation = self._catalog.operation(provider, operation_id).operation
        reply = await self.send(operation, arguments, access, NoAsker())
        return answer_of(operation, reply).value

    async def token(self, operation: Operation, access: Access, asker: Asker) -> Token:
        """A token for the call; a second factor that is due is asked from the user."""
        login, identity, event = access.login, operation.tool.identity, operation.tool.session
        try:
            return await login.token(identity, access.workspace, event)
        except SecondFactorRequired as error:
            code = await asker.text("second_factor", f"{error.message} Enter the code.", "Verification code")
            if not code:
                raise
            await login.confirm_factor(code.strip())
            return await login.token(identity, access.workspace, event)

    def request(
        self, operation: Operation, arguments: Mapping[str, Any], access: Access, token: Token | None
    ) -> Request:
        """The exact request of the call."""
        return build(
            operation,
            arguments,
            base_url=access.endpoints.urls[operation.base],
            workspace=access.workspace_id,
            secrets=access.login.credential.secrets,
            headers=token.headers if token else None,
        )

    async def _renewed(self, operation: Operation, access: Access, asker: Asker, refused: Token) -> Token | None:
        """Another token in place of a refused one; None where there is no other, so that repeating would not help."""
        access.login.reject(refused)
        try:
            token = await self.token(operation, access, asker)
        except CredentialsMissing:
            return None  # the refusal itself says more
        # The same object was waiting (a second factor's log-in); an equal one without an end is a key as it stands.
        same = token is refused or (token == refused and token.expires is None)
        return None if same else token

    async def _told(
        self, operation: Operation, arguments: Mapping[str, Any], access: Access, reply: Reply, token: Token
    ) -> AudienceError:
        secrets = tuple(secret.get_secret_value() for secret in access.login.credential.secrets.values())
        error = failure(operation, reply, secrets + token.secrets)
        doubtful = operation.tool.contract in ("sibling", "inferred")
        if not doubtful or not isinstance(error, NotFound | NotOffered):
            return error
        if isinstance(error, NotFound) and await self._is_missing(operation, arguments, access):
            return error
        return unconfirmed(self._catalog, operation, f"{operation.title}: HTTP {reply.status}.", reply.status)

    async def _is_missing(self, operation: Operation, arguments: Mapping[str, Any], access: Access) -> bool:
        """Whether the object's own documented address shows that it is the id that is wrong."""
        hint = operation.tool.object
        if hint is None or hint.argument not in arguments:
            return False
        try:
            await self.read(operation.provider, hint.operation, {hint.argument: arguments[hint.argument]}, access)
        except NotFound:
            return True
        except AudienceError:
            return False
        return False


def placed(error: AudienceError, access: Access) -> AudienceError:
    """The error with where it happened; a key's own workspace by the id that its log-in told since the call began."""
    workspace = access.workspace
    if workspace is not None and workspace.id is None:
        workspace = access.login.own_workspace() or workspace
    return error.located(access.provider.id, workspace.title if workspace else None, access.endpoints.region)


def unconfirmed(catalog: Catalog, operation: Operation, message: str, status: int | None = None) -> ContractUnconfirmed:
    """The error for an operation whose path no public page shows; names what answers nearly the same, and the cures."""
    provider = operation.provider
    near = [catalog.operation(provider, name).operation for name in operation.tool.nearly]
    how = "is a guess" if operation.tool.contract == "inferred" else "follows its documented siblings"
    remedy = f"`audience-mcp contract import {provider}` takes it from the provider's own document"
    if operation.access == "read":
        remedy += f", or `audience-mcp contract probe {provider}` finds it out with harmless requests"
    return ContractUnconfirmed(
        f"{message} The path {operation.method} {operation.path} {how} and is not confirmed for this provider.",
        (f"Nearly the same is documented: {'; '.join(map(_with_arguments, near))}. " if near else "")
        + f"The user can make the path certain: {remedy}.",
        status=status,
        provider=provider,
    )


def _with_arguments(operation: Operation) -> str:
    """A tool and what must be passed to it."""
    needed = [argument.name for argument in operation.arguments if argument.required]
    return operation.name + (f" with {' and '.join(needed)}" if needed else "")
