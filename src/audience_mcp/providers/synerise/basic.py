"""Basic authorization: the workspace's GUID and its key as one header, and whether the two belong together."""

from __future__ import annotations

import base64
from collections.abc import Callable

from pydantic import SecretStr

from audience_mcp.errors import AudienceError, CredentialsRejected, WorkspaceUnknown
from audience_mcp.providers.base import Ask, Token
from audience_mcp.providers.synerise.answers import token_of


def basic_token(guid: str, key: str) -> Token:
    """The header of both."""
    pair = base64.b64encode(f"{guid}:{key}".encode()).decode()
    return Token({"Authorization": SecretStr(f"Basic {pair}")})


async def wrong_guid(ask: Ask, basic: Token, variable: Callable[[str], str]) -> AudienceError | None:
    """Why the pair is refused: the key too, or the GUID alone, which only the key's own log-in tells apart.

    `variable` writes a variable's name under the credential's label. None where the pair is taken, or nobody can tell.
    """
    try:
        await ask("check_permissions", {"permissions": []}, basic)
        return None
    except CredentialsRejected as error:
        refused = error
    except AudienceError:
        return None
    try:
        _, claims = token_of(await ask("log_in_workspace", {}, Token()))
    except AudienceError:
        return refused
    guid, auth = variable("SYNERISE_WORKSPACE_GUID"), variable("SYNERISE_AUTH")
    number = f", which has the number {claims.workspace}" if claims.workspace else ""
    return WorkspaceUnknown(
        f"{guid} is not the GUID of the key's workspace{number}.",
        f"The user sets {guid} to the GUID that Synerise shows in that workspace's settings, or removes {auth}=basic"
        " (a key alone is enough), and restarts the server.",
        provider="synerise",
        status=refused.status,
    )
